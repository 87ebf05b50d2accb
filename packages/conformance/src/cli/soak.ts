import { duration, totalsInWords } from "../report/words.ts";
import type { CaseResult } from "../report/run-report.ts";
import { deriveSeed } from "../runner/random.ts";
import { DEFAULT_SETTINGS } from "../runner/case-settings.ts";
import type { SubjectUnderTest } from "../runner/subject-under-test.ts";
import type { StormFile } from "../suite/case-file.ts";
import { absoluteMs } from "../suite/duration.ts";
import { sayFault } from "../suite/nemesis/fault.ts";
import type { Arena } from "../suite/nemesis/plan.ts";
import { arenaFor, planStorm } from "../suite/nemesis/plan.ts";
import type { SuiteCase } from "../suite/to-case.ts";
import { toCase } from "../suite/to-case.ts";

/** The case that a soak is made of. */
export const SOAK_CASE = "soak/nemesis";

export interface SoakOptions {
  /** For each adapter. */
  readonly minutes: number;
  /** Only this round, from 1; null: all. */
  readonly round: number | null;
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
}

/** Of a round: to start, to heal, to show progress, to stop and to be judged. */
const AROUND_MS = 24_000;
const LEAST_STORM_MS = 8_000;
/** One fault begins so often, on average. */
const EVERY_MS = 2_000;

/**
 * A soak is rounds of about a minute, each with a topic, a group, a seed and a verdict of its own: first
 * everything goes wrong, then everything is healed and must get on. So it may last as long as it likes, in
 * bounded memory; what has been seen so far is judged while it goes on; and what failed is repeated alone.
 */
export function soakRounds(definition: SuiteCase, { minutes, round }: SoakOptions): SuiteCase[] {
  const count = Math.max(1, Math.round(minutes));
  const lastsMs = Math.max(LEAST_STORM_MS, (minutes * 60_000) / count - AROUND_MS);
  const size = {
    faults: Math.round(lastsMs / EVERY_MS),
    lasts: `${Math.round(lastsMs)} ms`,
  };
  const all = Array.from({ length: count }, (_, i) => roundOf(definition, i + 1, count, size));
  return round === null ? all : all.slice(round - 1, round);
}

function roundOf(
  definition: SuiteCase,
  number: number,
  of: number,
  size: Pick<StormFile, "faults" | "lasts">,
): SuiteCase {
  const { file } = definition;
  const steps = (file.steps ?? []).map((step) =>
    "nemesis" in step ? { ...step, nemesis: { ...step.nemesis, ...size } } : step,
  );
  const title = `round ${number} of ${of}: ${size.faults} faults within ${duration(absoluteMs(size.lasts))}`;
  return toCase({ ...file, id: `${file.id}/${number}`, title, steps });
}

/** Whether a result is of a round. */
export function isRound({ case: id }: Pick<CaseResult, "case">): boolean {
  return id.startsWith(`${SOAK_CASE}/`);
}

/** What a soak will do, in words: the same for the same seed, cluster and subject. */
export function soakPlan(
  rounds: readonly SuiteCase[],
  seed: number,
  subject: SubjectUnderTest,
  cluster: Pick<Arena, "can" | "nodes">,
): string {
  const lines = rounds.flatMap(({ id, title, file, settings }) => {
    const storms = (file.steps ?? []).flatMap((step) => ("nemesis" in step ? [step.nemesis] : []));
    const own = deriveSeed(seed, id);
    const arena = arenaFor(cluster, subject, { ...DEFAULT_SETTINGS, ...settings });
    const plan = storms.flatMap((storm) =>
      planStorm(own, { ...storm, lastsMs: absoluteMs(storm.lasts) }, arena),
    );
    return [
      "",
      `${title} (${subject.id}, seed ${own})`,
      ...plan.map(
        ({ number, at, lasts, fault }) =>
          `  ${String(number).padStart(3)}  at ${seconds(at)}  for ${seconds(lasts)}  ${sayFault(fault)}`,
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

/** How a soak stands, adapter by adapter; empty when there is no round among the results. */
export function soakTally(cases: readonly CaseResult[]): string[] {
  const rounds = cases.filter(isRound);
  return [...new Set(rounds.map(({ subject }) => subject))].map((subject) => {
    const own = rounds.filter((result) => result.subject === subject);
    const metrics = own.flatMap(({ judgement }) => (judgement === null ? [] : [judgement.metrics]));
    const sum = (of: (one: (typeof metrics)[number]) => number): string =>
      metrics.reduce((total, one) => total + of(one), 0).toLocaleString("en");
    const recoveries = metrics
      .flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs]))
      .sort((a, b) => a - b);
    const median = recoveries[Math.floor((recoveries.length - 1) / 2)];
    return [
      `soak     ${subject}: ${own.length} ${own.length === 1 ? "round" : "rounds"}, ${totalsInWords({ cases: own })}`,
      `${sum(({ faultsSeen }) => faultsSeen)} of ${sum(({ faults }) => faults)} faults seen to act`,
      `${sum(({ records }) => records)} records`,
      `${sum(({ duplicates }) => duplicates)} handled twice`,
      ...(median === undefined ? [] : [`recovery ${duration(median)} (median)`]),
    ].join(" · ");
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(5)} s`;
}
