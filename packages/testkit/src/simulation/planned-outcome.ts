import { NonRetryableError, RetryableError } from "@sluice/runtime";
import type { PlannedRecord, ScenarioConfig } from "./scenario.ts";

/** How an attempt ends: for the ledger, and for the runtime. */
export interface PlannedOutcome {
  readonly result: "ok" | "retry" | "throw" | "poison" | "dead-letter" | "skip";
  readonly returns: Returns;
  readonly throws?: Error;
}

export type Returns =
  | undefined
  | { readonly outcome: "skip"; readonly reason: string }
  | { readonly outcome: "dead-letter"; readonly reason: string }
  | { readonly outcome: "retry" };

export function outcomeOf({ behaviour }: PlannedRecord, attempt: number): PlannedOutcome {
  switch (behaviour.type) {
    case "ok":
      return { result: "ok", returns: undefined };
    case "skip":
      return { result: "skip", returns: { outcome: "skip", reason: "of no use" } };
    case "dead-letter":
      return { result: "dead-letter", returns: { outcome: "dead-letter", reason: "nobody's" } };
    case "poison":
      return { result: "poison", returns: undefined, throws: new NonRetryableError("poison") };
    case "exhausts":
      return { result: "throw", returns: undefined, throws: new RetryableError("again") };
    case "transient":
      if (attempt > behaviour.failures) return { result: "ok", returns: undefined };
      return behaviour.asks
        ? { result: "retry", returns: { outcome: "retry" } }
        : { result: "throw", returns: undefined, throws: new RetryableError("for now") };
  }
}

/** Whether the record is to end as a dead letter, whatever happens. */
export function failsForGood(
  { behaviour: { type }, durationMs }: PlannedRecord,
  { handlerTimeoutMs }: ScenarioConfig,
): boolean {
  if (handlerTimeoutMs !== null && durationMs > handlerTimeoutMs) return true;
  return type === "exhausts" || type === "poison" || type === "dead-letter";
}
