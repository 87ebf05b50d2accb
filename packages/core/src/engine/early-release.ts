import { checkInteger, checkObject, join } from "../check-config.ts";
import type { CommitGate } from "../gate/commit-gate.ts";
import { TokenBucket } from "../limit/token-bucket.ts";

/**
 * When a record that waits for a retry becomes a dead letter early, because nearly everything behind
 * it in its partition is settled and only the record itself keeps commits back.
 */
export interface EarlyRelease {
  /** Of the records behind it, so many percent have to be settled; 50 to 100. */
  readonly settledPercent: number;
  /** There have to be so many records behind it; 1 to 1e7. */
  readonly minBehind: number;
  /** So many records a minute, in all partitions together; 1 to 1e6. */
  readonly perMinute: number;
  /** So many at once; 1 to 1e6. */
  readonly burst: number;
}

/** @throws ConfigurationError naming the field */
export function validateEarlyRelease(value: unknown, path = "earlyRelease"): EarlyRelease {
  const fields = checkObject(value, path, ["settledPercent", "minBehind", "perMinute", "burst"]);
  const integer = (key: keyof EarlyRelease, min: number, max: number): number =>
    checkInteger(fields[key], join(path, key), min, max);
  return {
    settledPercent: integer("settledPercent", 50, 100),
    minBehind: integer("minBehind", 1, 10_000_000),
    perMinute: integer("perMinute", 1, 1_000_000),
    burst: integer("burst", 1, 1_000_000),
  };
}

/**
 * Tells one bad record from an outage: with one bad record nearly all behind it is settled; in an
 * outage hardly anything is, and what slips through is paid for with tokens, so that the dead letter
 * topic is never flooded.
 */
export class ReleasePolicy {
  readonly #config: EarlyRelease;
  readonly #tokens: TokenBucket;

  constructor(config: EarlyRelease) {
    this.#config = config;
    this.#tokens = new TokenBucket({ tokens: config.perMinute, perMs: 60_000 }, config.burst);
  }

  /** Whether the record at the frontier keeps the others back. */
  isBlocked({ settledAhead, unsettled }: CommitGate): boolean {
    const { settledPercent, minBehind } = this.#config;
    const behind = settledAhead + unsettled - 1;
    return behind >= minBehind && settledAhead * 100 >= behind * settledPercent;
  }

  /** Pays for one release; false when there is nothing to pay it with. */
  pay(now: number): boolean {
    return this.#tokens.take(now);
  }

  /** When there is something to pay with again. */
  get payableAt(): number {
    return this.#tokens.nextAt();
  }
}
