import type { History } from "./history.ts";

/**
 * A condition that a case waited for did not come true in time. `blame` says who had to act: an
 * unmet `subject` condition on a healthy cluster fails the case, an `environment` one leaves it
 * unknown.
 */
export class Unmet extends Error {
  override readonly name = "Unmet";
  readonly condition: string;
  readonly blame: "subject" | "environment";
  readonly detail: string;

  constructor(condition: string, blame: "subject" | "environment", detail: string) {
    super(`${condition}: ${detail}`);
    this.condition = condition;
    this.blame = blame;
    this.detail = detail;
  }
}

export interface ConditionOptions {
  readonly withinMs: number;
  readonly blame: "subject" | "environment";
  /** Shown when the deadline passes: how far it got. */
  readonly progress?: () => string;
  /** Ends the wait early: nothing can become true any more. */
  readonly hopeless?: () => string | null;
}

/** Conditions may depend on time alone (so many commit intervals), not only on events. */
const RECHECK_MS = 25;

/**
 * Resolves as soon as the predicate holds: it is looked at after every event of the history, and
 * now and then for those that depend on the clock.
 *
 * @throws Unmet at the deadline, or at once when the wait is hopeless
 */
export async function condition(
  history: History,
  what: string,
  holds: () => boolean,
  options: ConditionOptions,
): Promise<void> {
  if (holds()) return;
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let queued = false;
    let ended = false;
    const end = (settle: () => void): void => {
      ended = true;
      off();
      clearInterval(timer);
      settle();
    };
    const look = (): void => {
      queued = false;
      if (ended) return;
      let reason: string | null;
      try {
        if (holds()) return end(resolve);
        reason = options.hopeless?.() ?? null;
      } catch (error) {
        return end(() => reject(error));
      }
      if (reason === null) {
        if (performance.now() - start < options.withinMs) return;
        reason = `not within ${(options.withinMs / 1000).toFixed(1)} s`;
      }
      const progress = options.progress === undefined ? "" : ` (${options.progress()})`;
      end(() => reject(new Unmet(what, options.blame, `${reason}${progress}`)));
    };
    // A burst of events is one look: a quadratic predicate over each record would not do.
    const off = history.onEvent(() => {
      if (queued) return;
      queued = true;
      setImmediate(look);
    });
    const timer = setInterval(look, RECHECK_MS);
  });
}
