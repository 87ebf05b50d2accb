import type { EngineSnapshot } from "./snapshot.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What only counting tells: what was done since the start, and what came too late or made no sense. */
export class Counters {
  readonly totals: Writable<EngineSnapshot["totals"]> = {
    fetched: 0,
    restored: 0,
    settled: 0,
    retried: 0,
    timedOut: 0,
    deadLettered: 0,
    skipped: 0,
  };
  readonly ignored: Writable<EngineSnapshot["ignored"]> = {
    staleCompletions: 0,
    staleRecords: 0,
    unsafeOffsets: 0,
    staleCommitAnswers: 0,
    unknownTokens: 0,
    lateResults: 0,
    rejectedMetadata: 0,
  };
}
