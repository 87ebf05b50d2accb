import { join } from "node:path";
import type { Progress, CaseAt } from "../report/progress.ts";
import type { CaseResult, Expectation } from "../report/run-report.ts";
import type { Case } from "./case.ts";
import type { Sabotage } from "./case-run.ts";
import { deriveSeed } from "./random.ts";
import { runCase } from "./run-case.ts";
import type { Bench, CaseOutcome } from "./run-case.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";

/** One cell of the matrix. */
export interface Planned {
  readonly case: Case;
  readonly subject: SubjectUnderTest;
  /** A self test's sabotage of the harness. */
  readonly sabotage?: Sabotage;
  /** What a list says of this cell. */
  readonly known?: CaseResult["known"];
  /** Judges the outcome of a self test. */
  readonly expect?: (outcome: CaseOutcome) => Expectation;
}

export interface SuiteOptions {
  readonly seed: number;
  readonly outDir: string;
  readonly progress: Progress;
  /** Cells of the run that other clusters have had before, and all there are. */
  readonly before: number;
  readonly of: number;
  /** Command line that repeats one cell. */
  readonly repro: (planned: Planned) => string;
  readonly onResult: (result: CaseResult) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs the plan one cell after the other: cases share a broker and two cores, and a case that is
 * slowed down by its neighbour says less.
 */
export async function runSuite(
  plan: readonly Planned[],
  bench: Bench,
  options: SuiteOptions,
): Promise<void> {
  for (const [i, planned] of plan.entries()) {
    if (options.signal.aborted) break;
    const at: CaseAt = {
      case: planned.case.id,
      subject: planned.subject.id,
      index: options.before + i + 1,
      of: options.of,
    };
    options.progress.caseStarted(at);
    const result = await runPlanned(planned, bench, options, at);
    if (options.signal.aborted) break;
    options.progress.caseFinished(at, result);
    options.onResult(result);
  }
}

async function runPlanned(
  planned: Planned,
  bench: Bench,
  options: SuiteOptions,
  at: CaseAt,
): Promise<CaseResult> {
  const { case: definition, subject } = planned;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  // By case alone: all subjects meet the same schedule.
  const seed = deriveSeed(options.seed, definition.id);
  const folder = join(
    "cases",
    slug(subject.id),
    slug(definition.id) + (planned.sabotage === undefined ? "" : `.${planned.sabotage}`),
  );
  const skipped = reasonToSkip(definition, subject, bench);
  const nothing = { judgement: null, artefacts: [], logs: [] };
  let outcome: CaseOutcome;
  try {
    outcome =
      skipped === null
        ? await runCase(definition, subject, bench, {
            seed,
            serial: at.index,
            outDir: join(options.outDir, folder),
            step: (text) => options.progress.step(at, text),
            sabotage: planned.sabotage ?? null,
            signal: options.signal,
          })
        : { outcome: "skipped", reason: skipped, ...nothing };
  } catch (error) {
    // The harness's own failure: this cell says nothing, the others still can.
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    outcome = { outcome: "error", reason: `harness: ${reason}`, ...nothing };
  }
  return {
    type: "case",
    case: definition.id,
    subject: subject.id,
    outcome: outcome.outcome,
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    ms: Math.round(performance.now() - start),
    startedAt,
    seed,
    judgement: outcome.judgement,
    repro: options.repro(planned),
    artefacts: outcome.artefacts.map(({ kind, path }) => ({ kind, path: `${folder}/${path}` })),
    logs: outcome.outcome === "pass" ? [] : outcome.logs,
    ...(planned.known === undefined ? {} : { known: planned.known }),
    ...(planned.expect === undefined ? {} : { expectation: planned.expect(outcome) }),
  };
}

/** A declared capability is missing: the subject's or the cluster's. */
function reasonToSkip(
  definition: Case,
  subject: SubjectUnderTest,
  { cluster }: Bench,
): string | null {
  const missing = missingCapability(definition, subject);
  if (missing !== null) return missing;
  for (const need of definition.needs) {
    if (need !== "broker" && !cluster.can[need]) {
      return `cluster ${cluster.kind} has ${NEED_NAMES[need]}`;
    }
  }
  return null;
}

/** What the subject would have to declare for the case to be run with it; null when it does. */
export function missingCapability(
  definition: Pick<Case, "needs" | "requires" | "rebalance">,
  { hello: { name, capabilities }, mode }: Pick<SubjectUnderTest, "hello" | "mode">,
): string | null {
  if (definition.needs.includes("broker") && capabilities.groupProtocol.length === 0) {
    return `${name} takes no part in groups: it declares no groupProtocol`;
  }
  const { rebalance } = definition;
  if (rebalance !== undefined && !rebalance.includes(mode.rebalance)) {
    return `for ${rebalance.join(" and ")} rebalances; this one is ${mode.rebalance}`;
  }
  const missing = definition.requires?.(capabilities) ?? null;
  return missing === null ? null : `${name} does not declare: ${missing}`;
}

const NEED_NAMES = {
  proxy: "no proxy",
  brokerFaults: "no control over its brokers",
  failover: "no three nodes, so nobody who could take over",
  diskFull: "no way to fill a broker's disk",
  commitLog: "no readable commit log",
  transactions: "no right to transactional ids that begin with sluice-",
} as const;

function slug(id: string): string {
  return id.replaceAll(/[^a-z0-9]+/gi, "-");
}
