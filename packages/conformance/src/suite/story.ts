import { invariantRule } from "@sluice/checker";
import type { InvariantId } from "@sluice/checker";
import { GATE_CLAUSES } from "../drawn/gate-draw.ts";
import { readVectors } from "../runner/vector-file.ts";
import type { CaseFile, Condition, Duplicates, SettingsFile, Step } from "./case-file.ts";
import { sayCondition } from "./condition.ts";
import { REQUIREMENTS } from "./requirements.ts";
import { allSteps, definitionOf, stepsWithin } from "./steps/index.ts";
import { DEFAULT_WORKLOAD_FILE, sayWorkload } from "./workload-file.ts";

/** A case in words, made from its file: for the terminal and for the catalogue. */
export interface Story {
  /** What is there before anything starts; null when there are no records. */
  readonly produced: string | null;
  readonly settings: readonly string[];
  readonly steps: readonly Line[];
  /** Of a draft: what its steps shall be. */
  readonly plan: readonly string[];
  /** What makes it a real test. */
  readonly guards: readonly Line[];
  readonly invariants: readonly { readonly id: InvariantId; readonly rule: string }[];
  readonly duplicates: string;
  readonly clauses: readonly string[];
  readonly needs: readonly string[];
}

/** A sentence, why, and what is said within it, list by list. */
export interface Line {
  readonly text: string;
  readonly why: string | null;
  readonly within: readonly (readonly Line[])[];
}

export function storyOf(file: CaseFile): Story {
  const { steps = [], settings = {}, invariants, workload = DEFAULT_WORKLOAD_FILE } = file;
  const withBroker = (file.needs ?? []).includes("broker");
  return {
    produced: withBroker ? sayWorkload(workload) : null,
    settings: saySettings(settings),
    steps: lines(steps),
    plan: file.plan ?? [],
    guards: [...allSteps(steps)].flatMap(guardOf),
    invariants: invariants.map((id) => ({ id, rule: invariantRule(id) ?? "" })),
    duplicates: DUPLICATES[file.duplicates ?? "none"],
    clauses: clausesOf(file),
    needs: [
      ...(file.needs ?? []).map((need) => NEEDS[need]),
      ...(file.requires ?? []).map((name) => `${REQUIREMENTS[name]?.what ?? name} of the subject`),
    ],
  };
}

/** Of the file, and of the vectors that it asks or draws. */
export function clausesOf({ clauses = [], steps = [] }: CaseFile): string[] {
  const files = [...allSteps(steps)].flatMap((step) => ("ask" in step ? step.ask : []));
  const asked = files.flatMap((name) =>
    readVectors(name).tests.flatMap(({ requirements }) => requirements),
  );
  const drawn = [...allSteps(steps)].some((step) => "draw" in step) ? GATE_CLAUSES : [];
  return [...new Set([...clauses, ...asked, ...drawn])].sort();
}

function lines(steps: readonly Step[]): Line[] {
  // Guards are told on their own.
  return steps
    .filter((step) => !("guard" in step))
    .map((step) => ({
      text: sentence(definitionOf(step).say(step)),
      why: step.why?.trim() ?? null,
      within: stepsWithin(step).map(lines),
    }));
}

function guardOf(step: Step): Line[] {
  const line = (condition: Condition, fault = ""): Line => ({
    text: `${sentence(sayCondition(condition))}${fault}`,
    why: step.why?.trim() ?? null,
    within: [],
  });
  if ("guard" in step) return [line(step.guard)];
  return "observed" in step
    ? [line(step.when, `: so the fault "${step.observed}" is observed`)]
    : [];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

type Wording = {
  readonly [K in keyof SettingsFile]-?: (value: NonNullable<SettingsFile[K]>) => string;
};

const SETTINGS: Wording = {
  partitions: (count) => `${count} partitions`,
  concurrency: (count) => `at most ${count} handlers of a member at a time`,
  ordering: (by) => (by === "none" ? "no ordering" : `ordering by ${by}`),
  startAt: (where) => `starting at ${where} where nothing is committed`,
  commitInterval: (time) => `a commit every ${time}`,
  session: (time) => `a session timeout of ${time}`,
  rebalance: (time) => `a rebalance that waits ${time} for a member`,
  drain: (time) => `${time} for a drain`,
  bufferBytes: (bytes) =>
    `at most ${bytes.toLocaleString("en")} bytes held that have not begun, and one fetch`,
  retry: ({ maxAttempts, backoff }) => `${maxAttempts} attempts, ${backoff} apart`,
  settleWithin: (time) => `${time} for everything to be settled (V1)`,
  commitWithin: (time) => `${time} for everything to be committed (V2)`,
  stopWithin: (time) => `${time} for a member to stop (V5)`,
};

function saySettings(settings: SettingsFile): string[] {
  return (Object.keys(SETTINGS) as (keyof SettingsFile)[]).flatMap((name) => {
    const value = settings[name];
    // The compiler does not see that a name goes with its own value.
    return value === undefined ? [] : [(SETTINGS[name] as (value: unknown) => string)(value)];
  });
}

const DUPLICATES: Readonly<Record<Duplicates, string>> = {
  none: "none allowed",
  unfinished: "only what was not finished at the crash",
  "crash-window": "only what was not committed at the crash",
  explained: "each must be explained by an event of the history",
};

const NEEDS: Readonly<Record<NonNullable<CaseFile["needs"]>[number], string>> = {
  broker: "a broker",
  proxy: "the proxy before it",
  brokerFaults: "power over the broker",
  failover: "three brokers",
  diskFull: "power over the broker's disk",
  commitLog: "the commit log",
  transactions: "the right to write transactions",
};
