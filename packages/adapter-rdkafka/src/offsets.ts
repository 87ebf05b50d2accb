import { PortError, type CommitOffset } from "@sluice/core";

import type { NativeOffset } from "./client.ts";
import { ERR } from "./errors.ts";

/**
 * Largest commit metadata in bytes: the broker's default limit is 4096 (`offset.metadata.max.bytes`)
 * and the client appends a NUL to what it sends (trap T01).
 */
export const METADATA_BYTES = 4095;

/**
 * The one place where offsets go to the client: a string, a bigint or a fraction would be committed
 * as 0 without an error (trap T02).
 * @throws PortError `rejected` or `metadata-too-large`; nothing has been sent
 */
export function toNative(offset: CommitOffset): NativeOffset {
  const { topic, partition, metadata, leaderEpoch } = offset;
  const where = `${topic}-${partition}@${String(offset.offset)}`;
  if (!isOffset(offset.offset)) {
    throw new PortError(`rdkafka: ${where} is not an offset from 0 to 2^53-1`, {
      kind: "rejected",
      outcome: "failed",
    });
  }
  const bytes = metadata === undefined ? 0 : Buffer.byteLength(metadata);
  if (bytes > METADATA_BYTES) {
    throw new PortError(
      `rdkafka: commit metadata of ${where} has ${bytes} bytes, the most is ${METADATA_BYTES}`,
      { kind: "metadata-too-large", outcome: "failed", code: ERR.offsetMetadataTooLarge },
    );
  }
  return {
    topic,
    partition,
    offset: offset.offset,
    ...(metadata === undefined || metadata === "" ? {} : { metadata }),
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  };
}

/** Offsets arrive as doubles: one past 2^53-1 has already lost its last bits. */
export function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
