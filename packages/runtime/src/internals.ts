/**
 * For what drives the runtime instead of using it: simulations and test kits. Not part of the public
 * API; it may change with any release.
 */
export { bindEnvironment } from "./environment.ts";
export type { Environment } from "./environment.ts";
export type { Time, Timer } from "./time.ts";
