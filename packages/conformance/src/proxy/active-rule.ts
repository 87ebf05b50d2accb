import { names } from "./named-partitions.ts";
import type { Frame, Rule, RuleHandle } from "./proxy.ts";

/** What a rule asks of the proxy. */
export interface RuleHost {
  removed(rule: ActiveRule): void;
  readonly topicName: (id: string) => string | null;
}

/** A rule at work: what it matched, what it did, and who waits for either. */
export class ActiveRule implements RuleHandle {
  readonly rule: Rule;
  #matched = 0;
  #acted = 0;
  #removed = false;
  /** A `where` that threw: no match, but nobody shall take that for "did not happen". */
  #failure: Error | null = null;
  #waiting: { n: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #host: RuleHost;

  /** @throws RangeError for a number of bytes that makes no sense. */
  constructor(rule: Rule, host: RuleHost) {
    const { act } = rule;
    if ("bytes" in act && !(Number.isSafeInteger(act.bytes) && act.bytes >= MIN[act.type])) {
      throw new RangeError(`rule ${rule.name}: ${act.type} of ${act.bytes} bytes`);
    }
    if (act.type === "throttle" && !(act.bytesPerSecond > 0)) {
      throw new RangeError(`rule ${rule.name}: throttle to ${act.bytesPerSecond} bytes a second`);
    }
    this.rule = rule;
    this.#host = host;
  }

  get matched(): number {
    return this.#matched;
  }
  get acted(): number {
    return this.#acted;
  }
  /** No longer in force: what it holds is to go. */
  get removed(): boolean {
    return this.#removed;
  }

  takes(frame: Frame): boolean {
    if (this.#removed || this.#matched >= (this.rule.times ?? Infinity)) return false;
    if (!this.#matches(frame)) return false;
    this.#matched += 1;
    return true;
  }

  didAct(): void {
    this.#acted += 1;
    for (const waiter of this.#waiting) if (waiter.n <= this.#acted) waiter.resolve();
    this.#waiting = this.#waiting.filter((waiter) => waiter.n > this.#acted);
  }

  acting(n = 1): Promise<void> {
    const result = new Promise<void>((resolve, reject) => {
      if (this.#acted >= n) resolve();
      else if (this.#failure) reject(this.#failure);
      else if (this.#removed) reject(this.#tooFew(n));
      else this.#waiting.push({ n, resolve, reject });
    });
    // Who raced it against a deadline and lost interest must not be an unhandled rejection.
    result.catch(() => {});
    return result;
  }

  release(): void {
    this.remove();
  }

  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    this.#host.removed(this);
    for (const waiter of this.#waiting) waiter.reject(this.#tooFew(waiter.n));
    this.#waiting = [];
  }

  #matches(frame: Frame): boolean {
    const { match } = this.rule;
    if (match.direction !== undefined && match.direction !== frame.direction) return false;
    if (match.apiKeys !== undefined && !match.apiKeys.includes(frame.apiKey)) return false;
    try {
      const { clientId, partition, where } = match;
      if (typeof clientId === "string" && clientId !== frame.clientId) return false;
      if (typeof clientId === "function" && !clientId(frame.clientId)) return false;
      if (partition !== undefined) {
        const { body } = frame;
        if (body === null || !names(body, partition, this.#host.topicName)) return false;
      }
      return where === undefined || where(frame);
    } catch (error) {
      this.#failure ??= new Error(`rule ${this.rule.name}: its condition threw`, { cause: error });
      for (const waiter of this.#waiting) waiter.reject(this.#failure);
      this.#waiting = [];
      return false;
    }
  }

  #tooFew(n: number): Error {
    return new Error(
      `rule ${this.rule.name} was removed after acting on ${this.#acted} of ${n} frames`,
    );
  }
}

const MIN = { cut: 0, slice: 1 } as const;
