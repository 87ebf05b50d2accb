import type { Header, Headers, KafkaRecord } from "@sluice/core";
import { PortError } from "@sluice/core";
import { ByteReader, int64At } from "./byte-reader.ts";
import { lookupCodec } from "./internals.ts";

/**
 * Kafka's record batches (message format 2), read where they lie. kafkajs would decode them into
 * five objects a record, its offset and timestamp by way of 64-bit arithmetic into text, and its
 * headers whether anybody reads them or not: most of what a record costs a consumer.
 */
export interface RecordBatch {
  readonly firstOffset: number;
  /** Also of a batch whose last records compaction has taken. */
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly firstTimestamp: number;
  /** Of all its records when the broker stamps them, else null. */
  readonly appendedAt: number | null;
  readonly producerId: number;
  readonly isTransactional: boolean;
  /** It marks the end of a transaction. */
  readonly isControl: boolean;
  readonly count: number;
  /** Its records, unpacked. */
  readonly records: Buffer;
}

/** Where things lie in a batch. */
const AT = {
  firstOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  /** The checksum before it is left to TCP, and to the broker, which has looked at it. */
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
/** What the length does not count. */
const BEFORE_LENGTH_ENDS = 12;
const FORMAT = 2;
const CODEC = 0x07;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * The batches of one partition's share of a fetch. The last one may be cut off by the fetch's size:
 * it is left out, and comes whole with the next.
 * @param where topic-partition, for the message
 * @throws PortError for a batch of an older format, and for one that is not what it says it is
 * @throws what a codec throws
 */
export async function readBatches(bytes: Buffer, where: string): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (let at = 0; bytes.length - at > AT.magic;) {
    const magic = bytes.readInt8(at + AT.magic);
    if (magic !== FORMAT) throw oldFormat(where, int64At(bytes, at), magic);
    const end = at + BEFORE_LENGTH_ENDS + bytes.readInt32BE(at + AT.length);
    if (end < at + AT.records) throw damaged(where, int64At(bytes, at));
    if (end > bytes.length) break;
    const batch = bytes.subarray(at, end);
    const packed = batch.subarray(AT.records);
    const type = batch.readInt16BE(AT.attributes) & CODEC;
    // Compaction may leave nothing of a batch but its header.
    const codec = packed.length > 0 ? lookupCodec(type) : null;
    const records = codec === null ? packed : await codec.decompress(packed);
    batches.push(readBatch(batch, records, where));
    at = end;
  }
  return batches;
}

function readBatch(bytes: Buffer, records: Buffer, where: string): RecordBatch {
  const firstOffset = int64At(bytes, AT.firstOffset);
  const lastOffset = firstOffset + bytes.readInt32BE(AT.lastOffsetDelta);
  // It would be rounded.
  if (!Number.isSafeInteger(lastOffset)) throw tooFar(where, bytes);
  const attributes = bytes.readInt16BE(AT.attributes);
  const isStamped = (attributes & APPEND_TIME) !== 0;
  return {
    firstOffset,
    lastOffset,
    leaderEpoch: bytes.readInt32BE(AT.leaderEpoch),
    firstTimestamp: int64At(bytes, AT.firstTimestamp),
    appendedAt: isStamped ? int64At(bytes, AT.maxTimestamp) : null,
    producerId: int64At(bytes, AT.producerId),
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    count: bytes.readInt32BE(AT.count),
    records,
  };
}

/**
 * The records of a batch from an offset on.
 * @throws PortError for a batch that is not what it says it is
 */
export function readRecords(
  batch: RecordBatch,
  topic: string,
  partition: number,
  position: number,
  into: KafkaRecord[],
): void {
  const { records: bytes, firstOffset, count } = batch;
  const reader = new ByteReader(bytes);
  for (let i = 0; i < count; i++) {
    const length = reader.varint();
    const at = reader.at;
    const end = at + length;
    // Attributes, of which there are none, and the timestamp.
    reader.skip(1);
    reader.skipVarint();
    const offset = firstOffset + reader.varint();
    reader.skipBytes();
    reader.skipBytes();
    if (!(reader.at < end && end <= bytes.length)) {
      throw damaged(`${topic}-${partition}`, firstOffset);
    }
    reader.at = end;
    if (offset >= position) {
      into.push(new BatchedRecord(topic, partition, offset, length, batch, at));
    }
  }
}

/** Whether a batch of a transaction's end says that all before it was aborted. */
export function isAbort({ records, count }: RecordBatch): boolean {
  if (count === 0) return false;
  const reader = new ByteReader(records);
  reader.varint();
  reader.skip(1);
  reader.skipVarint();
  reader.skipVarint();
  // A marker's key is its version and its type, two bytes each.
  return reader.varint() >= 4 && records.readInt16BE(reader.at + 2) === ABORT_MARKER;
}

const ABORT_MARKER = 0;

/**
 * A record that waits for its handler is no more than its place in the batch: whatever else were
 * made of it beforehand, the garbage collector would have to copy for as long as it waits.
 */
class BatchedRecord implements KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** All of it, as it lies in the batch. */
  readonly size: number;
  readonly #batch: RecordBatch;
  /** In the bytes of the batch, behind the record's length. */
  readonly #at: number;

  constructor(
    topic: string,
    partition: number,
    offset: number,
    size: number,
    batch: RecordBatch,
    at: number,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.size = size;
    this.#batch = batch;
    this.#at = at;
  }

  get key(): Uint8Array | null {
    return this.#keyFrom().nullableBytes();
  }

  get value(): Uint8Array | null {
    const reader = this.#keyFrom();
    reader.skipBytes();
    return reader.nullableBytes();
  }

  get timestamp(): number {
    const { records, firstTimestamp, appendedAt } = this.#batch;
    return appendedAt ?? firstTimestamp + new ByteReader(records, this.#at + 1).varlong();
  }

  get leaderEpoch(): number {
    return this.#batch.leaderEpoch;
  }

  get headers(): Headers {
    const reader = this.#keyFrom();
    reader.skipBytes();
    reader.skipBytes();
    const count = reader.varint();
    if (count <= 0) return NONE;
    const headers: Header[] = [];
    for (let i = 0; i < count; i++) {
      const name = reader.slice(reader.varint()).toString();
      headers.push([name, reader.nullableBytes()]);
    }
    return headers;
  }

  #keyFrom(): ByteReader {
    const reader = new ByteReader(this.#batch.records, this.#at + 1);
    reader.skipVarint();
    reader.skipVarint();
    return reader;
  }
}

const NONE: Headers = [];

function tooFar(where: string, bytes: Buffer): PortError {
  const offset =
    bytes.readBigInt64BE(AT.firstOffset) + BigInt(bytes.readInt32BE(AT.lastOffsetDelta));
  return new PortError(
    `${where}: offset ${offset} is past 2^53-1 and cannot be held exactly; nothing is read there`,
    FATAL,
  );
}

function damaged(where: string, firstOffset: number): PortError {
  return new PortError(
    `${where}@${firstOffset}: the batch that begins there is not what its length and count say; ` +
      `look at it with kafka-dump-log, or ${PASS_BY}`,
    FATAL,
  );
}

function oldFormat(where: string, offset: number, magic: number): PortError {
  return new PortError(
    `${where}@${offset}: the record there is in message format ${magic}, of producers older than ` +
      `Kafka 0.11, which this adapter does not read; use the rdkafka adapter, or ${PASS_BY}`,
    FATAL,
  );
}

const PASS_BY = "set the group's offset behind it with kafka-consumer-groups --reset-offsets";
const FATAL = { kind: "fatal", outcome: "failed" } as const;
