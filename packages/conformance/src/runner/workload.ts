import { createHash } from "node:crypto";
import { Random } from "./random.ts";

/** A record to be produced. */
export interface WorkloadRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly (readonly [name: string, value: Buffer])[];
}

export interface WorkloadOptions {
  /** Not a power of two by default: a partitioner or a hash mask must not look right by luck. */
  readonly partitions: number;
  readonly records: number;
  readonly keys: number;
  /** Zipf exponent of the keys' popularity; 0 is uniform. */
  readonly skew: number;
  /** Sizes of values in bytes, uniform between the two. */
  readonly valueBytes: readonly [min: number, max: number];
}

export const DEFAULT_WORKLOAD: WorkloadOptions = {
  partitions: 6,
  records: 600,
  keys: 60,
  skew: 0.8,
  valueBytes: [20, 400],
};

/** A seeded workload: keys by Zipf, each key in one partition, values unique and of mixed size. */
export function workload(seed: number, options: WorkloadOptions): WorkloadRecord[] {
  const random = new Random(seed);
  const partitionOf = new Map<number, number>();
  const order = random.shuffle(Array.from({ length: options.keys }, (_, i) => i));
  // Keys are dealt out like cards, so that every partition has some, hot and cold.
  order.forEach((key, i) => partitionOf.set(key, i % options.partitions));
  const draw = zipf(options.keys, options.skew, random);
  return Array.from({ length: options.records }, (_, i) => {
    const key = draw();
    return {
      partition: partitionOf.get(key) as number,
      key: Buffer.from(`k${key}`),
      value: value(random, i, options.valueBytes),
    };
  });
}

/** `count` records for each partition; `keyOf` names the key from partition and offset. */
export function evenWorkload(
  seed: number,
  partitions: number,
  count: number,
  keyOf: (partition: number, offset: number) => string | null,
  valueBytes: readonly [min: number, max: number] = DEFAULT_WORKLOAD.valueBytes,
): WorkloadRecord[] {
  const random = new Random(seed);
  return Array.from({ length: partitions * count }, (_, i) => {
    const partition = i % partitions;
    const key = keyOf(partition, Math.floor(i / partitions));
    return {
      partition,
      key: key === null ? null : Buffer.from(key),
      value: value(random, i, valueBytes),
    };
  });
}

/** First 16 bytes of SHA-256, base64: how a history names a value. */
export function valueHash(value: Uint8Array | null): string | null {
  if (value === null) return null;
  return createHash("sha256").update(value).digest().subarray(0, 16).toString("base64");
}

/** Draws indices below `count` with probability proportional to 1 / (i + 1)^exponent. */
function zipf(count: number, exponent: number, random: Random): () => number {
  const cumulative: number[] = [];
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1) ** exponent;
    cumulative.push(sum);
  }
  return () => {
    const at = random.fraction() * sum;
    const index = cumulative.findIndex((edge) => at < edge);
    return index === -1 ? count - 1 : index;
  };
}

function value(random: Random, index: number, [min, max]: readonly [number, number]): Buffer {
  const head = Buffer.from(`v${index}:`);
  const body = Buffer.alloc(Math.max(0, random.integer(min, max) - head.length));
  for (let i = 0; i < body.length; i++) body[i] = random.uint32() & 0xff;
  return Buffer.concat([head, body]);
}
