import type { Work } from "../runner/ledger.ts";
import { deriveSeed } from "../runner/random.ts";
import type { Selector, SelectorFields } from "./case-file.ts";
import { contains, sayNumbers } from "./number-set.ts";
import { known, list, sayNames } from "./scene.ts";
import type { Scene } from "./scene.ts";

/** Handlers chosen by what is known of them. A name is looked up when it is asked. */
export function matcher(scene: Scene, selector: Selector): (work: Work) => boolean {
  const fields = fieldsOf(selector);
  const { of, member, key, attempt, result, percent, not } = fields;
  const record = recordMatcher(scene, fields);
  const members = member === undefined ? null : new Set(list(member));
  const wantedKey = key === undefined || key === null ? key : Buffer.from(key).toString("base64");
  const excluded = not === undefined ? null : matcher(scene, not);
  const named = of === undefined ? null : namedHandlers(scene, of);
  return (work) =>
    record(work) &&
    (named === null || named(work)) &&
    (members === null || members.has(work.member)) &&
    (wantedKey === undefined || work.key === wantedKey) &&
    (attempt === undefined || contains(attempt, work.attempt)) &&
    (result === undefined || work.result === result) &&
    (percent === undefined || chosen(scene.run.seed, work, percent)) &&
    !(excluded?.(work) ?? false);
}

/** The part of a selector that says something about records. */
export function recordMatcher(
  scene: Scene,
  { partition, offset }: Pick<SelectorFields, "partition" | "offset">,
): (record: Pick<Work, "partition" | "offset">) => boolean {
  return (record) =>
    (partition === undefined ||
      (typeof partition === "string"
        ? scene.partitionsNamed(partition).includes(record.partition)
        : contains(partition, record.partition))) &&
    (offset === undefined || contains(offset, record.offset));
}

export function fieldsOf(selector: Selector): SelectorFields {
  if (selector === "all") return {};
  return typeof selector === "string" ? { of: selector } : selector;
}

/** In words, to follow `handlers` or `records`: ` of m0 at offset 5`; empty for all. */
export function saySelector(selector: Selector): string {
  const { of, member, partition, offset, key, attempt, result, percent, not } = fieldsOf(selector);
  const parts = [
    percent === undefined ? [] : `for ${percent} of 100 records`,
    of === undefined ? [] : `in "${of}"`,
    member === undefined ? [] : `of ${sayNames(member)}`,
    offset === undefined ? [] : `at offset ${sayNumbers(offset)}`,
    partition === undefined
      ? []
      : typeof partition === "string"
        ? `in the partitions "${partition}"`
        : `in partition ${sayNumbers(partition)}`,
    key === undefined ? [] : key === null ? "without a key" : `of the key "${key}"`,
    attempt === undefined ? [] : `in attempt ${sayNumbers(attempt)}`,
    result === undefined ? [] : `that ended with ${result}`,
    not === undefined ? [] : `but those${saySelector(not)}`,
  ].flat();
  return parts.map((part) => ` ${part}`).join("");
}

function namedHandlers(scene: Scene, name: string): (work: Work) => boolean {
  const hold = scene.holds.get(name);
  if (hold !== undefined) return hold.takes;
  const handlers = known(scene.handlers, name, "handlers");
  return (work) => handlers.has(work);
}

/** By record, so that every attempt and every member meets the same fate. */
function chosen(seed: number, { partition, offset }: Work, percent: number): boolean {
  return deriveSeed(seed, String(partition), String(offset)) % 100 < percent;
}
