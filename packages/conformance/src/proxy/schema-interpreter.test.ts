import { expect, test } from "vitest";
import { bytesOf } from "../../test/wire-kit.ts";
import { ByteReader, DecodeError } from "./byte-reader.ts";
import { decodeCoordinatorRecord, decodeRequest, decodeResponse } from "./schema-interpreter.ts";
import { WireFrame } from "./wire-frame.ts";

const seen = { t: 0, node: 1, connection: 1 };
const UUID_BYTES = "d1bb1f6234d446e2985588c0b885ee90";
const UUID = Buffer.from(UUID_BYTES, "hex").toString("base64url");

test("an OffsetCommit v9 as librdkafka writes it decodes, its client id and metadata too", () => {
  const raw = bytesOf(
    "0000008d 0008 0009 00000009 000a 'rd-classic' 00 11 'vg-group-0123456' 00000001" +
      "30 'rd-classic-01234567-0123-0123-0123-0123456789ab' 00 02 07 'v-3577' 03" +
      "00000000 0000000000000005 ffffffff 04 'm5' 00 00" +
      "00000001 0000000000000006 ffffffff 01 00 00 00",
  );
  const frame = WireFrame.request(seen, raw);
  expect(frame).toMatchObject({
    apiKey: 8,
    apiVersion: 9,
    correlationId: 9,
    clientId: "rd-classic",
  });
  expect(frame?.note).toBeNull();
  expect(frame?.body).toEqual({
    groupId: "vg-group-0123456",
    generationIdOrMemberEpoch: 1,
    memberId: "rd-classic-01234567-0123-0123-0123-0123456789ab",
    groupInstanceId: null,
    topics: [
      {
        name: "v-3577",
        partitions: [
          {
            partitionIndex: 0,
            committedOffset: 5n,
            committedLeaderEpoch: -1,
            committedMetadata: "m5\0",
          },
          {
            partitionIndex: 1,
            committedOffset: 6n,
            committedLeaderEpoch: -1,
            committedMetadata: "",
          },
        ],
      },
    ],
  });
});

test("an OffsetCommit v5 as kafkajs writes it decodes without compact types and leader epoch", () => {
  const body = bytesOf(
    "0001 'g' 00000007 0001 'm' 00000001 0001 't' 00000001 00000002 000000000000002a ffff",
  );
  expect(decodeRequest(8, 5, new ByteReader(body))).toEqual({
    name: "OffsetCommitRequest",
    fields: {
      groupId: "g",
      generationIdOrMemberEpoch: 7,
      memberId: "m",
      topics: [
        {
          name: "t",
          partitions: [{ partitionIndex: 2, committedOffset: 42n, committedMetadata: null }],
        },
      ],
    },
    leftover: 0,
  });
});

test("an OffsetCommit v10 has topic ids in place of names", () => {
  const body = bytesOf(
    `02 'g' 00000001 02 'm' 00 02 ${UUID_BYTES} 02 00000000 0000000000000007 ffffffff` +
      "07 'meta-j' 00 00 00",
  );
  const message = decodeRequest(8, 10, new ByteReader(body));
  expect(message?.leftover).toBe(0);
  expect(message?.fields["topics"]).toEqual([
    {
      topicId: UUID,
      partitions: [
        {
          partitionIndex: 0,
          committedOffset: 7n,
          committedLeaderEpoch: -1,
          committedMetadata: "meta-j",
        },
      ],
    },
  ]);
});

test("a ConsumerGroupHeartbeat answer tells no change (null) from a new assignment", () => {
  const head = "00000000 0000 00 02 'm' 00000001 000003e8";
  const assigned = bytesOf(`${head} 01 02 ${UUID_BYTES} 04 00000000 00000001 00000002 00 00 00`);
  expect(decodeResponse(68, 1, new ByteReader(assigned))).toMatchObject({
    leftover: 0,
    fields: {
      memberEpoch: 1,
      assignment: { topicPartitions: [{ topicId: UUID, partitions: [0, 1, 2] }] },
    },
  });
  const unchanged = bytesOf(`${head} ff 00`);
  expect(decodeResponse(68, 1, new ByteReader(unchanged))).toMatchObject({
    leftover: 0,
    fields: { assignment: null },
  });
});

test("a nullable struct inside a tag has the other encoding", () => {
  const head = "00 00 02 'c' 02 'h' 02 02 't' 00 00000000 00";
  const none = bytesOf(`${head} 01 00 01 00`);
  const read = (bytes: Buffer) =>
    decodeCoordinatorRecord("coordinator-value", 5, 0, new ByteReader(bytes));
  expect(read(none)).toMatchObject({ leftover: 0, fields: { classicMemberMetadata: null } });
  const some = bytesOf(`${head} 01 00 07 01 00001770 01 00`);
  expect(read(some)).toMatchObject({
    leftover: 0,
    fields: { clientId: "c", classicMemberMetadata: { sessionTimeoutMs: 6000 } },
  });
});

test("tagged fields nobody knows are skipped", () => {
  const body = bytesOf("00000000 0000 02 63 03 aabbcc 64 00");
  expect(decodeResponse(12, 4, new ByteReader(body))).toMatchObject({
    leftover: 0,
    fields: { errorCode: 0 },
  });
});

test("bytes left over are a note, never an error", () => {
  const raw = bytesOf("0000000f 0003 000d 00000001 0002 'rd' 00 00 00 00 00 000000");
  raw.writeInt32BE(raw.length - 4);
  const frame = WireFrame.request(seen, raw);
  expect(frame?.body).toEqual({
    topics: null,
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: false,
  });
  expect(frame?.note).toBe("3 bytes left over");
});

test("answers of ApiVersions have header version 0, and version 0 when theirs is not supported", () => {
  const request = WireFrame.request(seen, bytesOf("0000000c 0012 0004 00000007 0001 'c' 00"));
  const answer = (body: string) =>
    WireFrame.response(seen, bytesOf(`00000000 00000007 ${body}`), () => request);
  const current = answer("0000 02 0012 0000 0004 00 00000000 00");
  expect(current?.body).toMatchObject({
    errorCode: 0,
    apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
  });
  const old = answer("0023 00000001 0012 0000 0003");
  expect(old?.body).toEqual({
    errorCode: 35,
    apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }],
  });
});

test("a message that ends early, or counts more items than there are bytes, is a DecodeError", () => {
  expect(() => decodeRequest(8, 5, new ByteReader(bytesOf("0005 'ab'")))).toThrow(DecodeError);
  const absurd = bytesOf("0001 'g' 00000007 0001 'm' 7fffffff");
  expect(() => decodeRequest(8, 5, new ByteReader(absurd))).toThrow(/2147483647 items/);
});

test("an API or a version without a schema is null", () => {
  expect(decodeRequest(8, 11, new ByteReader(Buffer.alloc(0)))).toBeNull();
  expect(decodeRequest(999, 0, new ByteReader(Buffer.alloc(0)))).toBeNull();
});
