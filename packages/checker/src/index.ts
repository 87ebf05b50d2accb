export { check } from "./check.ts";
export { INVARIANT_IDS } from "./intake.ts";
export { invariantRule } from "./invariants/index.ts";
export { topicPrefix } from "./topic-prefix.ts";
export type * from "./history.ts";
export type * from "./verdict.ts";
