import { PortError } from "../src/port/errors.ts";
import type { CommitOffset, CommitResult, EpochPartition } from "../src/port/consumer-port.ts";
import type { KafkaRecord, TopicPartition } from "../src/port/record.ts";
import { ConsumerEngine } from "../src/engine/consumer-engine.ts";
import type {
  AbortReason,
  DrainResult,
  EngineNotice,
  EngineSink,
  WorkToken,
} from "../src/engine/effects.ts";
import type { EngineConfig } from "../src/engine/engine.ts";
import type { DeadLetterCause, ErrorInfo } from "../src/engine/outcome.ts";

export type Effect =
  | { type: "dispatch"; token: WorkToken }
  | { type: "dispatchBatch"; tokens: readonly WorkToken[] }
  | { type: "abort"; token: WorkToken; reason: AbortReason }
  | { type: "deadLetter"; token: WorkToken; cause: DeadLetterCause }
  | { type: "commit"; id: number; offsets: readonly CommitOffset[] }
  | { type: "pause" | "resume"; partitions: readonly TopicPartition[] }
  | { type: "setTimer"; at: number }
  | { type: "released"; revocation: number }
  | { type: "drained"; result: DrainResult }
  | { type: "notify"; notice: EngineNotice };
type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;

/** An engine whose effects are written down instead of performed. */
export class Drive implements EngineSink {
  readonly engine: ConsumerEngine;
  readonly effects: Effect[] = [];
  /** The timer as the driver has it. */
  timerAt = Infinity;

  constructor(config: Partial<EngineConfig> = {}) {
    this.engine = new ConsumerEngine({ ...DEFAULTS, ...config }, this);
  }

  dispatch(token: WorkToken): void {
    this.effects.push({ type: "dispatch", token });
  }
  dispatchBatch(tokens: readonly WorkToken[]): void {
    this.effects.push({ type: "dispatchBatch", tokens });
  }
  abort(token: WorkToken, reason: AbortReason): void {
    this.effects.push({ type: "abort", token, reason });
  }
  deadLetter(token: WorkToken, cause: DeadLetterCause): void {
    this.effects.push({ type: "deadLetter", token, cause });
  }
  commit(id: number, offsets: readonly CommitOffset[]): void {
    this.effects.push({ type: "commit", id, offsets });
  }
  pause(partitions: readonly TopicPartition[]): void {
    this.effects.push({ type: "pause", partitions });
  }
  resume(partitions: readonly TopicPartition[]): void {
    this.effects.push({ type: "resume", partitions });
  }
  setTimer(at: number): void {
    this.timerAt = at;
    this.effects.push({ type: "setTimer", at });
  }
  released(revocation: number): void {
    this.effects.push({ type: "released", revocation });
  }
  drained(result: DrainResult): void {
    this.effects.push({ type: "drained", result });
  }
  notify(notice: EngineNotice): void {
    this.effects.push({ type: "notify", notice });
  }

  /** The effects since the last call. */
  take(): Effect[] {
    return this.effects.splice(0);
  }

  /** The effects of one type since the last call; the others are dropped. */
  taken<T extends Effect["type"]>(type: T): EffectOf<T>[] {
    return this.take().filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  notices<T extends EngineNotice["type"]>(type: T): Extract<EngineNotice, { type: T }>[] {
    return this.taken("notify")
      .map(({ notice }) => notice)
      .filter((notice): notice is Extract<EngineNotice, { type: T }> => notice.type === type);
  }
}

export const DEFAULTS: EngineConfig = {
  ordering: "key",
  concurrency: 8,
  budget: { records: 100, bytes: 1_000_000 },
  retry: { maxAttempts: 3, backoff: { type: "fixed", delayMs: 100 } },
  deadLetter: true,
  commitIntervalMs: 1_000,
  startAt: "earliest",
  stallAfterMs: 2_000_000_000,
  handlerTimeoutMs: Infinity,
  batch: null,
  laneSeed: 1,
  commitMetadataChars: 0,
};

export function at(partition: number, epoch: number): EpochPartition {
  return { topic: "orders", partition, epoch };
}

export function assignment(
  partition: number,
  epoch: number,
  committed: number | null = null,
  { low = 0, high = 1_000 }: { low?: number; high?: number } = {},
) {
  return {
    ...at(partition, epoch),
    committed: committed === null ? null : { offset: committed, metadata: "" },
    low,
    high,
  };
}

/** A record; `key` null for none. */
export function record(partition: number, offset: number, key: string | null = null): KafkaRecord {
  return {
    topic: "orders",
    partition,
    offset,
    timestamp: 0,
    key: key === null ? null : new TextEncoder().encode(key),
    value: Uint8Array.of(1, 2, 3),
    headers: [],
  };
}

export const error = (kind: ErrorInfo["kind"] = "transient"): ErrorInfo => ({
  kind,
  class: "Error",
  message: "it failed",
});

export const accepted = (offsets: readonly CommitOffset[]): CommitResult[] =>
  offsets.map((offset) => ({ ...offset }));

export const refused = (
  offsets: readonly CommitOffset[],
  kind: PortError["kind"],
): CommitResult[] =>
  offsets.map((offset) => ({
    ...offset,
    error: new PortError(`commit refused: ${kind}`, { kind, outcome: "failed" }),
  }));
