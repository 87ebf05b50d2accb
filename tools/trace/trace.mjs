// @ts-check
// Writes packages/spec/requirements.json, every clause of the text with what proves it, and MATRIX.md,
// the same for people.
//
//   node tools/trace/trace.mjs              writes the files
//   node tools/trace/trace.mjs --check      fails when one is stale
//   node tools/trace/trace.mjs --release    also freezes the sentences as those of the present version
//                              --root DIR   of another checkout, with a slash at its end
//
// All fail when a clause has not exactly one key word, an id is used twice or given anew, an id is
// cited that no clause has, a vector proves no clause, a MUST has neither vector nor conformance case
// nor exemption, or a sentence differs from the released one and the change log does not say so.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onlyOptions } from "../run/options.mjs";
import { changesOf, parseChangeLog } from "./change-log.mjs";
import { renderMatrix } from "./matrix.mjs";
import { collectProofs } from "./proofs.mjs";
import { parseSpec } from "./spec-text.mjs";

const options = onlyOptions({
  check: { type: "boolean", default: false },
  release: { type: "boolean", default: false },
  root: { type: "string" },
});
const root = options.root ?? fileURLToPath(new URL("../../", import.meta.url));
const SPEC = "packages/spec/";
const read = (/** @type {string} */ path) => readFileSync(root + SPEC + path, "utf8");

const chapters = readdirSync(`${root}${SPEC}text`)
  .filter((name) => name.endsWith(".md"))
  .toSorted()
  .map((name) => ({ name, text: read(`text/${name}`) }));
const specVersion = /^Version (\d+\.\d+\.\d+)/m.exec(read("SPEC.md"))?.[1] ?? "";
const spec = parseSpec(chapters);
const proofs = collectProofs(root, spec.proofs);
const problems = [...spec.problems, ...proofs.problems];

const ids = new Set(spec.clauses.map(({ id }) => id));
for (const [id, file] of proofs.cited) {
  if (!ids.has(id)) problems.push(`${file} cites ${id}, which no clause has`);
}
const requirements = spec.clauses.map(({ id, ...clause }) => {
  const exemption = spec.exemptions.get(id);
  const proof = proofs.of(id);
  const proved =
    proof.scenarios.length > 0 || proof.cases.length > 0 || Object.keys(proof.vectors).length > 0;
  if (proved && exemption !== undefined) problems.push(`${id} is exempted, but it is proved`);
  if (clause.level.startsWith("MUST") && !proved && exemption === undefined) {
    problems.push(`${id} is a ${clause.level} without vector, conformance case or exemption`);
  }
  return { id, ...clause, ...proof, ...(exemption === undefined ? {} : { exemption }) };
});
for (const id of spec.exemptions.keys()) {
  if (!ids.has(id)) problems.push(`Appendix F exempts ${id}, which no clause has`);
}

const released = readReleased();
const log = parseChangeLog(read("CHANGELOG.md"));
if (log[0]?.version !== specVersion) {
  problems.push(`CHANGELOG.md begins with ${log[0]?.version}, SPEC.md with ${specVersion}`);
}
problems.push(...changesOf(spec, released, log));

const outputs = new Map([
  [
    "requirements.json",
    `${JSON.stringify({ specVersion, withdrawn: spec.withdrawn, requirements }, null, 2)}\n`,
  ],
  ["MATRIX.md", renderMatrix(specVersion, requirements)],
]);
if (options.release) {
  const clauses = Object.fromEntries(spec.clauses.map(({ id, hash }) => [id, hash]));
  outputs.set("released.json", `${JSON.stringify({ version: specVersion, clauses }, null, 2)}\n`);
}
if (problems.length === 0 && options.check) {
  for (const [name, text] of outputs) {
    if (readOr(name, "") === text) continue;
    problems.push(`${SPEC}${name} is stale: run node tools/trace/trace.mjs`);
  }
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else if (!options.check) {
  for (const [name, text] of outputs) writeFileSync(root + SPEC + name, text);
}

/** Sentences of the last released version, by id. @returns {import("./change-log.mjs").Released} */
function readReleased() {
  return JSON.parse(readOr("released.json", '{ "version": "0.0.0", "clauses": {} }'));
}

/**
 * @param {string} path
 * @param {string} otherwise
 */
function readOr(path, otherwise) {
  try {
    return read(path);
  } catch {
    return otherwise;
  }
}
