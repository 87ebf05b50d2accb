// @ts-check
// `pnpm test [vitest options]`: every unit, property, type and integration test.
import { prepare } from "./prepare.mjs";
import { run, step } from "./process.mjs";

const args = process.argv.slice(2);
await prepare({ addon: true });
process.exitCode =
  (await step("types of sources, tests and tools", () => run("tsc", ["-p", "tsconfig.json"]))) ||
  (await run("vitest", ["run", ...args]));
