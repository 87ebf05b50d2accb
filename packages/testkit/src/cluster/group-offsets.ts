import type { Committed, TopicPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";
import { ERROR } from "./error-code.ts";

export interface CommittedOffset extends TopicPartition, Committed {}

/** Kafka's default of `offset.metadata.max.bytes`. */
export const METADATA_BYTES = 4096;

/** What a group has committed, and every commit that took effect, in order. */
export class GroupOffsets {
  readonly log: CommittedOffset[] = [];
  readonly #metadataBytes: number;
  readonly #current = new Map<string, Committed>();

  /** @param metadataBytes longest metadata of an offset (`offset.metadata.max.bytes`) */
  constructor(metadataBytes: number) {
    this.#metadataBytes = metadataBytes;
  }

  get(partition: TopicPartition): Committed | null {
    return this.#current.get(keyOf(partition)) ?? null;
  }

  /** Kafka's error code; it does not mind an offset that goes back. */
  set({ topic, partition, offset, metadata }: CommittedOffset): number {
    if (metadata.length > this.#metadataBytes) return ERROR.offsetMetadataTooLarge;
    this.#current.set(keyOf({ topic, partition }), { offset, metadata });
    this.log.push({ topic, partition, offset, metadata });
    return ERROR.none;
  }
}
