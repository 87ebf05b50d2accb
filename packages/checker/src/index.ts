export { check, HistoryCheck } from "./check.ts";
export { evidence } from "./evidence.ts";
export type { ToldEvent } from "./evidence.ts";
export { INVARIANT_IDS } from "./intake.ts";
export { invariantRule } from "./invariants/index.ts";
export { topicPrefix } from "./topic-prefix.ts";
export { readable } from "./words.ts";
export type * from "./history.ts";
export type * from "./verdict.ts";
