export type * from "./consumer-options.ts";
