import { ConfigurationError } from "./configuration-error.ts";
import { nearest } from "./nearest.ts";

/**
 * `value` as a plain object without keys other than `known`.
 * @param path where it stands in the configuration; "" for the outermost object
 * @throws ConfigurationError naming the unknown key and the nearest right one
 */
export function checkObject(
  value: unknown,
  path: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigurationError(path || "options", `expected an object, got ${show(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const hint = nearest(key, known);
    throw new ConfigurationError(
      join(path, key),
      "there is no such option",
      hint === null ? `Known here: ${known.join(", ")}.` : `Did you mean ${join(path, hint)}?`,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

/** @throws ConfigurationError unless `value` is an integer from `min` to `max` */
export function checkInteger(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new ConfigurationError(
      path,
      `expected an integer from ${min} to ${max}, got ${show(value)}`,
    );
  }
  return value;
}

/** @throws ConfigurationError unless `value` is one of `choices` */
export function checkOneOf<T extends string>(
  value: unknown,
  path: string,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const hint = typeof value === "string" ? nearest(value, choices) : null;
  throw new ConfigurationError(
    path,
    `expected ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}, got ${show(value)}`,
    hint === null ? undefined : `Did you mean ${JSON.stringify(hint)}?`,
  );
}

/** @throws ConfigurationError unless `value` is a string that is not empty; never shows the value */
export function checkString(value: unknown, path: string): string {
  if (typeof value === "string" && value !== "") return value;
  const got = value === "" ? "an empty one" : value === undefined ? "none" : `a ${typeof value}`;
  throw new ConfigurationError(path, `expected a string that is not empty, got ${got}`);
}

/** A value as it can stand in a message: short, and on one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return short(JSON.stringify(value));
  if (typeof value === "number" || typeof value === "bigint") return short(String(value));
  return typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The path of `key` inside `path`. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
