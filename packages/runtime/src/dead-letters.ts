import type {
  Caps,
  DeadLetterCause,
  KafkaRecord,
  Logger,
  OutgoingRecord,
  Redact,
  Sent,
  TopicPartition,
} from "@sluice/core";
import { losesHeaders, moveRecord, PortError, setAside } from "@sluice/core";
import type { Envelopes } from "./envelopes.ts";
import { messageOf } from "./errors.ts";
import { keyOf } from "./partitions.ts";
import type { ProducerLink } from "./producer-link.ts";

export interface DeadLetterSettings {
  readonly topic: string;
  readonly includeStack: boolean;
  readonly redact: Redact | null;
  /** What the topic takes, less some room for framing. */
  readonly maxBytes: number;
}

/** Writes dead letters. One is written when all in-sync replicas have it, not before. */
export class DeadLetters {
  readonly #producer: ProducerLink;
  readonly #settings: DeadLetterSettings;
  readonly #group: string;
  readonly #envelopes: Envelopes;
  readonly #caps: Caps;
  readonly #redact: Redact | undefined;
  #lossyMoves = 0;

  constructor(
    producer: ProducerLink,
    settings: DeadLetterSettings,
    group: string,
    envelopes: Envelopes,
    { caps, logger }: { readonly caps: Caps; readonly logger: Logger },
  ) {
    this.#producer = producer;
    this.#settings = settings;
    this.#group = group;
    this.#envelopes = envelopes;
    this.#caps = caps;
    this.#redact = settings.redact === null ? undefined : safely(settings.redact, logger);
  }

  /** Dead letters whose client could not keep a header's value or place (SLC-DLQ-009). */
  get lossyMoves(): number {
    return this.#lossyMoves;
  }

  /** @throws PortError */
  connect(): Promise<void> {
    return this.#producer.connect();
  }

  /** @throws PortError */
  async write(
    record: KafkaRecord,
    cause: DeadLetterCause,
    now: number,
  ): Promise<TopicPartition & Sent> {
    const { topic } = this.#settings;
    const partitions = await this.#producer.partitions(topic);
    const letter =
      this.#envelopes.of(record).disposition === "unsupported"
        ? setAside(record, { topic, partitions }, now)
        : await this.#letter(record, cause, partitions, now);
    const { acknowledged } = await this.#producer.handOver(letter);
    const { offset } = await acknowledged;
    if (losesHeaders(record.headers, this.#caps)) this.#lossyMoves++;
    return { topic, partition: letter.partition, offset };
  }

  /** Connects again when used again. Never rejects. */
  disconnect(timeoutMs: number): Promise<void> {
    return this.#producer.disconnect(timeoutMs);
  }

  /** For good. Never rejects. */
  close(timeoutMs: number): Promise<void> {
    return this.#producer.close(timeoutMs);
  }

  async #letter(
    record: KafkaRecord,
    { reason, error, attempts, firstFailedAt, failedAt }: DeadLetterCause,
    partitions: number,
    now: number,
  ): Promise<OutgoingRecord> {
    const { topic, includeStack, maxBytes } = this.#settings;
    const { leaderEpoch = -1 } = record;
    const move = moveRecord({
      move: "dead-letter",
      record,
      trusted: this.#envelopes.trusts(record),
      group: this.#group,
      attempts,
      error: {
        kind: error.kind,
        class: error.class,
        code: error.code ?? null,
        message: error.message,
        stack: error.stack ?? null,
      },
      writeStack: includeStack,
      ...(this.#redact === undefined ? {} : { redact: this.#redact }),
      reason,
      firstFailedAt,
      failedAt,
      now,
      cluster: this.#envelopes.settings.cluster,
      partitionCount: await this.#partitionCount(record.topic),
      leaderEpoch: leaderEpoch < 0 ? null : leaderEpoch,
      target: { topic, partitions },
      maxBytes,
    });
    if (move.refused === null) return move.record;
    throw new PortError(
      `the dead letter of ${keyOf(record)}@${record.offset} is refused as ${move.refused}: without ` +
        `its value it still has more than ${maxBytes} bytes; raise deadLetter.maxBytes, and ` +
        `max.message.bytes of ${topic} with it`,
      { kind: "rejected", outcome: "failed" },
    );
  }

  /** A replay uses it to find the way back; without the right to ask, the letter goes without. */
  async #partitionCount(topic: string): Promise<number | null> {
    return this.#producer.partitions(topic).catch(() => null);
  }
}

/** A hook that throws must neither lose the record nor let its secrets through. */
function safely(redact: Redact, logger: Logger): Redact {
  return (text, part) => {
    try {
      const redacted: unknown = redact(text, part);
      if (typeof redacted === "string") return redacted;
      logger.error(`deadLetter.redact answered ${typeof redacted} for the ${part} of an error`);
    } catch (thrown) {
      logger.error(`deadLetter.redact threw for the ${part} of an error: ${messageOf(thrown)}`);
    }
    return REDACTION_FAILED;
  };
}

const REDACTION_FAILED = "[redaction failed]";
