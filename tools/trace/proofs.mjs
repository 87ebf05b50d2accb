// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** @typedef {import("./spec-text.mjs").Proof} Proof */

const ID = /\bSLC-[A-Z]{3}-[0-9]{3}\b/g;
const SOURCE = /\.(?:ts|mjs|java|md)$/;
const TEST = /\.test\.ts$/;
const SUITE = "packages/conformance/src/suite";
const VECTORS = "packages/spec/vectors/v1";

/**
 * Finds what proves each clause: tests that cite its id, vectors that list it, and what Appendix B
 * names, which must exist.
 * @param {string} root
 * @param {readonly Proof[]} named
 */
export function collectProofs(root, named) {
  /** @type {string[]} */
  const problems = [];
  /** Where an id was seen first, to name a citation of nothing. @type {Map<string, string>} */
  const cited = new Map();
  /** @type {Map<string, Set<string>>} */
  const tests = new Map();
  /** @type {Map<string, Set<string>>} */
  const vectors = new Map();
  /** @type {Map<string, Set<string>>} */
  const scenarios = new Map();
  const read = (/** @type {string} */ path) => readFileSync(root + path, "utf8");

  for (const path of ["packages", "tools", "examples", "docs"].flatMap((top) => files(root, top))) {
    if (!SOURCE.test(path) || path.endsWith("packages/spec/SPEC.md")) continue;
    for (const [id] of read(path).matchAll(ID)) {
      if (!cited.has(id)) cited.set(id, path);
      if (TEST.test(path)) add(tests, id, path);
    }
  }
  for (const path of files(root, VECTORS)) {
    /** @type {{ testGroups: { tests: { requirements: string[] }[] }[] }} */
    const { testGroups } = JSON.parse(read(path));
    for (const id of testGroups.flatMap((g) => g.tests.flatMap((t) => t.requirements))) {
      if (!cited.has(id)) cited.set(id, path);
      add(vectors, id, path.slice(VECTORS.length + 1));
    }
  }
  const suite = files(root, SUITE).map(read).join("\n");
  for (const { clause, invariants, test } of named) {
    cited.set(clause, "SPEC.md, Appendix B");
    if (test === null && invariants.length === 0) {
      problems.push(`Appendix B: ${clause} is proved by nothing that can be read`);
    }
    for (const invariant of invariants) {
      add(scenarios, clause, invariant);
      if (!suite.includes(`"${invariant}"`)) {
        problems.push(`Appendix B: no case demands the invariant ${invariant} of ${clause}`);
      }
    }
    if (test === null) continue;
    add(tests, clause, test.file);
    if (!existsSync(root + test.file) || !read(test.file).includes(test.title)) {
      problems.push(`Appendix B: ${test.file} has no test "${test.title}" for ${clause}`);
    }
  }
  const sorted = (/** @type {Map<string, Set<string>>} */ map, /** @type {string} */ id) =>
    [...(map.get(id) ?? [])].toSorted();
  return {
    problems,
    cited,
    /** @param {string} id */
    of: (id) => ({
      tests: sorted(tests, id),
      vectors: sorted(vectors, id),
      scenarios: sorted(scenarios, id),
    }),
  };
}

/**
 * Paths of all files under `folder`, relative to the root.
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function files(root, folder) {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist", "target"].includes(entry.name)) return [];
    if (folder === "tools" && entry.name === "trace") return []; // its test invents ids
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? files(root, path) : [path];
  });
}

/**
 * @param {Map<string, Set<string>>} map
 * @param {string} key
 * @param {string} value
 */
function add(map, key, value) {
  const set = map.get(key) ?? new Set();
  map.set(key, set.add(value));
}
