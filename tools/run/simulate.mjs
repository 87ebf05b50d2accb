// @ts-check
// `pnpm simulate [options]`: prepare the workspace, then hand everything to the simulation's own CLI.
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { root, run } from "./process.mjs";

await prepare({ addon: false });
process.exitCode = await run(process.execPath, [
  join(root, "packages/testkit/dist/simulation/cli.js"),
  ...process.argv.slice(2),
]);
