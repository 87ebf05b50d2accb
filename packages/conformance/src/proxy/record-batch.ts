import { gunzipSync } from "node:zlib";
import { ByteReader, DecodeError } from "./byte-reader.ts";

/** A record batch, format 2 (magic 2), as in Produce requests and Fetch responses. */
export interface RecordBatch {
  readonly baseOffset: bigint;
  readonly partitionLeaderEpoch: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly compression: Compression;
  readonly transactional: boolean;
  /** Commit and abort markers of transactions; `records` holds the marker. */
  readonly control: boolean;
  /** Null when not readable here; `undecodable` says why. */
  readonly records: readonly WireRecord[] | null;
  readonly undecodable: string | null;
}

export interface WireRecord {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** In the order on the wire. */
  readonly headers: readonly (readonly [string, Buffer | null])[];
}

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd" | "unknown";

/**
 * The whole batches in a `records` field. A Fetch response may end in the middle of one, which is
 * left out. Never throws: a batch that cannot be read says so in `undecodable`, and reading stops
 * at the first that is not a batch of format 2.
 */
export function decodeRecordBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readInt32BE(at + 8);
    const magic = bytes.readInt8(at + 16);
    if (
      magic !== 2 ||
      length < HEADER_BYTES - LENGTH_END ||
      at + LENGTH_END + length > bytes.length
    )
      break;
    batches.push(decodeBatch(bytes.subarray(at, at + LENGTH_END + length)));
    at += LENGTH_END + length;
  }
  return batches;
}

const HEADER_BYTES = 61;
/** Base offset and the length itself are not counted in the length. */
const LENGTH_END = 12;
const COMPRESSIONS: readonly Compression[] = ["none", "gzip", "snappy", "lz4", "zstd"];

function decodeBatch(bytes: Buffer): RecordBatch {
  const attributes = bytes.readInt16BE(21);
  const compression = COMPRESSIONS[attributes & 0x07] ?? "unknown";
  const head = {
    baseOffset: bytes.readBigInt64BE(0),
    partitionLeaderEpoch: bytes.readInt32BE(12),
    producerId: bytes.readBigInt64BE(43),
    producerEpoch: bytes.readInt16BE(51),
    baseSequence: bytes.readInt32BE(53),
    recordCount: bytes.readInt32BE(57),
    compression,
    transactional: (attributes & 0x10) !== 0,
    control: (attributes & 0x20) !== 0,
  };
  try {
    const content = decompress(bytes.subarray(HEADER_BYTES), compression);
    const records = decodeRecords(content, head, bytes.readBigInt64BE(27));
    return { ...head, records, undecodable: null };
  } catch (error) {
    const undecodable = error instanceof Error ? error.message : String(error);
    return { ...head, records: null, undecodable };
  }
}

function decompress(bytes: Buffer, compression: Compression): Buffer {
  if (compression === "none") return bytes;
  if (compression === "gzip") return gunzipSync(bytes, { maxOutputLength: 256 * 1024 * 1024 });
  throw new DecodeError(`records compressed with ${compression} are not read`);
}

function decodeRecords(
  bytes: Buffer,
  batch: { readonly baseOffset: bigint; readonly recordCount: number },
  baseTimestamp: bigint,
): WireRecord[] {
  const reader = new ByteReader(bytes);
  const records: WireRecord[] = [];
  for (let i = 0; i < batch.recordCount; i += 1) {
    const record = new ByteReader(reader.bytes(reader.varint()));
    record.int8();
    const timestamp = baseTimestamp + record.varlong();
    const offset = batch.baseOffset + BigInt(record.varint());
    const key = nullable(record);
    const value = nullable(record);
    const headers: [string, Buffer | null][] = [];
    for (let count = record.varint(); count > 0; count -= 1) {
      const name = record.utf8(record.varint());
      headers.push([name, nullable(record)]);
    }
    records.push({ offset, timestamp, key, value, headers });
  }
  return records;
}

function nullable(reader: ByteReader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.bytes(length);
}
