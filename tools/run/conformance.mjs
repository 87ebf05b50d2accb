// @ts-check
// `pnpm conformance [options]`: prepare the workspace, then hand everything to the suite's own CLI.
import { join } from "node:path";
import { prepare } from "./prepare.mjs";
import { root, run } from "./process.mjs";

const args = process.argv.slice(2);
const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
const foreign = args.includes("--");

await prepare({ addon: !foreign && !onlyInformation(own) && !onlyKafkajs(own) });
process.exitCode = await run(process.execPath, [
  join(root, "packages/conformance/dist/cli.js"),
  ...args,
]);

/** @param {readonly string[]} options */
function onlyInformation(options) {
  return options.some((option) =>
    ["--help", "-h", "--list", "--explain", "--version", "help"].includes(option),
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
