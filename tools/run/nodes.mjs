// @ts-check
// `pnpm nodes [versions]`: the unit tests, and both adapters on a real Kafka, on other versions of Node.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { ensureAddon } from "../addon/ensure.mjs";
import { cacheFolder } from "../addon/machine.mjs";
import { command, say } from "./command.mjs";
import { UsageError } from "./options.mjs";
import { prepare } from "./prepare.mjs";
import { root, run, step } from "./process.mjs";

/** The newest of each line when this was last changed; the first is the oldest that is promised. */
const versions = new Map([
  ["20", "20.19.0"],
  ["22", "22.23.3"],
  ["24", "24.21.0"],
]);

/** What a Node could break: the handler's path, the dead letter's, a killed process' and its successor's. */
const cases = ["core/hold-head", "retry/exhausted-dlq", "proc/sigkill-mid-batch"];

const conformance = [
  join(root, "packages/conformance/dist/cli.js"),
  ...cases.flatMap((id) => ["--run", id]),
  ...["--out", join(root, "conformance-report/nodes")],
];

const help = `pnpm nodes [20] [22] [24]

  Runs the unit tests and a few conformance cases of both adapters on other versions of Node (default 22 and 24),
  which come from npm and are kept in the cache folder. Needs what pnpm conformance needs.

  exit codes: 0 all passed on each, 1 something failed, 4 no such Node for this machine, 64 wrong usage
`;

process.exitCode = await command({ help, options, run: main });

/** @param {ReturnType<typeof options>} asked */
async function main({ chosen }) {
  await prepare({ addon: false });
  /** @type {string[]} */
  const failed = [];
  for (const version of chosen) {
    const bin = await binaries(version);
    if (bin === null) return 4;
    const env = {
      PATH: [join(root, "node_modules/.bin"), bin, process.env["PATH"]].join(delimiter),
    };
    const on = (/** @type {string} */ what, /** @type {() => Promise<number>} */ work) =>
      step(`Node ${version}: ${what}`, work);
    const code =
      (await on("addon", () => run("node", ["tools/addon/ensure.mjs"], { env }))) ||
      (await on("unit tests", () => run("vitest", ["run", "--project", "unit"], { env }))) ||
      (await on("both adapters", () => run("node", conformance, { env })));
    if (code !== 0) failed.push(version);
  }
  // The addon in node_modules is now another Node's.
  await ensureAddon();
  say(
    failed.length === 0 ? `\npassed on ${chosen.join(", ")}` : `\nfailed on ${failed.join(", ")}`,
  );
  return failed.length === 0 ? 0 : 1;
}

function options() {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const chosen = (positionals.length === 0 ? ["22", "24"] : positionals).map((line) => {
    const version = versions.get(line);
    if (version !== undefined) return version;
    throw new UsageError(
      `no Node "${line}" is known here, only ${[...versions.keys()].join(", ")}`,
    );
  });
  return { chosen, help: values.help };
}

/**
 * The folder with that Node's `node`. npm has each version's files as a package for each platform.
 *
 * @param {string} version
 */
async function binaries(version) {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const home = join(cacheFolder(), "node", version);
  const bin = join(home, "node_modules", name, "bin");
  if (existsSync(join(bin, "node"))) return bin;
  mkdirSync(home, { recursive: true });
  // Else npm installs into the nearest folder above that has a package.json.
  writeFileSync(join(home, "package.json"), "{}");
  const install = ["install", "--prefix", home, "--no-save", "--no-audit", `${name}@${version}`];
  const code = await step(`Node ${version} from npm`, () => run("npm", install, { quiet: true }));
  if (code === 0) return bin;
  say(`npm has no ${name}@${version} for this machine, or cannot be reached`);
  return null;
}
