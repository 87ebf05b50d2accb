import type { NumberSet } from "./case-file.ts";

export function contains(set: NumberSet, number: number): boolean {
  if (typeof set === "number") return number === set;
  if (isList(set)) return set.includes(number);
  const { from = 0, to = Infinity, every = 1 } = set;
  return number >= from && number <= to && (number - from) % every === 0;
}

/** In words: `5`, `10, 12 or 14`, `1 and above`, `every 10th from 3`. */
export function sayNumbers(set: NumberSet): string {
  if (typeof set === "number") return String(set);
  if (isList(set)) {
    const last = set.at(-1);
    return set.length < 2 ? set.join() : `${set.slice(0, -1).join(", ")} or ${last}`;
  }
  const { from = 0, to, every = 1 } = set;
  const end = to === undefined ? "" : ` to ${to}`;
  if (every > 1) return `every ${every}th from ${from}${end}`;
  return to === undefined ? `${from} and above` : `${from}${end}`;
}

function isList(set: NumberSet): set is readonly number[] {
  return Array.isArray(set);
}
