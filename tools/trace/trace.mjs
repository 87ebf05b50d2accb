// @ts-check
// Writes packages/spec/requirements.json: every clause of SPEC.md with what proves it.
//
//   node tools/trace/trace.mjs            writes the file
//   node tools/trace/trace.mjs --check    fails when it is stale
//                              --root DIR  of another checkout, with a slash at its end
//
// Both fail when a clause has not exactly one key word, an id is used twice or given anew, an id is
// cited that no clause has, or a MUST is neither proved nor exempted.
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { collectProofs } from "./proofs.mjs";
import { parseSpec } from "./spec-text.mjs";

const { values: options } = parseArgs({
  options: { check: { type: "boolean", default: false }, root: { type: "string" } },
});
const root = options.root ?? fileURLToPath(new URL("../../", import.meta.url));
const output = `${root}packages/spec/requirements.json`;
const spec = parseSpec(readFileSync(`${root}packages/spec/SPEC.md`, "utf8"));
const proofs = collectProofs(root, spec.proofs);
const problems = [...spec.problems, ...proofs.problems];

const ids = new Set(spec.clauses.map(({ id }) => id));
for (const [id, file] of proofs.cited) {
  if (!ids.has(id)) problems.push(`${file} cites ${id}, which no clause has`);
}
const requirements = spec.clauses.map(({ id, ...clause }) => {
  const exemption = spec.exemptions.get(id);
  const proof = proofs.of(id);
  const proved = Object.values(proof).some((list) => list.length > 0);
  if (proved && exemption !== undefined) problems.push(`${id} is exempted, but it is proved`);
  if (clause.level.startsWith("MUST") && !proved && exemption === undefined) {
    problems.push(`${id} is a ${clause.level} that no test, vector or case proves`);
  }
  return { id, ...clause, ...proof, ...(exemption === undefined ? {} : { exemption }) };
});
for (const id of spec.exemptions.keys()) {
  if (!ids.has(id)) problems.push(`Appendix C exempts ${id}, which no clause has`);
}

const previous = readOutput();
for (const id of previous.ids) {
  if (!ids.has(id) && !spec.withdrawn.includes(id)) {
    problems.push(`${id} has gone: list it in Appendix D, so that it is never given anew`);
  }
}
const text = `${JSON.stringify({ specVersion: spec.version, withdrawn: spec.withdrawn, requirements }, null, 2)}\n`;
if (problems.length === 0 && options.check && previous.text !== text) {
  problems.push(`${relative(root, output)} is stale: run node tools/trace/trace.mjs`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else if (!options.check) {
  writeFileSync(output, text);
}

/** @returns {{ text: string; ids: string[] }} */
function readOutput() {
  try {
    const text = readFileSync(output, "utf8");
    /** @type {{ withdrawn: string[]; requirements: { id: string }[] }} */
    const { withdrawn, requirements } = JSON.parse(text);
    return { text, ids: [...withdrawn, ...requirements.map(({ id }) => id)] };
  } catch {
    return { text: "", ids: [] };
  }
}
