export { check } from "./check.ts";
export type * from "./history.ts";
export type * from "./verdict.ts";
