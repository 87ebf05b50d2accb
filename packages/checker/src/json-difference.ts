/** One place where an answer is not what was expected. */
export interface Difference {
  /** `origin.topic`, `history[1].n`; empty for the whole. */
  readonly path: string;
  readonly expected: unknown;
  /** Undefined when there is nothing at that place. */
  readonly found: unknown;
}

/** No expectation of a vector is nested as deep; a history that holds one is not to be trusted. */
export const MAX_DEPTH = 64;

/**
 * Where `found` does not equal `expected` as JSON: objects whatever the order of their fields, lists
 * in order. A field that is not expected is ignored (Appendix D), but for those that tell another
 * outcome: an answer cannot be a record and its refusal.
 */
export function differences(expected: unknown, found: unknown): readonly Difference[] {
  const differences: Difference[] = [];
  compare(expected, found, "", differences);
  return differences;
}

/** Outcomes that exclude each other: the one that is not expected must not be told. */
const OUTCOMES: readonly (readonly string[])[] = [
  ["record", "refused"],
  ["retryInMs", "giveUp"],
  ["n", "dropped"],
];

function compare(expected: unknown, found: unknown, path: string, out: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    for (const [i, item] of expected.entries()) compare(item, found[i], `${path}[${i}]`, out);
    return;
  }
  if (isObject(expected) && isObject(found)) {
    for (const [name, value] of Object.entries(expected)) {
      compare(value, own(found, name), path === "" ? name : `${path}.${name}`, out);
    }
    for (const name of OUTCOMES.flatMap((names) => surplus(names, expected, found))) {
      const at = path === "" ? name : `${path}.${name}`;
      out.push({ path: at, expected: undefined, found: found[name] });
    }
    return;
  }
  if (expected !== found) out.push({ path, expected, found });
}

function surplus(
  names: readonly string[],
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (!names.some((name) => Object.hasOwn(expected, name))) return [];
  return names.filter((name) => !Object.hasOwn(expected, name) && Object.hasOwn(found, name));
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
