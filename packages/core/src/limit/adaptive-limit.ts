import { checkInteger, checkObject, checkOneOf, join } from "../check-config.ts";
import { ConfigurationError } from "../configuration-error.ts";

/** A number of handlers at once that follows their latency. */
export interface AdaptiveConcurrency {
  /** Never fewer; 1 to 1e6. */
  readonly min: number;
  /** Never more; `min` to 1e6. */
  readonly max: number;
  /**
   * `gradient` goes down in proportion to how much latency has grown, and settles near the number at
   * which it begins to grow. `aimd` adds one at a time and takes off a quarter when latency has doubled:
   * slower, and rougher on what is called.
   */
  readonly policy: "gradient" | "aimd";
}

/** Handlers at once, before anything has been measured. */
const FIRST = 8;
/** Fewer than these say little about an average. */
const LEAST_SAMPLES = 32;
/** Windows between two measurements of the latency without load. */
const PROBE_EVERY = 20;
/** How much latency may exceed that without load before it counts as queueing. */
const GRADIENT_TOLERANCE = 1.25;
const AIMD_TOLERANCE = 2;
const AIMD_DECREASE = 0.75;

/** @throws ConfigurationError naming the field */
export function validateConcurrency(
  value: unknown,
  path = "concurrency",
): number | AdaptiveConcurrency {
  if (typeof value !== "object") return checkInteger(value, path, 1, 1_000_000);
  const fields = checkObject(value, path, ["min", "max", "policy"]);
  const min = checkInteger(fields["min"], join(path, "min"), 1, 1_000_000);
  const max = checkInteger(fields["max"], join(path, "max"), 1, 1_000_000);
  const policy = checkOneOf(fields["policy"], join(path, "policy"), ["gradient", "aimd"]);
  if (max < min) {
    throw new ConfigurationError(
      join(path, "max"),
      `${max} is less than min, which is ${min}`,
      "Exchange the two.",
    );
  }
  return { min, max, policy };
}

/**
 * Finds how many handlers are worth running at once, from how long they take: beyond that number what
 * they call only queues. Time is measured in windows of completions; a completion counts if its
 * handler began within the window, so that it tells of the present limit.
 *
 * What latency is without load has to be known, and may change. So half of the limit is tried for one
 * window in twenty: when latency has grown because what is called got slower, and not because it is
 * overloaded, that shows there, and the limit recovers. At first the limit doubles with each window
 * until latency grows.
 */
export class AdaptiveLimit {
  readonly #config: AdaptiveConcurrency;
  #limit: number;
  /** Mean latency with half of the load, milliseconds; 0 before the first window. */
  #unloaded = 0;
  #isGrowingFast = true;
  /** The limit to go on with after a probe; 0 outside of one. */
  #afterProbe = 0;
  #windows = 0;
  #windowFrom = -Infinity;
  #samples = 0;
  #sum = 0;
  /** As many as allowed ran at once: more may be worth it. */
  #wasUsedUp = false;

  constructor(config: AdaptiveConcurrency) {
    this.#config = config;
    this.#limit = this.#within(FIRST);
  }

  /** Handlers that may run at once. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * A handler has finished what it does; failures say nothing, but for time-outs.
   * @param running handlers that ran at once, this one included
   */
  finished(startedAt: number, now: number, running: number): void {
    if (running >= this.#limit) this.#wasUsedUp = true;
    if (startedAt < this.#windowFrom) return;
    this.#samples++;
    this.#sum += now - startedAt;
    if (this.#samples < LEAST_SAMPLES || this.#samples < this.#limit) return;
    // Clocks of whole milliseconds: below one there is nothing to tell apart.
    this.#endWindow(Math.max(1, this.#sum / this.#samples));
    this.#windowFrom = now;
    this.#samples = 0;
    this.#sum = 0;
    this.#wasUsedUp = false;
  }

  #endWindow(latency: number): void {
    if (this.#afterProbe > 0) {
      this.#unloaded = latency;
      this.#limit = this.#afterProbe;
      this.#afterProbe = 0;
      return;
    }
    if (this.#unloaded === 0) this.#unloaded = latency;
    this.#limit = this.#within(this.#next(latency));
    this.#windows++;
    if (this.#windows % PROBE_EVERY !== 0) return;
    this.#afterProbe = this.#limit;
    this.#limit = this.#within(this.#limit / 2);
  }

  #next(latency: number): number {
    const { policy } = this.#config;
    const tolerance = policy === "gradient" ? GRADIENT_TOLERANCE : AIMD_TOLERANCE;
    const gradient = Math.min(1, (tolerance * this.#unloaded) / latency);
    if (gradient < 1) {
      this.#isGrowingFast = false;
      if (policy === "aimd") return this.#limit * AIMD_DECREASE;
      return this.#limit * Math.max(0.5, gradient) + this.#headroom();
    }
    // What was not used says nothing about more of it.
    if (!this.#wasUsedUp) return this.#limit;
    if (this.#isGrowingFast) return this.#limit * 2;
    return this.#limit + (policy === "aimd" ? 1 : this.#headroom());
  }

  /** A short queue keeps what is called busy between two handlers. */
  #headroom(): number {
    return Math.max(1, Math.round(Math.sqrt(this.#limit) / 2));
  }

  #within(limit: number): number {
    return Math.max(this.#config.min, Math.min(this.#config.max, Math.floor(limit)));
  }
}
