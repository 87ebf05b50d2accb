import type { DeadLetterCause, KafkaRecord, Sent, TopicPartition } from "@sluice/core";
import { deadLetterRecord } from "@sluice/core";
import type { ProducerLink } from "./producer-link.ts";

/** Writes dead letters. One is written when all in-sync replicas have it, not before. */
export class DeadLetters {
  readonly #producer: ProducerLink;
  readonly #topic: string;
  readonly #group: string;

  constructor(producer: ProducerLink, topic: string, group: string) {
    this.#producer = producer;
    this.#topic = topic;
    this.#group = group;
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
    const topic = this.#topic;
    const count = await this.#producer.partitions(topic);
    // SLC-DLQ-002: never hashed anew, for the source may have a partitioner of its own.
    const partition = record.partition % count;
    const letter = deadLetterRecord({
      record,
      group: this.#group,
      cause,
      target: { topic, partition },
      now,
    });
    const { acknowledged } = await this.#producer.handOver(letter);
    const { offset } = await acknowledged;
    return { topic, partition, offset };
  }

  /** Connects again when used again. Never rejects. */
  disconnect(timeoutMs: number): Promise<void> {
    return this.#producer.disconnect(timeoutMs);
  }

  /** For good. Never rejects. */
  close(timeoutMs: number): Promise<void> {
    return this.#producer.close(timeoutMs);
  }
}
