import type { Outcome, OutgoingRecord, PortErrorKind, Sent } from "@sluice/core";
import { PortError } from "@sluice/core";
import { keyOf } from "./assignment.ts";
import { errorOfCode, toPortError, wasNeverSent } from "./errors.ts";
import type { Broker, ResponseOf } from "./internals.ts";
import { breakConnection, call } from "./internals.ts";
import { toNumber } from "./offsets.ts";
import type { ProducerIdentity } from "./producer-id.ts";
import { nextSequence } from "./producer-id.ts";
import { Backoff, delay, TIMED_OUT, within } from "./waiting.ts";

/** A record on its way, and who waits for it. */
export interface Pending {
  readonly record: OutgoingRecord;
  readonly message: Message;
  readonly bytes: number;
  /** `performance.now()` by which it must have arrived. */
  readonly deadline: number;
  resolve(sent: Sent): void;
  reject(error: PortError): void;
}

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}

/** What a lane needs of its producer. */
export interface LaneOwner {
  readonly requestMs: number;
  readonly lingerMs: number;
  readonly compression: number;
  readonly closed: AbortSignal;
  /** The identity for a new batch. @throws PortError */
  identity(): Promise<ProducerIdentity>;
  /** The fate of one of its batches is unknown: no new batch may carry it. */
  retire(identity: ProducerIdentity): void;
  /** @throws PortError, or what kafkajs throws */
  leader(topic: string, partition: number): Promise<Broker>;
  leaderMoved(topic: string): void;
}

const BATCH_BYTES = 512 * 1024;
const BATCH_RECORDS = 10_000;
const REQUEST_TIMED_OUT = 7;
const NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20;
const DUPLICATE_SEQUENCE_NUMBER = 46;
/** The broker takes no batch of this identity: sequence, epoch or producer id unknown to it. */
const IDENTITY_REFUSED: ReadonlySet<number> = new Set([45, 47, 59, 90]);

/**
 * The records of one topic-partition, sent strictly one batch after the other.
 *
 * kafkajs' own idempotent producer loses records here (T17). Its sequence numbers advance before
 * the answer, and are rolled back when there is none; the lock around that is released between two
 * attempts. So: A is sent as sequence 0 and its answer is lost; the sequence goes back to 0; B is
 * sent as sequence 0 before A is tried again; the broker takes B for the A it knows, and answers
 * success with A's offset. B is acknowledged and never written.
 *
 * Here a batch keeps its sequence number over all its attempts, nothing else goes out in the
 * meantime, and when its fate stays unknown its producer id is given up with it: with the sequence
 * number before it or the one after it, one of the two would be wrong.
 */
export class PartitionLane {
  readonly #topic: string;
  readonly #partition: number;
  readonly #owner: LaneOwner;
  readonly #queue: Pending[] = [];
  #identity: ProducerIdentity | null = null;
  #sequence = 0;
  #busy = false;
  #linger: NodeJS.Timeout | null = null;
  #queuedBytes = 0;

  constructor(topic: string, partition: number, owner: LaneOwner) {
    this.#topic = topic;
    this.#partition = partition;
    this.#owner = owner;
  }

