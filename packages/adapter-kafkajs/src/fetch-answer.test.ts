import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { readFetchAnswer } from "./fetch-answer.ts";
import { readFetched } from "./records.ts";
import { writtenBatch } from "./testing/batches.ts";

const require = createRequire(import.meta.url);

interface Encoder {
  readonly buffer: Buffer;
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeInt64(value: bigint): Encoder;
  writeString(value: string): Encoder;
  writeBytes(value: Buffer): Encoder;
}
const KafkaEncoder = require("kafkajs/src/protocol/encoder") as new () => Encoder;

/** How kafkajs reads the same bytes. */
interface ByKafkajs {
  readonly clientSideThrottleTime?: number;
  readonly errorCode?: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly abortedTransactions: readonly { producerId: string; firstOffset: string }[];
      readonly messages: readonly {
        offset: string;
        timestamp: string;
        key: Buffer;
        value: Buffer;
      }[];
    }[];
  }[];
}

it.each([4, 5, 6, 7, 8, 9, 10, 11])("reads version %i as kafkajs does", async (version) => {
  const payload = await answerOf(version);
  const { decode } = require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as {
    decode(payload: Buffer): Promise<ByKafkajs>;
  };
  const theirs = await decode(payload);
  const ours = await readFetchAnswer(payload, version);
  expect(ours.errorCode).toBe(theirs.errorCode ?? 0);
  expect(ours.clientSideThrottleTime).toBe(theirs.clientSideThrottleTime ?? 0);
  const seen = ours.responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map((fetched) => ({
      partition: fetched.partition,
      errorCode: fetched.errorCode,
      abortedTransactions: fetched.abortedTransactions,
      records: readFetched(topicName, fetched, 0).records.map(
        ({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value }),
      ),
    })),
  }));
  const expected = theirs.responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partition, errorCode, abortedTransactions, messages }) => ({
      partition,
      errorCode,
      abortedTransactions: abortedTransactions.map(({ producerId, firstOffset }) => ({
        producerId: Number(producerId),
        firstOffset: Number(firstOffset),
      })),
      records: messages.map(({ offset, timestamp, key, value }) => ({
        offset: Number(offset),
        timestamp: Number(timestamp),
        key,
        value,
      })),
    })),
  }));
  expect(seen).toEqual(expected);
  expect(expected[1]?.partitions[0]?.records).toHaveLength(3);
});

it.each([3, 12])("refuses version %i, of which it knows nothing", async (version) => {
  await expect(readFetchAnswer(Buffer.alloc(100), version)).rejects.toThrow(/version \d+ of Fetch/);
});

/** Two topics; a partition with an error and an aborted transaction, one with two batches and a cut off one. */
async function answerOf(version: number): Promise<Buffer> {
  const record = (value: string, timestampDelta: number) => ({
    key: Buffer.from(`key of ${value}`),
    value: Buffer.from(value),
    timestampDelta,
  });
  const firstTimestamp = Date.UTC(2026, 0, 1);
  const batches = Buffer.concat([
    await writtenBatch(2 ** 33, [record("a", 0), record("b", 300)], { firstTimestamp }),
    await writtenBatch(2 ** 33 + 2, [record("c", 7)], { firstTimestamp }),
    (await writtenBatch(2 ** 33 + 3, [record("d", 0)])).subarray(0, 70),
  ]);
  const encoder = new KafkaEncoder().writeInt32(25);
  if (version >= 7) encoder.writeInt16(70).writeInt32(0);
  encoder.writeInt32(2);
  encoder.writeString("first").writeInt32(1);
  partition(encoder, version, 5, 6, [[9n, 2n ** 33n]], Buffer.alloc(0));
  encoder.writeString("wörter").writeInt32(1);
  partition(encoder, version, 1, 0, null, batches);
  return encoder.buffer;
}

function partition(
  encoder: Encoder,
  version: number,
  number: number,
  errorCode: number,
  aborted: readonly (readonly [bigint, bigint])[] | null,
  records: Buffer,
): void {
  encoder
    .writeInt32(number)
    .writeInt16(errorCode)
    .writeInt64(2n ** 34n)
    .writeInt64(2n ** 34n);
  if (version >= 5) encoder.writeInt64(0n);
  encoder.writeInt32(aborted?.length ?? -1);
  for (const [producerId, firstOffset] of aborted ?? []) {
    encoder.writeInt64(producerId).writeInt64(firstOffset);
  }
  if (version >= 11) encoder.writeInt32(-1);
  encoder.writeBytes(records);
}
