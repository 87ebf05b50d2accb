import type { ErrorInfo, HandlerOutcome } from "@sluice/core";
import { describeThrown, messageOf } from "./errors.ts";

/** Shared: success must not allocate. */
export const OK: HandlerOutcome = { type: "ok" };

/**
 * What a handler returned, as an outcome. Nothing, and any value that has no `outcome` property,
 * is success: people return database results. A value that has one must be a known outcome: a
 * misspelt `{ outcome: "dead_letter" }` taken for success would drop the record.
 */
export function outcomeOf(returned: unknown): HandlerOutcome {
  if (typeof returned !== "object" || returned === null) return OK;
  try {
    if (!("outcome" in returned)) return OK;
    return namedOutcome(returned);
  } catch (error) {
    return failed(error);
  }
}

/**
 * The outcome of one record of a batch, which may also be "failed", or what `Promise.allSettled`
 * says of it.
 */
export function recordOutcomeOf(entry: unknown): HandlerOutcome {
  if (typeof entry !== "object" || entry === null) return OK;
  try {
    const { outcome, error, status, reason, value } = entry as Record<string, unknown>;
    if (outcome === "failed") return failed(error ?? new Error("the handler gave no reason"));
    if ("outcome" in entry) return namedOutcome(entry);
    if (status === "rejected" && "reason" in entry) return failed(reason);
    if (status === "fulfilled" && "value" in entry) return recordOutcomeOf(value);
    return entry instanceof Error ? failed(entry) : OK;
  } catch (thrown) {
    return failed(thrown);
  }
}

export function failed(thrown: unknown): HandlerOutcome {
  return { type: "failed", error: describeThrown(thrown) };
}

function namedOutcome(returned: {
  outcome?: unknown;
  reason?: unknown;
  afterMs?: unknown;
}): HandlerOutcome {
  const { outcome, reason, afterMs } = returned;
  switch (outcome) {
    case "ok":
      return OK;
    case "skip":
      return { type: "skip", reason: text(reason, "no reason given") };
    case "dead-letter":
      return {
        type: "dead-letter",
        error: asked("permanent", "DeadLetterRequested", text(reason, "no reason given")),
      };
    case "retry": {
      const error = asked(
        "transient",
        "RetryRequested",
        text(reason, "the handler asked to retry"),
      );
      if (afterMs === undefined) return { type: "retry", error };
      if (typeof afterMs !== "number" || !(afterMs >= 0) || !Number.isFinite(afterMs)) {
        return invalid(`afterMs must be milliseconds, 0 or more, not ${messageOf(afterMs)}`);
      }
      return { type: "retry", afterMs: Math.ceil(afterMs), error };
    }
    default:
      return invalid(
        `the handler returned the outcome ${JSON.stringify(outcome) ?? typeof outcome}; ` +
          `an object with a property "outcome" must say "ok", "retry", "dead-letter" or "skip"`,
      );
  }
}

function asked(kind: ErrorInfo["kind"], name: string, message: string): ErrorInfo {
  return { kind, class: name, message };
}

export function invalid(message: string): HandlerOutcome {
  return { type: "failed", error: { kind: "unknown", class: "InvalidOutcome", message } };
}

function text(value: unknown, fallback: string): string {
  if (value === undefined || value === "") return fallback;
  return typeof value === "string" ? value : messageOf(value);
}
