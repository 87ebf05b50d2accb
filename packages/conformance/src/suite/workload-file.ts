import { Random } from "../runner/random.ts";
import type { WorkloadRecord } from "../runner/workload.ts";
import { DEFAULT_WORKLOAD, evenWorkload, workload } from "../runner/workload.ts";
import type { EvenFile, HeaderFile, HotKeyFile, WorkloadFile } from "./case-file.ts";
import { contains, sayNumbers } from "./number-set.ts";

/** Of a case whose file says nothing. */
export const DEFAULT_WORKLOAD_FILE: WorkloadFile = {
  records: DEFAULT_WORKLOAD.records,
  keys: DEFAULT_WORKLOAD.keys,
  skew: DEFAULT_WORKLOAD.skew,
};

/** The records that a workload stands for, the same for the same seed. */
export function recordsOf(file: WorkloadFile, seed: number, partitions: number): WorkloadRecord[] {
  if (file === "none") return [];
  const next = new Map<number, number>();
  return bare(file, seed, partitions).map((record, i) => {
    const offset = next.get(record.partition) ?? 0;
    next.set(record.partition, offset + 1);
    const other = file.values?.find((values) => contains(values.offset, offset));
    return {
      ...record,
      value: other === undefined ? record.value : other.value === null ? null : Buffer.alloc(0),
      ...(file.headers === undefined ? {} : { headers: file.headers.map((h) => headerOf(h, i)) }),
    };
  });
}

/** In words: `100 records in each partition, 10 keys`. */
export function sayWorkload(file: WorkloadFile): string {
  if (file === "none") return "nothing";
  const parts = [];
  if ("perPartition" in file) {
    parts.push(`${file.perPartition} records in each partition, ${file.keys} keys in turns`);
    if (file.valueBytes !== undefined) parts.push(`values of ${file.valueBytes} bytes`);
    for (const { key, offset, each } of file.ownKeys ?? []) {
      const named = key === null ? "no key" : key === "" ? "the empty key" : `key "${key}"`;
      parts.push(`${named} at offset ${sayNumbers(offset)}${each === true ? ", one each" : ""}`);
    }
  } else if ("hot" in file) {
    parts.push(
      `${file.records} records, ${file.hot} % of one key "hot", else of ${file.keys} keys`,
    );
  } else {
    parts.push(`${file.records} records of ${file.keys} keys, by Zipf with exponent ${file.skew}`);
  }
  for (const { offset, value } of file.values ?? []) {
    parts.push(`${value === null ? "no value" : "an empty value"} at offset ${sayNumbers(offset)}`);
  }
  if (file.headers !== undefined) {
    parts.push(`headers ${file.headers.map(({ name }) => name).join(", ")}`);
  }
  return parts.join("; ");
}

function bare(
  file: Exclude<WorkloadFile, "none">,
  seed: number,
  partitions: number,
): WorkloadRecord[] {
  if ("perPartition" in file) {
    const { perPartition, valueBytes: bytes } = file;
    const key = (partition: number, offset: number): string | null =>
      keyOf(file, partition, offset);
    return evenWorkload(
      seed,
      partitions,
      perPartition,
      key,
      bytes === undefined ? bytes : [bytes, bytes],
    );
  }
  if ("hot" in file) return hotKey(file, seed, partitions);
  const { records, keys, skew } = file;
  return workload(seed, { ...DEFAULT_WORKLOAD, partitions, records, keys, skew });
}

function keyOf({ keys, ownKeys = [] }: EvenFile, partition: number, offset: number): string | null {
  const own = ownKeys.find((one) => contains(one.offset, offset));
  if (own === undefined) return `k${partition}-${offset % keys}`;
  if (own.key === null || own.key === "") return own.key;
  return own.each === true ? `${own.key}-${partition}-${offset}` : `${own.key}-${partition}`;
}

/** The hot key is in partition 0, the others are everywhere. */
function hotKey(
  { records, keys, hot }: HotKeyFile,
  seed: number,
  partitions: number,
): WorkloadRecord[] {
  const random = new Random(seed);
  return Array.from({ length: records }, (_, i) => {
    const isHot = random.fraction() * 100 < hot;
    const cold = random.integer(0, keys - 1);
    return {
      partition: isHot ? 0 : cold % partitions,
      key: Buffer.from(isHot ? "hot" : `cold-${cold}`),
      value: Buffer.from(`v${i}`),
    };
  });
}

function headerOf(header: HeaderFile, index: number): readonly [name: string, value: Buffer] {
  if ("number" in header) return [header.name, Buffer.from(String(index))];
  if ("text" in header) return [header.name, Buffer.from(header.text)];
  return [header.name, Buffer.from(header.hex, "hex")];
}
