// @ts-check
// `pnpm conformance [options]`: prepare the workspace, then hand everything to the suite's own CLI.
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { root, run } from "./process.mjs";

const args = process.argv.slice(2);
const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
const foreign = args.includes("--");

if (args[0] === "check") process.exit(await check(args.slice(1)));

await prepare({ addon: !foreign && !onlyInformation(own) && !onlyKafkajs(own) });
process.exitCode = await run(process.execPath, [
  join(root, "packages/conformance/dist/cli.js"),
  ...args,
]);

/** A history is judged by a command of its own. @param {readonly string[]} args */
async function check(args) {
  await prepare({ addon: false });
  const cli = join(root, "packages/check/dist/cli.js");
  // pnpm changes to the root; what the user calls the file is said from where the user is.
  return run(process.execPath, [cli, ...args], { cwd: process.env["INIT_CWD"] ?? process.cwd() });
}

/** @param {readonly string[]} options */
function onlyInformation(options) {
  return options.some((option) =>
    ["--help", "-h", "--list", "--explain", "--version", "help", "replay"].includes(option),
  );
}

/** @param {readonly string[]} options */
function onlyKafkajs(options) {
  const named = options.flatMap((option, i) => {
    if (option === "--adapter") return [options[i + 1]];
    return option.startsWith("--adapter=") ? [option.slice("--adapter=".length)] : [];
  });
  return named.length > 0 && named.every((name) => name === "kafkajs");
}
