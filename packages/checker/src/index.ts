export type * from "./history.ts";
export type * from "./verdict.ts";
