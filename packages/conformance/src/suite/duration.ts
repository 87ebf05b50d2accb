import type { DurationText } from "./case-file.ts";

/** What a duration may be counted in besides time. */
export interface Units {
  readonly sessionMs: number;
  readonly commitIntervalMs: number;
}

const PATTERN = /^(\d+(?:\.\d+)?) (ms|s|min|sessions?|commit intervals?)$/;

/** Milliseconds. @throws RangeError when the text is none, which the schema has ruled out */
export function milliseconds(text: DurationText, units: Units): number {
  const [, count, unit = ""] = PATTERN.exec(text) ?? [];
  if (count === undefined) throw new RangeError(`"${text}" is no duration`);
  return Number(count) * of(unit, units);
}

/** For settings, which units are made of. */
export function absoluteMs(text: DurationText): number {
  return milliseconds(text, { sessionMs: Number.NaN, commitIntervalMs: Number.NaN });
}

function of(unit: string, { sessionMs, commitIntervalMs }: Units): number {
  if (unit === "ms") return 1;
  if (unit === "s") return 1_000;
  if (unit === "min") return 60_000;
  return unit.startsWith("session") ? sessionMs : commitIntervalMs;
}
