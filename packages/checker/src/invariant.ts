import type { InvariantId, Witness } from "./history.ts";
import type { Model } from "./model.ts";
import type { InvariantResult, Verdict, Violation } from "./verdict.ts";

/** One rule of the specification, as a judge of histories. */
export interface Invariant {
  readonly id: InvariantId;
  /** What holds, in one sentence. */
  readonly rule: string;
  /** Each must be there; of a list, one suffices. */
  readonly needs: readonly (Witness | readonly Witness[])[];
  /**
   * Violated by not getting on, which proves nothing against a subject while its cluster is ill.
   * Safety is violated by doing something wrong, which nothing excuses.
   */
  readonly liveness: boolean;
  judge(model: Model, findings: Findings): void;
}

/** Collects what one invariant finds; keeps the smallest examples only, whatever their number. */
export class Findings {
  #examined = 0;
  #violations = 0;
  #reason: string | null = null;
  readonly #examples: { readonly events: readonly number[]; readonly message: () => string }[] = [];

  /** Something was looked at that could have been wrong. */
  examined(count = 1): void {
    this.#examined += count;
  }

  /** `events` in order; `Infinity` and negative indices (what never happened) are left out. */
  violation(events: readonly number[], message: () => string): void {
    this.#violations += 1;
    const seen = [...new Set(events.filter((index) => index >= 0 && index < Infinity))];
    const example = { events: seen.sort((a, b) => a - b), message };
    const at = this.#examples.findIndex((other) => smaller(example.events, other.events));
    if (at === -1) {
      if (this.#examples.length < MAX_EXAMPLES) this.#examples.push(example);
      return;
    }
    this.#examples.splice(at, 0, example);
    this.#examples.length = Math.min(this.#examples.length, MAX_EXAMPLES);
  }

  /** Something could not be told from this history. The first reason is kept. */
  inconclusive(reason: string): void {
    this.#reason ??= reason;
  }

  result(id: InvariantId): InvariantResult {
    const verdict: Verdict =
      this.#violations > 0
        ? "fail"
        : this.#reason !== null || this.#examined === 0
          ? "unknown"
          : "pass";
    const reason = this.#reason ?? "there was nothing to examine (G5)";
    return {
      id,
      verdict,
      examined: this.#examined,
      violations: this.#violations,
      examples: this.#examples.map(({ events, message }): Violation => ({
        message: message(),
        events,
      })),
      ...(verdict === "unknown" ? { reason } : {}),
    };
  }
}

function smaller(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  return (a[0] ?? Infinity) < (b[0] ?? Infinity);
}

const MAX_EXAMPLES = 8;
