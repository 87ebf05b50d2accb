/** When to try again. Durations are milliseconds, integers; see SLC-RTY. */
export interface RetryConfig {
  /** Attempts in all, the first included; at least 1, or Infinity. */
  readonly maxAttempts: number;
  /** No attempt begins later than this after the first failure. */
  readonly maxElapsedMs?: number;
  readonly backoff: Backoff;
}

export type Backoff =
  | {
      readonly type: "fixed";
      readonly delayMs: number;
      readonly jitter?: Jitter;
    }
  | {
      readonly type: "linear";
      readonly initialMs: number;
      readonly stepMs: number;
      readonly maxMs: number;
      readonly jitter?: Jitter;
    }
  | {
      readonly type: "exponential";
      readonly initialMs: number;
      readonly maxMs: number;
      /** Multiplier as a ratio of integers, so that every language agrees. @defaultValue 2/1 */
      readonly factor?: {
        readonly numerator: number;
        readonly denominator: number;
      };
      readonly jitter?: Jitter;
    };

export type Jitter = "none" | "full" | "equal" | "decorrelated";
