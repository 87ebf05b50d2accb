// @ts-check
// Writes the vector files of packages/spec/vectors/v1. What they expect comes from Java (src) or
// from the authoring modules in dialects, envelope and traces, never from the packages. The output
// is the same on every machine. Needs a JDK 17+ and Maven.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { command, say } from "../run/command.mjs";
import { UsageError } from "../run/options.mjs";
import { files as dialects } from "./dialects/index.mjs";
import { files as envelope } from "./envelope/index.mjs";
import { javaFiles } from "./java.mjs";
import { checkSeeds } from "./seeds.mjs";
import { files as traces } from "./traces/index.mjs";
import { format, vectorFile } from "./vector-file.mjs";

/** @typedef {import("./vector-file.mjs").Draft} Draft */

const HELP = `node tools/vectors/generate.mjs [options]

Writes the vector files of packages/spec/vectors/v1. Needs a JDK 17+ and Maven.

  --check          writes nothing, and fails when a file differs from what would be written
  --only <name>    one file, such as gate_trace; repeatable

Exit codes: 0 done, 1 a file is stale or a generator contradicts itself, 4 no JDK or Maven, 64 wrong usage
`;

const target = fileURLToPath(new URL("../../packages/spec/vectors/v1/", import.meta.url));

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
function main({ check, only }) {
  /** @type {Map<string, () => Draft>} */
  const authored = new Map(
    [...dialects, ...envelope, ...traces].map(({ name, build }) => [name, build]),
  );
  const fromJava = [
    "partitioner_murmur2",
    "partitioner_crc32",
    "partitioner_fnv1a",
    "commit_metadata",
  ];
  const known = [...fromJava, ...authored.keys()];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`No vector file ${unknown.join(", ")}; there are: ${known.join(", ")}.`);
  }
  const wanted = only.length > 0 ? only : known;

  const java = javaFiles(wanted.filter((name) => fromJava.includes(name)));
  let tests = 0;
  const stale = [];
  for (const name of wanted) {
    const file = vectorFile(authored.get(name)?.() ?? /** @type {Draft} */ (java[name]));
    checkSeeds(name, file);
    tests += file.numberOfTests;
    const path = join(target, `${name}_test.json`);
    const text = format(file);
    if (!check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, "utf8") !== text) stale.push(path);
  }
  if (stale.length > 0) {
    say(`Stale: ${stale.join(", ")}. Run node tools/vectors/generate.mjs.`);
    return 1;
  }
  say(`${check ? "Up to date" : "Written"}: ${wanted.length} files, ${tests} tests.`);
  return 0;
}

function parsed() {
  return parseArgs({
    options: {
      check: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;
}
