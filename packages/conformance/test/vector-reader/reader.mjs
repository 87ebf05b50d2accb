// A reader of vectors that looks the answers up, and has a defect when it is told to:
//   node reader.mjs [wrong | hangs | dies | logs]
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [defect = "none"] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const answers = new Map();
for (const name of ["murmur2", "crc32", "fnv1a"]) {
  const file = require(`@sluice/spec/vectors/v1/partitioner_${name}_test.json`);
  for (const { params, tests } of file.testGroups) {
    for (const { tcId, input, expect } of tests) {
      answers.set(JSON.stringify({ ...params, ...input }), { ...expect, tcId, from: name });
    }
  }
}
/** @param {object} message */
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

createInterface({ input: process.stdin })
  .on("line", (line) => answer(JSON.parse(line)))
  .on("close", () => process.exit(0));

/** @param {{ id: number, cmd: string, op?: string, input?: any }} command */
function answer({ id, cmd, op, input }) {
  if (cmd === "hello") {
    const capabilities = { vectors: ["Partition"] };
    const client = { name: "none", version: "0" };
    const about = { name: "looks-it-up", version: "1", language: "javascript", runtime: "node" };
    say({ id, ok: { protocol: 1, spec: "1.0.0", ...about, client, capabilities } });
    return;
  }
  if (cmd !== "vector" || op !== "Partition") {
    say({ id, error: { code: "unsupported" } });
    return;
  }
  if (defect === "hangs") return;
  if (defect === "dies") process.exit(7);
  if (defect === "logs") process.stdout.write(`hashing ${input.key}\n`);
  const right = answers.get(JSON.stringify(input));
  const partitions =
    right.partitions?.map((/** @type {number} */ partition) => partition + (right.tcId % 2)) ??
    null;
  say({ id, ok: defect === "wrong" && right.from === "crc32" ? { ...right, partitions } : right });
}
