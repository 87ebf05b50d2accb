/** How a handler ended, as the runtime reports it to the engine. */
export type HandlerOutcome =
  | { readonly type: "ok" }
  /**
   * The handler threw or rejected; the retry policy decides. `ofBatch`: it was given several records
   * and has not said whose failure it is, so that the error tells nothing about any one of them.
   */
  | { readonly type: "failed"; readonly error: ErrorInfo; readonly ofBatch?: boolean }
  /** The handler asks for another attempt, after a delay of its own if given (milliseconds). */
  | {
      readonly type: "retry";
      readonly afterMs?: number;
      readonly error: ErrorInfo;
    }
  /** The handler gives the record up. */
  | { readonly type: "dead-letter"; readonly error: ErrorInfo }
  /** An audited skip: the record counts as settled and the reason is reported. */
  | { readonly type: "skip"; readonly reason: string };

export interface ErrorInfo {
  /** SLC-ENV error kinds; decides whether an attempt can help. */
  readonly kind: ErrorKind;
  /** Constructor name of what was thrown, or its type for a non-Error. */
  readonly class: string;
  readonly message: string;
  readonly code?: string;
  /** May be a getter: formatting a stack costs more than a failed attempt. */
  readonly stack?: string | undefined;
}

export type ErrorKind =
  | "transient"
  | "permanent"
  | "timeout"
  | "deserialization"
  | "validation"
  | "cancelled"
  | "poison"
  | "unknown";

/** Why and with which history a record becomes a dead letter. */
export interface DeadLetterCause {
  readonly reason: "retries-exhausted" | "non-retryable" | "expired" | "manual" | "blocked";
  readonly error: ErrorInfo;
  /** Attempts made, at least 1. */
  readonly attempts: number;
  /** Milliseconds since the Unix epoch. */
  readonly firstFailedAt: number;
  readonly failedAt: number;
}

/** How an attempt ends that has run into the handler timeout, whatever its handler says later. */
export function timeoutError(timeoutMs: number): ErrorInfo {
  const message = `the handler had not returned after ${timeoutMs} ms`;
  return { kind: "timeout", class: "HandlerTimeout", message };
}
