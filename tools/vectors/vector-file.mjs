// @ts-check
// The form of a vector file: what every file has alike, and its layout with one test a line.

/**
 * @typedef {object} Test
 * @property {number} [tcId] numbered in order where it is not given
 * @property {string} comment
 * @property {string[]} flags
 * @property {string[]} requirements
 * @property {Record<string, unknown>} input
 * @property {Record<string, unknown>} expect
 * @property {"valid" | "invalid" | "acceptable"} result
 *
 * @typedef {object} Group
 * @property {string} type
 * @property {string} source
 * @property {Record<string, unknown>} [params]
 * @property {Test[]} tests
 *
 * @typedef {object} Draft
 * @property {string} algorithm
 * @property {string[]} header
 * @property {Record<string, { bugType: string, description: string }>} notes
 * @property {Group[]} testGroups
 */

/**
 * Completes a draft: numbers the tests, counts them, keeps the notes of the flags that occur.
 * @param {Draft} draft
 */
export function vectorFile({ algorithm, header, notes, testGroups }) {
  let id = 0;
  const groups = testGroups.map(({ tests, ...group }) => ({
    ...group,
    tests: tests.map((test) => ({ tcId: (id += 1), ...test })),
  }));
  const flags = new Set(groups.flatMap(({ tests }) => tests.flatMap((test) => test.flags)));
  const unexplained = [...flags].filter((flag) => !Object.hasOwn(notes, flag));
  if (unexplained.length > 0) {
    throw new Error(`${algorithm}: no note explains the flag ${unexplained.join(", ")}`);
  }
  return {
    algorithm,
    schema: "vector-file.schema.json",
    specVersion: "1.0.0",
    numberOfTests: id,
    header: [...header, "Written by tools/vectors: do not edit."],
    notes: Object.fromEntries(Object.entries(notes).filter(([flag]) => flags.has(flag))),
    testGroups: groups,
  };
}

/**
 * The text of a file: ASCII only, so that nobody has to guess what an invisible character is.
 * @param {object} file
 * @returns {string}
 */
export function format(file) {
  return `${layOut(file, 0)}\n`;
}

/** How deep objects and lists are opened: file, testGroups, group, tests. */
const DEPTH = { object: new Set([0, 2]), list: new Set([1, 3]) };

/**
 * @param {unknown} value
 * @param {number} depth
 * @param {string} [name]
 * @returns {string}
 */
function layOut(value, depth, name = "") {
  const open = "  ".repeat(depth + 1);
  const close = "  ".repeat(depth);
  if (Array.isArray(value)) {
    const spread = DEPTH.list.has(depth) && ["header", "testGroups", "tests"].includes(name);
    const items = value.map((item) => layOut(item, depth + 1));
    if (spread && items.length > 0) return `[\n${open}${items.join(`,\n${open}`)}\n${close}]`;
    return `[${items.join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const spread = DEPTH.object.has(depth) || name === "notes";
    const fields = Object.entries(value).map(
      ([key, field]) => `${quote(key)}: ${layOut(field, depth + 1, key)}`,
    );
    if (spread && fields.length > 0) return `{\n${open}${fields.join(`,\n${open}`)}\n${close}}`;
    return `{${fields.join(", ")}}`;
  }
  return typeof value === "string" ? quote(value) : JSON.stringify(value);
}

/** @param {string} text */
function quote(text) {
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
