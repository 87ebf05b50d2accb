import { expect, test } from "vitest";
import { bytesOf } from "../../test/wire-kit.ts";
import { DecodeError } from "./byte-reader.ts";
import { decodeCommitLogRecord } from "./commit-log.ts";
import { decodeAssignment, decodeSubscription } from "./consumer-protocol.ts";

const key = bytesOf("0001 0001 'g' 0001 't' 00000002");
const UUID = "d1bb1f6234d446e2985588c0b885ee90";

test("a commit by topic name has offset, metadata and time", () => {
  const value = bytesOf("0004 0000000000000007 ffffffff 07 'meta-j' 000001a1fd8c00f6 00");
  expect(decodeCommitLogRecord(key, value)).toEqual({
    kind: "commit",
    group: "g",
    topic: "t",
    partition: 2,
    commit: {
      offset: 7n,
      leaderEpoch: -1,
      metadata: "meta-j",
      committedAt: 0x1a1fd8c00f6n,
      topicId: null,
    },
  });
});

test("a commit by topic id carries the id in a tag", () => {
  const value = bytesOf(
    `0004 0000000000000007 ffffffff 07 'meta-j' 000001a1fd8c0873 01 00 10 ${UUID}`,
  );
  expect(decodeCommitLogRecord(key, value)).toMatchObject({
    topic: "t",
    commit: { topicId: Buffer.from(UUID, "hex").toString("base64url") },
  });
});

test("values of older brokers decode by their own version", () => {
  const value = bytesOf("0001 0000000000000007 0001 'm' 0000000000000009 000000000000000a");
  expect(decodeCommitLogRecord(key, value)).toMatchObject({
    commit: { offset: 7n, leaderEpoch: -1, metadata: "m", committedAt: 9n },
  });
});

test("a tombstone is a commit that was removed", () => {
  expect(decodeCommitLogRecord(key, null)).toMatchObject({ kind: "commit", commit: null });
});

test("a classic group's generation names its members, their clients and partitions", () => {
  const assignment = bytesOf("0000 00000001 0001 't' 00000002 00000000 00000003 ffffffff");
  const size = Buffer.alloc(4);
  size.writeInt32BE(assignment.length);
  const value = Buffer.concat([
    bytesOf("0003 0008 'consumer' 00000005 0005 'range' 0001 'm' 0000000000000001 00000001"),
    bytesOf("0001 'm' ffff 0002 'c1' 0001 'h' 0000ea60 00002710 00000000"),
    size,
    assignment,
  ]);
  expect(decodeCommitLogRecord(bytesOf("0002 0001 'g'"), value)).toEqual({
    kind: "classic-group",
    group: "g",
    generation: 5,
    members: [{ memberId: "m", clientId: "c1", assignment: [{ topic: "t", partitions: [0, 3] }] }],
  });
});

test("a KIP-848 member's current assignment has what it owns and what it must give up", () => {
  const value = bytesOf(
    `0000 00000004 00000003 01 02 ${UUID} 02 00000001 00 02 ${UUID} 02 00000000 00 00`,
  );
  const topicId = Buffer.from(UUID, "hex").toString("base64url");
  expect(decodeCommitLogRecord(bytesOf("0008 0001 'g' 0001 'm'"), value)).toEqual({
    kind: "member-assignment",
    group: "g",
    memberId: "m",
    current: {
      epoch: 4,
      assigned: [{ topicId, partitions: [1] }],
      pendingRevocation: [{ topicId, partitions: [0] }],
    },
  });
  expect(decodeCommitLogRecord(bytesOf("0008 0001 'g' 0001 'm'"), null)).toMatchObject({
    current: null,
  });
});

test("record types nobody knows are other, bytes that lie are a DecodeError", () => {
  expect(decodeCommitLogRecord(bytesOf("0063 0001 'g'"), bytesOf("0000"))).toEqual({
    kind: "other",
    type: 99,
    key: null,
    value: null,
  });
  expect(() => decodeCommitLogRecord(key, bytesOf("0004 00"))).toThrow(DecodeError);
  expect(() => decodeCommitLogRecord(key, bytesOf("0063 00"))).toThrow(/no value version 99/);
});

test("assignments: none at all, an empty one, one with user data", () => {
  expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  expect(decodeAssignment(bytesOf("0000 00000000 ffffffff"))).toEqual([]);
  expect(
    decodeAssignment(bytesOf("0001 00000001 0001 't' 00000001 00000007 00000002 'ud'")),
  ).toEqual([{ topic: "t", partitions: [7] }]);
});

test("a subscription of a newer version is read as the newest that is known", () => {
  const bytes = bytesOf(
    "0009 00000001 0001 't' ffffffff 00000001 0001 't' 00000001 00000002 00000005 ffff 'more'",
  );
  expect(decodeSubscription(bytes)).toEqual({
    version: 3,
    topics: ["t"],
    ownedPartitions: [{ topic: "t", partitions: [2] }],
    generationId: 5,
  });
});
