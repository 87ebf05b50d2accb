import { ByteReader, DecodeError } from "./byte-reader.ts";
import { decodeAssignment, type TopicPartitions } from "./consumer-protocol.ts";
import { decodeCoordinatorRecord } from "./schema-interpreter.ts";

/**
 * A record of `__consumer_offsets`: the broker's own account of commits and of who owns what, which
 * no client and no proxy can colour.
 */
export type CommitLogRecord =
  | {
      readonly kind: "commit";
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      /** Null: the offset was removed (expired, or its group or topic deleted). */
      readonly commit: {
        readonly offset: bigint;
        readonly leaderEpoch: number;
        readonly metadata: string;
        readonly committedAt: bigint;
        /** Only when the client committed by topic id. */
        readonly topicId: string | null;
      } | null;
    }
  /** A classic group's generation with what each member was assigned; null members: removed. */
  | {
      readonly kind: "classic-group";
      readonly group: string;
      readonly generation: number | null;
      readonly members:
        | readonly {
            readonly memberId: string;
            readonly clientId: string;
            readonly assignment: readonly TopicPartitions[];
          }[]
        | null;
    }
  /** KIP-848: which client a member id belongs to; null: the member has left. */
  | {
      readonly kind: "member";
      readonly group: string;
      readonly memberId: string;
      readonly clientId: string | null;
    }
  /** KIP-848: what a member owns now, and what it is asked to give up; null: the member has left. */
  | {
      readonly kind: "member-assignment";
      readonly group: string;
      readonly memberId: string;
      readonly current: {
        readonly epoch: number;
        readonly assigned: readonly TopicIdPartitions[];
        readonly pendingRevocation: readonly TopicIdPartitions[];
      } | null;
    }
  /** Everything else that Kafka keeps there, as its schema has it. */
  | {
      readonly kind: "other";
      readonly type: number;
      readonly key: Readonly<Record<string, unknown>> | null;
      readonly value: Readonly<Record<string, unknown>> | null;
    };

export interface TopicIdPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** @throws DecodeError when bytes are not what Kafka's schemas say. */
export function decodeCommitLogRecord(key: Buffer, value: Buffer | null): CommitLogRecord {
  const keyReader = new ByteReader(key);
  const type = keyReader.int16();
  // The key's version and its type are the same number; the schemas of keys all have version 0.
  const keyFields = decodeCoordinatorRecord("coordinator-key", type, 0, keyReader)?.fields ?? null;
  const valueFields = value === null ? null : decodeValue(type, value);
  if (keyFields === null) return { kind: "other", type, key: null, value: valueFields };
  switch (type) {
    case 0:
    case 1:
      return commit(keyFields, valueFields);
    case 2:
      return classicGroup(keyFields, valueFields);
    case 5:
      return {
        kind: "member",
        group: keyFields["groupId"] as string,
        memberId: keyFields["memberId"] as string,
        clientId: (valueFields?.["clientId"] ?? null) as string | null,
      };
    case 8:
      return memberAssignment(keyFields, valueFields);
    default:
      return { kind: "other", type, key: keyFields, value: valueFields };
  }
}

type Fields = Record<string, unknown>;

function decodeValue(type: number, bytes: Buffer): Fields | null {
  const reader = new ByteReader(bytes);
  const version = reader.int16();
  const message = decodeCoordinatorRecord("coordinator-value", type, version, reader);
  if (message === null && type <= 8) {
    throw new DecodeError(`__consumer_offsets: type ${type} has no value version ${version}`);
  }
  return message?.fields ?? null;
}

function commit(key: Fields, value: Fields | null): CommitLogRecord {
  return {
    kind: "commit",
    group: key["group"] as string,
    topic: key["topic"] as string,
    partition: key["partition"] as number,
    commit: value && {
      offset: value["offset"] as bigint,
      leaderEpoch: (value["leaderEpoch"] ?? -1) as number,
      metadata: value["metadata"] as string,
      committedAt: value["commitTimestamp"] as bigint,
      topicId: (value["topicId"] ?? null) as string | null,
    },
  };
}

function classicGroup(key: Fields, value: Fields | null): CommitLogRecord {
  const members = value?.["members"] as Fields[] | undefined;
  return {
    kind: "classic-group",
    group: key["group"] as string,
    generation: (value?.["generation"] ?? null) as number | null,
    members:
      members?.map((member) => ({
        memberId: member["memberId"] as string,
        clientId: member["clientId"] as string,
        assignment: decodeAssignment(member["assignment"] as Buffer),
      })) ?? null,
  };
}

function memberAssignment(key: Fields, value: Fields | null): CommitLogRecord {
  return {
    kind: "member-assignment",
    group: key["groupId"] as string,
    memberId: key["memberId"] as string,
    current: value && {
      epoch: value["memberEpoch"] as number,
      assigned: value["assignedPartitions"] as TopicIdPartitions[],
      pendingRevocation: value["partitionsPendingRevocation"] as TopicIdPartitions[],
    },
  };
}
