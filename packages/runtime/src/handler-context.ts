import type { AbortReason, Envelope, KafkaRecord, WorkToken } from "@sluice/core";
import type { HandlerContext } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";

/**
 * One attempt at one record. Everything that costs is a getter: an eager AbortController alone
 * would cost ten times what the engine spends on a record.
 */
export class Attempt implements HandlerContext {
  readonly token: WorkToken;
  readonly record: KafkaRecord;
  readonly attempt: number;
  readonly epoch: number;
  finished = false;
  readonly #signals: Signals;
  readonly #envelopes: Envelopes;

  constructor(
    signals: Signals,
    envelopes: Envelopes,
    token: WorkToken,
    record: KafkaRecord,
    attempt: number,
    epoch: number,
  ) {
    this.#signals = signals;
    this.#envelopes = envelopes;
    this.token = token;
    this.record = record;
    this.attempt = attempt;
    this.epoch = epoch;
  }

  get signal(): AbortSignal {
    return this.#signals.of(this);
  }

  get envelope(): Envelope {
    return this.#envelopes.of(this.record);
  }

  get messageId(): string {
    return this.envelope.messageId;
  }

  get trace(): HandlerContext["trace"] {
    return this.envelope.trace;
  }
}

/** The abort signals that handlers have asked for; most never do. */
export class Signals {
  readonly #controllers = new Map<WorkToken, AbortController>();
  /** Aborted attempts still running, so that a signal read afterwards has fired already. */
  readonly #aborted = new Map<WorkToken, AbortReason>();

  of({ token, finished }: { token: WorkToken; finished: boolean }): AbortSignal {
    let controller = this.#controllers.get(token);
    if (controller === undefined) {
      controller = new AbortController();
      // Kept only while somebody can still abort it.
      if (!finished) this.#controllers.set(token, controller);
      const reason = this.#aborted.get(token);
      if (reason !== undefined) controller.abort(aborted(reason));
    }
    return controller.signal;
  }

  abort(token: WorkToken, reason: AbortReason): void {
    this.#aborted.set(token, reason);
    this.#controllers.get(token)?.abort(aborted(reason));
  }

  isAborted(token: WorkToken): boolean {
    return this.#aborted.has(token);
  }

  forget(token: WorkToken): void {
    if (this.#controllers.size !== 0) this.#controllers.delete(token);
    if (this.#aborted.size !== 0) this.#aborted.delete(token);
  }
}

const WHY: Record<AbortReason, string> = {
  revoked: "the partition is being revoked",
  lost: "the partition was lost",
  stopping: "the consumer is stopping",
  timeout: "the handler has run into handlerTimeoutMs",
};

function aborted(reason: AbortReason): DOMException {
  // As AbortSignal.timeout() has it.
  return new DOMException(WHY[reason], reason === "timeout" ? "TimeoutError" : "AbortError");
}
