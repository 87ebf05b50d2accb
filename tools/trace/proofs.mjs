// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";

/** @typedef {import("./spec-text.mjs").Proof} Proof */

const ID = /\bSLC-[A-Z]{3}-[0-9]{3}\b/g;
const SOURCE = /\.(?:ts|mjs|java|md)$/;
const TEST = /\.test\.ts$/;
// They name clauses to define, change and list them, which cites nothing.
const OF_THE_SPEC = /^packages\/spec\/(?:text\/.*|CHANGELOG|MATRIX)\.md$|^packages\/spec\/text\//;
const SUITE = "packages/conformance/suite";
const VECTORS = "packages/spec/vectors/v1";

/**
 * Finds what proves each clause: tests that cite its id, vectors and cases of the conformance suite that
 * list it, and what Appendix E names, which must exist.
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
  /** Cases by file. @type {Map<string, Map<string, number>>} */
  const vectors = new Map();
  /** @type {Map<string, Set<string>>} */
  const scenarios = new Map();
  const read = (/** @type {string} */ path) => readFileSync(root + path, "utf8");

  for (const path of ["packages", "tools", "examples", "docs"].flatMap((top) => files(root, top))) {
    if (!SOURCE.test(path) || OF_THE_SPEC.test(path)) continue;
    for (const [id] of read(path).matchAll(ID)) {
      if (!cited.has(id)) cited.set(id, path);
      if (TEST.test(path)) add(tests, id, path);
    }
  }
  for (const path of files(root, VECTORS)) {
    /** @type {{ testGroups: { tests: { tcId: number; requirements?: string[]; withdrawn?: true }[] }[] }} */
    const { testGroups } = JSON.parse(read(path));
    const file = path.slice(VECTORS.length + 1);
    for (const test of testGroups.flatMap((group) => group.tests)) {
      const { tcId, requirements = [], withdrawn = false } = test;
      if (requirements.length === 0) problems.push(`${path}: test ${tcId} proves no requirement`);
      if (withdrawn) continue;
      for (const id of requirements) {
        if (!cited.has(id)) cited.set(id, path);
        const cases = vectors.get(id) ?? new Map();
        vectors.set(id, cases.set(file, (cases.get(file) ?? 0) + 1));
      }
    }
  }
  /** @type {Map<string, Set<string>>} */
  const cases = new Map();
  /** Invariants that a case demands. @type {Set<string>} */
  const demanded = new Set();
  for (const path of files(root, SUITE)) {
    /** @type {{ id: string; draft?: string; clauses?: string[]; invariants: string[] }} */
    const { id: name, draft, clauses = [], invariants } = parse(read(path));
    for (const id of clauses) {
      if (!cited.has(id)) cited.set(id, path);
      // A draft proves nothing yet.
      if (draft === undefined) add(cases, id, name);
    }
    if (draft === undefined) for (const invariant of invariants) demanded.add(invariant);
  }
  for (const { clause, invariants, test } of named) {
    cited.set(clause, "Appendix E");
    if (test === null && invariants.length === 0) {
      problems.push(`Appendix E: ${clause} is proved by nothing that can be read`);
    }
    for (const invariant of invariants) {
      add(scenarios, clause, invariant);
      if (!demanded.has(invariant)) {
        problems.push(`Appendix E: no case demands the invariant ${invariant} of ${clause}`);
      }
    }
    if (test === null) continue;
    add(tests, clause, test.file);
    if (!existsSync(root + test.file) || !read(test.file).includes(test.title)) {
      problems.push(`Appendix E: ${test.file} has no test "${test.title}" for ${clause}`);
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
      vectors: Object.fromEntries(
        [...(vectors.get(id) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
      scenarios: sorted(scenarios, id),
      cases: sorted(cases, id),
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
