import type { HandlerOutcome, KafkaRecord, WorkToken } from "@sluice/core";
import type { BatchContext, HandlerContext, RecordOutcome } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";
import { Attempt } from "./handler-context.ts";
import type { Signals } from "./handler-context.ts";
import { failed, invalid, OK, outcomeOf, recordOutcomeOf } from "./handler-result.ts";
import { keyOf } from "./partitions.ts";

/** One attempt at the records of one batch. */
export class BatchAttempt implements BatchContext {
  /** The batch's name: that of its first record. */
  readonly token: WorkToken;
  readonly epoch: number;
  finished = false;
  readonly #signals: Signals;
  readonly #envelopes: Envelopes;
  readonly #all: readonly KafkaRecord[];
  readonly #attempts: readonly number[];
  readonly #outcomes = new Map<KafkaRecord, HandlerOutcome>();
  #records: readonly KafkaRecord[];
  #indexes: ReadonlyMap<KafkaRecord, number> | undefined;

  /** @param attempts of each record, which may differ */
  constructor(
    signals: Signals,
    envelopes: Envelopes,
    token: WorkToken,
    records: readonly KafkaRecord[],
    attempts: readonly number[],
    epoch: number,
  ) {
    this.#signals = signals;
    this.#envelopes = envelopes;
    this.#all = records;
    this.#attempts = attempts;
    this.#records = records;
    this.token = token;
    this.epoch = epoch;
  }

  /** What the handler is given. */
  get records(): readonly KafkaRecord[] {
    return this.#records;
  }

  get signal(): AbortSignal {
    return this.#signals.of(this);
  }

  of(record: KafkaRecord): HandlerContext {
    const attempt = this.#attempts[this.#indexOf(record)]!;
    return new Attempt(this.#signals, this.#envelopes, this.token, record, attempt, this.epoch);
  }

  done(record: KafkaRecord, outcome?: RecordOutcome): void {
    this.#indexOf(record);
    this.#outcomes.set(record, outcome === undefined ? OK : recordOutcomeOf(outcome));
  }

  /** The handler is not given this one. */
  exclude(record: KafkaRecord, error: unknown): void {
    this.#outcomes.set(record, failed(error));
    this.#records = this.#records.filter((each) => each !== record);
  }

  /**
   * What each record has come to after the handler returned.
   * @param returned an array with its promises settled
   */
  returned(returned: unknown): readonly HandlerOutcome[] {
    if (!Array.isArray(returned)) return this.ended(outcomeOf(returned));
    const records = this.#records;
    if (returned.length !== records.length) {
      return this.ended(
        invalid(
          `the handler was given ${records.length} records and returned an array of ` +
            `${returned.length}: an array has to have one outcome for each record, in their order`,
        ),
      );
    }
    for (const [index, record] of records.entries()) {
      const outcome = recordOutcomeOf(returned[index]);
      if (outcome !== OK || !this.#outcomes.has(record)) this.#outcomes.set(record, outcome);
    }
    return this.ended(OK);
  }

  /**
   * What each record has come to, when those without an outcome of their own have this one. A failure
   * is that of the one record it is left for; among several nobody knows whose it is.
   */
  ended(others: HandlerOutcome): readonly HandlerOutcome[] {
    const isShared = others.type === "failed" && this.#all.length - this.#outcomes.size > 1;
    const left: HandlerOutcome = isShared ? { ...others, ofBatch: true } : others;
    return this.#all.map((record) => this.#outcomes.get(record) ?? left);
  }

  #indexOf(record: KafkaRecord): number {
    this.#indexes ??= new Map(this.#all.map((each, index) => [each, index]));
    const index = this.#indexes.get(record);
    if (index === undefined) {
      throw new RangeError(
        `${keyOf(record)}@${record.offset} is not a record of this batch; pass one of the objects ` +
          "that the handler was given",
      );
    }
    return index;
  }
}
