import type { Blame, Comparison, Condition, DurationText, MeasureCondition } from "./case-file.ts";
import type { Measure } from "./measures/measure.ts";
import { MEASURES } from "./measures/index.ts";
import type { Scene } from "./scene.ts";

/** Whether a condition holds, and what was seen. */
export interface Looked {
  readonly holds: boolean;
  /** `3 of at least 6 running handlers of m0`. */
  readonly detail: string;
  /** Who is to blame if it does not. */
  readonly blame: () => Blame;
}

/**
 * Looks at a condition now.
 * @param from where `passed` counts from when it names no mark
 */
export function look(scene: Scene, condition: Condition, from: number): Looked {
  if (isAll(condition))
    return whole(
      condition.all.map((one) => look(scene, one, from)),
      "every",
    );
  if (isAny(condition))
    return whole(
      condition.any.map((one) => look(scene, one, from)),
      "some",
    );
  if (typeof condition["passed"] === "string") {
    const since = condition.since === undefined ? from : scene.since(condition.since);
    return passed(scene, since, condition["passed"]);
  }
  const { measure, of } = measured(condition);
  const { inEach } = condition;
  if (inEach === undefined) return lookAt(scene, condition, of);
  const partitions = scene.partitionsNamed(inEach);
  return whole(
    partitions.map((partition) => lookAt(scene, condition, measure.inPartition?.(of, partition))),
    "every",
  );
}

/** In words: `at least 6 running handlers of m0 since "joining"`. */
export function sayCondition(condition: Condition): string {
  if (isAll(condition)) return condition.all.map(sayCondition).join(", and ");
  if (isAny(condition)) return condition.any.map(sayCondition).join(", or ");
  if (typeof condition["passed"] === "string") {
    const { passed, since } = condition;
    return `${passed} to pass${since === undefined ? "" : ` since "${since}"`}`;
  }
  const { measure, of } = measured(condition);
  const { since, inEach } = condition;
  const each =
    inEach === undefined
      ? ""
      : inEach === "all"
        ? ", in each partition"
        : `, in each of "${inEach}"`;
  const mark = since === undefined ? "" : ` since "${since}"`;
  return `${sayComparison(condition, measure.unit)} ${measure.say(of)}${mark}${each}`;
}

/** Measures that a condition looks at, by name. */
export function measuresOf(condition: Condition): string[] {
  if (isAll(condition)) return condition.all.flatMap(measuresOf);
  if (isAny(condition)) return condition.any.flatMap(measuresOf);
  return [nameOf(condition)].filter((name) => name !== "passed");
}

/** Spans of time that a condition waits for. */
export function passing(condition: Condition): DurationText[] {
  if (isAll(condition)) return condition.all.flatMap(passing);
  if (isAny(condition)) return condition.any.flatMap(passing);
  return typeof condition["passed"] === "string" ? [condition["passed"]] : [];
}

export function isAll(condition: Condition): condition is { readonly all: readonly Condition[] } {
  return "all" in condition;
}
export function isAny(condition: Condition): condition is { readonly any: readonly Condition[] } {
  return "any" in condition;
}

/** What a condition measures; `passed` is none of the measures, for it needs no witness. */
export function nameOf(condition: MeasureCondition): string {
  const name = Object.keys(condition).find(
    (key) => key === "passed" || Object.hasOwn(MEASURES, key),
  );
  if (name === undefined) throw new Error("a condition without a measure");
  return name;
}

function measured(condition: MeasureCondition): { measure: Measure<unknown>; of: unknown } {
  const name = nameOf(condition);
  return { measure: MEASURES[name] as Measure<unknown>, of: condition[name] };
}

function lookAt(scene: Scene, condition: MeasureCondition, of: unknown): Looked {
  const { measure } = measured(condition);
  const value = measure.read(scene, of, scene.since(condition.since));
  const unit = measure.unit === undefined ? "" : ` ${measure.unit}`;
  return {
    holds: compare(scene, condition, value),
    detail: `${round(value)}${unit}, wanted ${sayComparison(condition, measure.unit)}`,
    blame: () => measure.blame?.(scene, of, condition) ?? "subject",
  };
}

function passed(scene: Scene, since: number, span: DurationText): Looked {
  const ms = scene.run.now - since;
  return {
    holds: ms >= scene.milliseconds(span),
    detail: `${round(ms)} ms`,
    blame: () => "environment",
  };
}

function compare(scene: Scene, { equals, atLeast, atMost }: Comparison, value: number): boolean {
  const number = (wanted: number | DurationText): number =>
    typeof wanted === "number" ? wanted : scene.milliseconds(wanted);
  if (equals !== undefined) return value === number(equals);
  if (atMost !== undefined) {
    return value <= number(atMost) && (atLeast === undefined || value >= number(atLeast));
  }
  return value >= number(atLeast ?? 1);
}

/** Of a condition that compares with nothing. */
const MANY = "one or more";

function sayComparison(
  { equals, atLeast, atMost }: Comparison,
  unit: "ms" | "%" | undefined,
): string {
  const say = (wanted: number | DurationText): string => `${wanted}${unit === "%" ? " %" : ""}`;
  if (equals !== undefined) return equals === 0 ? "no" : `exactly ${say(equals)}`;
  if (atLeast === 1 && atMost === undefined) return MANY;
  const low = atLeast === undefined ? [] : [`at least ${say(atLeast)}`];
  const high = atMost === undefined ? [] : [`at most ${say(atMost)}`];
  return [...low, ...high].join(" and ") || MANY;
}

function whole(parts: readonly Looked[], mode: "every" | "some"): Looked {
  const unmet = parts.filter(({ holds }) => !holds);
  return {
    holds: mode === "every" ? unmet.length === 0 : unmet.length < parts.length,
    detail: (unmet.length > 0 ? unmet : parts).map(({ detail }) => detail).join("; "),
    // Blind in one is blind.
    blame: () => (unmet.some(({ blame }) => blame() === "environment") ? "environment" : "subject"),
  };
}

function round(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : "none";
}
