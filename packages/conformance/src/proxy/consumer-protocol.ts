import { ByteReader, DecodeError } from "./byte-reader.ts";
import { decodeNamed } from "./schema-interpreter.ts";

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** What a classic member offers in JoinGroup. */
export interface ConsumerSubscription {
  readonly version: number;
  readonly topics: readonly string[];
  /** Version 1 on: what the member holds (cooperative rebalancing). */
  readonly ownedPartitions: readonly TopicPartitions[];
  /** Version 2 on. */
  readonly generationId: number | null;
}

/**
 * What the leader gave a classic member in SyncGroup: the whole assignment of that generation. What
 * a cooperative member *holds* in the meantime is less (old without revoked).
 *
 * @throws DecodeError
 */
export function decodeAssignment(bytes: Buffer): TopicPartitions[] {
  // A member of a group without partitions may be given no bytes at all.
  if (bytes.length === 0) return [];
  const { fields } = decode("ConsumerProtocolAssignment", bytes);
  return fields["assignedPartitions"] as TopicPartitions[];
}

/** @throws DecodeError */
export function decodeSubscription(bytes: Buffer): ConsumerSubscription {
  const { version, fields } = decode("ConsumerProtocolSubscription", bytes);
  return {
    version,
    topics: fields["topics"] as string[],
    ownedPartitions: (fields["ownedPartitions"] ?? []) as TopicPartitions[],
    generationId: (fields["generationId"] ?? null) as number | null,
  };
}

function decode(name: string, bytes: Buffer): { version: number; fields: Record<string, unknown> } {
  const reader = new ByteReader(bytes);
  // Newer versions only append, so the newest known one reads them all.
  const version = Math.min(reader.int16(), NEWEST);
  const message = decodeNamed(name, version, reader);
  if (message === null) throw new DecodeError(`${name} has no version ${version}`);
  return { version, fields: message.fields };
}

const NEWEST = 3;
