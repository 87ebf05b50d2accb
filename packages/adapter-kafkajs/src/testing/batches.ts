import { createRequire } from "node:module";
import { readBatches } from "../record-batch.ts";
import type { RecordBatch } from "../record-batch.ts";

const require = createRequire(import.meta.url);
type Encoder = { readonly buffer: Buffer };
const encodeBatch = (
  require("kafkajs/src/protocol/recordBatch/v0") as {
    RecordBatch(of: object): Promise<Encoder>;
  }
).RecordBatch;
const encodeRecord = require("kafkajs/src/protocol/recordBatch/record/v0") as (
  of: object,
) => Encoder;

export interface Written {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | readonly Buffer[]>>;
  /** After the batch's first. */
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
}

export interface BatchOptions {
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly appendedAt?: number;
  readonly firstTimestamp?: number;
  readonly lastOffsetDelta?: number;
  readonly partitionLeaderEpoch?: number;
  /** kafkajs' number of a codec. */
  readonly compression?: number;
}

/** A batch as kafkajs' own producer writes it. */
export async function writtenBatch(
  firstOffset: number | bigint,
  records: readonly Written[],
  { appendedAt, control = false, ...options }: BatchOptions = {},
): Promise<Buffer> {
  const encoded = records.map((record, i) =>
    encodeRecord({ key: null, value: null, offsetDelta: i, ...record }),
  );
  const { buffer } = await encodeBatch({
    firstOffset: BigInt(firstOffset),
    lastOffsetDelta: records.length - 1,
    firstTimestamp: 0,
    maxTimestamp: appendedAt ?? 0,
    records: encoded,
    ...options,
  });
  // Only brokers write these.
  const bytes = Buffer.from(buffer);
  const ATTRIBUTES = 21;
  const attributes = (control ? 0x20 : 0) | (appendedAt === undefined ? 0 : 0x08);
  bytes.writeInt16BE(bytes.readInt16BE(ATTRIBUTES) | attributes, ATTRIBUTES);
  return bytes;
}

export async function batchOf(
  firstOffset: number | bigint,
  records: readonly Written[],
  options?: BatchOptions,
): Promise<RecordBatch> {
  const [batch] = await readBatches(await writtenBatch(firstOffset, records, options), "t-0");
  if (batch === undefined) throw new Error("no batch was read");
  return batch;
}
