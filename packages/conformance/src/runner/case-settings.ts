/** Durations are milliseconds. */
export interface CaseSettings {
  readonly partitions: number;
  readonly concurrency: number;
  readonly ordering: "key" | "partition" | "none";
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly startAt: "earliest" | "latest";
  readonly retry: { readonly maxAttempts: number; readonly backoffMs: number };
  readonly deadLetter: boolean;
  /** What a member may hold fetched and not begun, to which one fetch may come; null: as it likes. */
  readonly bufferBytes: number | null;
  readonly limits: {
    readonly settleMs: number;
    readonly commitMs: number;
    readonly stopMs: number;
  };
}

export const DEFAULT_SETTINGS: CaseSettings = {
  partitions: 6,
  concurrency: 16,
  ordering: "key",
  commitIntervalMs: 200,
  // KIP-848 takes its session and heartbeat from the broker: 6 s and 1 s there.
  sessionTimeoutMs: 6_000,
  heartbeatMs: 500,
  rebalanceTimeoutMs: 15_000,
  drainTimeoutMs: 8_000,
  startAt: "earliest",
  retry: { maxAttempts: 3, backoffMs: 100 },
  deadLetter: true,
  bufferBytes: null,
  limits: { settleMs: 20_000, commitMs: 5_000, stopMs: 8_000 },
};
