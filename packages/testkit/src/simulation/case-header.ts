import { INVARIANT_IDS } from "@sluice/checker";
import type { CaseEvent, InvariantId } from "@sluice/checker";
import type { PlannedFault, Scenario, ScenarioConfig } from "./scenario.ts";
import { mostAtOnce } from "./scenario-config.ts";

export const TOPIC = "orders";
export const DEAD_LETTERS = "orders.dlq";
export const GROUP = "g";
/**
 * Virtual time for everything to be handled and committed once all is well: what the longest script
 * takes, where a hundred records one after the other use up their attempts with a pause after each.
 */
export const SETTLE_MS = 7_200_000;

/** The first line of a run's history: what it is to be judged by. */
export function caseHeader({ config, calm, seed, faults }: Scenario): Omit<CaseEvent, "t"> {
  const has = (fault: PlannedFault["type"]): boolean => faults.some(({ type }) => type === fault);
  return {
    type: "case",
    history: 1,
    id: `simulation/${seed}`,
    seed,
    subject: "simulated",
    group: GROUP,
    topics: { [TOPIC]: config.partitions },
    deadLetterTopic: DEAD_LETTERS,
    ordering: config.ordering,
    // The ledger counts records; that batches are no more than they may be is the world's to watch.
    concurrency: mostAtOnce(config) * (config.batch?.size ?? 1),
    commitIntervalMs: config.commitIntervalMs,
    sessionTimeoutMs: config.sessionTimeoutMs,
    groupProtocol: config.protocol === "consumer" ? "consumer" : "classic",
    rebalance: config.protocol,
    // A process that was stopped, or a partition that was paused, is late by as much; and who waits
    // for a rate, for a batch, or for a slot of which there may be fewer, by more than can be told.
    retry: {
      maxAttempts: config.maxAttempts,
      backoffMs: delaysOf(config),
      slackMs: isPlain(config) ? 60_000 : SETTLE_MS,
    },
    witnesses: ["ledger", "wire", "commit-log", "topics"],
    invariants: (has("truncate")
      ? AFTER_TRUNCATION
      : has("retention")
        ? AFTER_RETENTION
        : ALL
    ).filter((id) => !unfitFor(config, has).has(id)),
    headerCaps: { order: true, empty: true, null: true },
    limits: { settleMs: SETTLE_MS, commitMs: 60_000, stopMs: 60_000 },
    duplicates: calm ? "none" : "explained",
  };
}

function isPlain({ concurrency, batch, rateLimit }: ScenarioConfig): boolean {
  return typeof concurrency === "number" && batch === null && rateLimit === null;
}

/** What cannot be told of such runs. `AssignmentBook` judges the order of all of them. */
function unfitFor(
  { batch, earlyRelease, handlerTimeoutMs }: ScenarioConfig,
  has: (fault: PlannedFault["type"]) => boolean,
): ReadonlySet<InvariantId> {
  const unfit = new Set<InvariantId>();
  // Several records of a lane run together.
  if (batch !== null) unfit.add("K1");
  // Which record becomes a dead letter, and after how many attempts, depends on what else happens:
  // on the others of its partition, on the slowest of its batch, on how long its process slept.
  if (earlyRelease !== null) for (const id of ["T1", "Q1", "Q2"] as const) unfit.add(id);
  if (handlerTimeoutMs !== null && (batch !== null || has("freeze"))) unfit.add("Q1");
  return unfit;
}

/** Bounds of the delay after each attempt that fails, jitter included. */
function delaysOf({
  backoff,
  maxAttempts,
}: ScenarioConfig): readonly { readonly min: number; readonly max: number }[] {
  if (backoff.type === "fixed") return [{ min: backoff.delayMs, max: backoff.delayMs }];
  const { initialMs, maxMs, jitter } = backoff;
  return Array.from({ length: maxAttempts }, (_, i) => {
    const base = Math.min(maxMs, initialMs * 2 ** i);
    switch (jitter) {
      case "none":
        return { min: base, max: base };
      case "equal":
        return { min: Math.floor(base / 2), max: base };
      case "full":
        return { min: 0, max: base };
      case "decorrelated":
        return { min: initialMs, max: maxMs };
    }
  });
}

/**
 * Nobody is asked for vectors (H1), faults overlap, so that no path is known to be healthy (V4), and a stop in the
 * middle of them may be forced (V5).
 */
const NOT_HERE: ReadonlySet<InvariantId> = new Set(["H1", "V4", "V5"]);
/** What a run is judged by. */
const ALL: readonly InvariantId[] = INVARIANT_IDS.filter((id) => !NOT_HERE.has(id));
/** A record that retention has taken cannot be compared with its dead letter, nor need have one. */
const AFTER_RETENTION: readonly InvariantId[] = ALL.filter((id) => !id.startsWith("Q"));
/** Where an unclean election takes records back, an offset names two records. */
const AFTER_TRUNCATION: readonly InvariantId[] = ["P4", "K1", "T1", "B1", "V3", "V6"];
