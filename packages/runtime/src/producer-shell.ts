import type { Sent, TopicPartition } from "@sluice/core";
import { checkInteger, partitionFor, PortError, stampMessage, stampTraceId } from "@sluice/core";
import type { Environment } from "./environment.ts";
import { messageOf } from "./errors.ts";
import { encodeMessage } from "./outgoing-record.ts";
import type { ProducerLink } from "./producer-link.ts";
import type { Message, Producer, ProducerOptions, SendResult } from "./producer-options.ts";
import { settlesWithin } from "./timing.ts";

/** Options with every default filled in. */
type ProducerSettings = Required<Pick<ProducerOptions, "partitioner" | "writeTraceId">>;

/**
 * Chooses partitions and keeps the order of the calls: everything goes through one line, so that a
 * look-up or a full queue delays what follows instead of letting it overtake.
 */
export class ProducerShell implements Producer {
  readonly #link: ProducerLink;
  readonly #settings: ProducerSettings;
  readonly #environment: Environment;
  /** Of each topic: where the next record without a key goes. */
  readonly #turns = new Map<string, number>();
  #line: Waiting[] = [];
  #serving: Promise<void> | null = null;

  constructor(link: ProducerLink, settings: ProducerSettings, environment: Environment) {
    this.#link = link;
    this.#settings = settings;
    this.#environment = environment;
  }

  connect(): Promise<void> {
    return this.#link.connect();
  }

  async send(message: Message): Promise<TopicPartition & Sent> {
    const result = await this.#enqueue(message);
    if (result.error !== undefined) throw result.error;
    return result;
  }

  sendBatch(messages: readonly Message[]): Promise<readonly SendResult[]> {
    return Promise.all(messages.map((message) => this.#enqueue(message)));
  }

  async flush({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { time } = this.#environment;
    const began = time.now();
    if (this.#serving !== null && !(await settlesWithin(time, this.#serving, timeoutMs))) {
      throw new PortError(`flush: records were still waiting after ${timeoutMs} ms`, {
        kind: "retriable",
        outcome: "unknown",
      });
    }
    await this.#link.flush(Math.max(timeoutMs - (time.now() - began), 0));
  }

  async close({ timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { time } = this.#environment;
    const began = time.now();
    if (this.#serving !== null) await settlesWithin(time, this.#serving, timeoutMs);
    await this.#link.close(Math.max(timeoutMs - (time.now() - began), 0));
  }

  #enqueue(message: Message): Promise<SendResult> {
    return new Promise((resolve) => {
      this.#line.push({ message, resolve });
      this.#serving ??= this.#serve();
    });
  }

  async #serve(): Promise<void> {
    while (this.#line.length > 0) {
      const line = this.#line;
      this.#line = [];
      for (const waiting of line) await this.#handOver(waiting);
    }
    this.#serving = null;
  }

  /** Returns when the client has taken the record, not when it is written. */
  async #handOver({ message, resolve }: Waiting): Promise<void> {
    const topic = nameIn(message);
    let partition: number | null = null;
    const fail = (thrown: unknown): void => {
      resolve({ topic, partition, error: asSendError(thrown) });
    };
    try {
      const record = encodeMessage(message);
      const chosen = await this.#choosePartition(topic, record.key, message.partition);
      partition = chosen;
      const headers = this.#settings.writeTraceId ? stampTraceId(record.headers) : record.headers;
      const stamped = stampMessage(
        { ...record, headers, partition: chosen },
        this.#environment.messageId(),
      );
      const { acknowledged } = await this.#link.handOver(stamped);
      acknowledged.then(
        ({ offset }) => resolve({ topic, partition: chosen, offset }),
        (error: unknown) => fail(error),
      );
    } catch (thrown) {
      fail(thrown);
    }
  }

  async #choosePartition(
    topic: string,
    key: Uint8Array | null,
    explicit: number | undefined,
  ): Promise<number> {
    const count = await this.#link.partitions(topic);
    if (explicit !== undefined) {
      checkInteger(explicit, "message.partition", 0, 0x7fff_ffff);
      if (explicit < count || explicit < (await this.#link.partitions(topic, true))) {
        return explicit;
      }
      throw rejected(
        `${topic} has no partition ${explicit}; it has ${count}, numbered 0 to ${count - 1}`,
      );
    }
    const byKey = partitionFor(this.#settings.partitioner, key, count);
    if (byKey !== null) return byKey;
    const turn = this.#turns.get(topic) ?? this.#environment.random32() % count;
    this.#turns.set(topic, turn + 1);
    return turn % count;
  }
}

/** A message is whatever a caller of JavaScript passes. */
function nameIn(message: unknown): string {
  return String((message as { topic?: unknown } | null | undefined)?.topic);
}

interface Waiting {
  readonly message: Message;
  readonly resolve: (result: SendResult) => void;
}

/** A message that cannot be encoded was certainly not written. */
function asSendError(thrown: unknown): PortError {
  return thrown instanceof PortError ? thrown : rejected(messageOf(thrown), thrown);
}

function rejected(message: string, cause?: unknown): PortError {
  return new PortError(message, { kind: "rejected", outcome: "failed", cause });
}