  add(pending: Pending): void {
    this.#queue.push(pending);
    this.#queuedBytes += pending.bytes;
    if (this.#busy) return;
    if (this.#queuedBytes >= BATCH_BYTES) this.flush();
    else this.#linger ??= setTimeout(() => this.flush(), this.#owner.lingerMs);
  }

  /** Sends what waits for company. */
  flush(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    if (!this.#busy && this.#queue.length > 0) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#queue.length > 0) await this.#deliver(this.#take());
    } finally {
      this.#busy = false;
    }
  }

  #take(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count === BATCH_RECORDS || (count > 0 && bytes + pending.bytes > BATCH_BYTES)) break;
      bytes += pending.bytes;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** Settles every record of the batch; never rejects. */
  async #deliver(batch: Pending[]): Promise<void> {
    const answer = await this.#send(batch).catch((thrown: unknown) =>
      toPortError(thrown, `producing to ${this.#where}`, "failed"),
    );
    if (typeof answer === "number") {
      batch.forEach((pending, i) => pending.resolve({ offset: answer + i }));
      return;
    }
    // One record that the broker will never take must not drag its neighbours along.
    if (answer.kind === "rejected" && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2);
      await this.#deliver(batch.slice(0, middle));
      await this.#deliver(batch.slice(middle));
      return;
    }
    for (const pending of batch) pending.reject(answer);
  }

  /**
   * Sends until there is an answer or the first record's time is up.
   * @returns the first record's offset, or what became of the batch
   * @throws what happened before anything was sent
   */
  async #send(batch: readonly Pending[]): Promise<number | PortError> {
    const deadline = Math.min(...batch.map((pending) => pending.deadline));
    const left = (): number => deadline - performance.now();
    const backoff = new Backoff(50, 1000);
    let mayBeWritten = false;
    let last = this.#error("was not sent in time", "retriable", "failed");
    while (left() > 0 && !this.#owner.closed.aborted) {
      let broker: Broker | null = null;
      try {
        const place = await within(this.#place(mayBeWritten), left());
        if (place === TIMED_OUT) break;
        broker = place;
        const request = this.#request(batch, this.#identity as ProducerIdentity);
        const limit = Math.min(left(), this.#owner.requestMs);
        const response = await within(call(broker, "Produce", request), limit);
        if (response === TIMED_OUT) {
          mayBeWritten = true;
          last = this.#error(
            `was not answered within ${Math.round(limit)} ms`,
            "retriable",
            "unknown",
          );
          if (limit === this.#owner.requestMs) {
            breakConnection(broker, 0, "a produce request was not answered in time");
          }
          this.#owner.leaderMoved(this.#topic);
          continue;
        }
        const verdict = this.#judge(response, batch.length);
        if (typeof verdict === "number") return verdict;
        if (verdict.outcome === "unknown") mayBeWritten = true;
        if (IDENTITY_REFUSED.has(verdict.code ?? 0) && !mayBeWritten) {
          // Nothing of the batch has ever been written: it may go out under another identity.
          this.#giveUpIdentity();
        } else if (verdict.kind !== "retriable") {
          return this.#final(verdict, mayBeWritten);
        }
        last = verdict;
      } catch (thrown) {
        const outcome: Outcome = broker === null || wasNeverSent(thrown) ? "failed" : "unknown";
        if (outcome === "unknown") mayBeWritten = true;
        last = toPortError(thrown, `producing to ${this.#where}`, outcome);
        if (last.kind !== "retriable") return this.#final(last, mayBeWritten);
      }
      this.#owner.leaderMoved(this.#topic);
      await delay(Math.min(left(), backoff.next()), this.#owner.closed);
    }
    return this.#final(last, mayBeWritten);
  }

  /** Where to send, with the identity settled before the first attempt and kept until the last. */
  async #place(mayBeWritten: boolean): Promise<Broker> {
    if (!mayBeWritten) {
      const identity = await this.#owner.identity();
      if (identity !== this.#identity) {
        this.#identity = identity;
        this.#sequence = 0;
      }
    }
    return this.#owner.leader(this.#topic, this.#partition);
  }

  #request(batch: readonly Pending[], identity: ProducerIdentity): object {
    return {
      ...identity,
      acks: -1,
      timeout: this.#owner.requestMs,
      compression: this.#owner.compression,
      topicData: [
        {
          topic: this.#topic,
          partitions: [
            {
              partition: this.#partition,
              firstSequence: this.#sequence,
              messages: batch.map(({ message }) => message),
            },
          ],
        },
      ],
    };
  }

  #judge({ topics }: ResponseOf<"Produce">, count: number): number | PortError {
    const answer = topics
      .find(({ topicName }) => topicName === this.#topic)
      ?.partitions.find(({ partition }) => partition === this.#partition);
    // T03: an answer that does not cover what was sent is no acknowledgement.
    if (answer === undefined) {
      return this.#error("is not in the broker's answer", "retriable", "unknown");
    }
    const { errorCode, baseOffset } = answer;
    if (errorCode === 0 && !baseOffset.startsWith("-")) {
      this.#sequence = nextSequence(this.#sequence, count);
      return toNumber(baseOffset, this.#where);
    }
    if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) {
      return this.#error(
        "is written, at an offset that the broker no longer knows",
        "fenced",
        "unknown",
      );
    }
    const written =
      errorCode === REQUEST_TIMED_OUT || errorCode === NOT_ENOUGH_REPLICAS_AFTER_APPEND;
    return errorOfCode(errorCode, `producing to ${this.#where}`, written ? "unknown" : "failed");
  }

  /** What the records are told. With an unknown fate the identity goes too. */
  #final(error: PortError, mayBeWritten: boolean): PortError {
    // A batch that is refused for what it contains was refused the first time as well.
    if (!mayBeWritten || error.kind === "rejected") return error;
    this.#giveUpIdentity();
    const { kind, code, cause } = error;
    return new PortError(`${error.message}; it may have been written all the same`, {
      kind,
      outcome: "unknown",
      cause,
      ...(code === undefined ? {} : { code }),
    });
  }

  #giveUpIdentity(): void {
    if (this.#identity !== null) this.#owner.retire(this.#identity);
    this.#identity = null;
  }

  #error(what: string, kind: PortErrorKind, outcome: Outcome): PortError {
    return new PortError(`a batch to ${this.#where} ${what}`, { kind, outcome });
  }

  get #where(): string {
    return keyOf(this.#topic, this.#partition);
  }
}
