import { FOREIGN_HEADER, HEADER } from "@sluice/spec";
import fc from "fast-check";
import type { Header, KafkaRecord } from "../src/port/record.ts";

// For property tests alone. Bytes that nobody meant would hardly ever be a header of Sluice: most
// names are known, and most values are nearly right.

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const texts = [
  ...["", "0", "1", "2", "00", "63", "64", "65", "2147483647", "2147483648", "-1", " 1"],
  ...["9007199254740991", "9007199254740992", "18446744073709551616", "orders", "a/b", "a/1/2"],
  ...["timeout", "solar", "value", "stack,value", "history,later", "a,,b", "a b", "é", "\uFEFF1"],
  ...[`00-${ID}-00f067aa0ba902b7-01`, `ff-${ID}-00f067aa0ba902b7-01`, "a=1", "a=1,a=2"],
  ...['[{"n":1,"at":"2","k":"timeout"}]', '[{"n":1,"at":"2","k":"timeout"},{"dropped":3}]', "[]"],
];

export const anyBytes: fc.Arbitrary<Uint8Array | null> = fc.option(
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...texts).map(utf8) },
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom(1100, 8192, 8193).map(ones) },
  ),
  { freq: 10 },
);

const anyName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string>(...Object.values(HEADER)) },
  { weight: 4, arbitrary: fc.constantFrom<string>(...Object.values(FOREIGN_HEADER)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("sluice-later", "sluice-origin-later", "sluice-replayer", "ce_time"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map(wellFormed) },
);

export const anyHeaders: fc.Arbitrary<readonly Header[]> = fc.array(fc.tuple(anyName, anyBytes), {
  maxLength: 14,
});

/** Headers of a record that was moved as the text says, and some that came later. */
export const movedHeaders: fc.Arbitrary<readonly Header[]> = fc
  .tuple(
    anyHeaders,
    fc.record({
      hops: fc.nat(70),
      replays: fc.nat(4),
      partition: fc.nat(9),
      count: fc.integer({ min: 1, max: 12 }),
      entries: fc.nat(12),
      truncated: fc.subarray(["stack", "history", "message", "headers", "later"]),
    }),
    anyHeaders,
  )
  .map(([before, { hops, replays, partition, count, entries, truncated }, after]) => {
    const entry = '{"n":1,"at":"2","k":"timeout","c":"E1"}';
    const said: [string, string][] = [
      [HEADER.spec, "1"],
      [HEADER.originTopic, "orders"],
      [HEADER.originPartition, String(partition)],
      [HEADER.originOffset, "7"],
      [HEADER.originTimestamp, "8"],
      [HEADER.originPartitionCount, String(count)],
      [HEADER.firstFailedAt, "9"],
      [HEADER.history, `[${`,${entry}`.repeat(entries + 1).slice(1)}]`],
      [HEADER.replayCount, String(replays)],
      [HEADER.hops, String(hops)],
    ];
    const list = truncated.length === 0 ? [] : [[HEADER.truncated, truncated.join(",")] as const];
    const headers = [...said, ...list].map(([name, text]): Header => [name, utf8(text)]);
    return [...before, ...headers, ...after.slice(0, 2)];
  });

export const anyPosition: fc.Arbitrary<{ topic: string; partition: number; offset: number }> =
  fc.record({
    topic: fc.constantFrom("orders", "orders.dlq", "x".repeat(249)),
    partition: fc.oneof(fc.nat(12), fc.constant(2_147_483_646)),
    offset: fc.oneof(fc.nat(100), fc.constant(Number.MAX_SAFE_INTEGER)),
  });

export const anyRecord: fc.Arbitrary<KafkaRecord> = fc
  .tuple(
    anyPosition,
    fc.record({
      timestamp: fc.oneof(fc.constant(-1), fc.nat(Number.MAX_SAFE_INTEGER)),
      key: fc.option(fc.uint8Array({ maxLength: 20 })),
      value: fc.option(fc.uint8Array({ maxLength: 300 })),
      headers: fc.oneof(anyHeaders, movedHeaders),
    }),
  )
  .map(([at, rest]) => ({ ...at, ...rest }));

/** Names of headers are text: a client never shows an unpaired surrogate. */
function wellFormed(name: string): string {
  return Buffer.from(name).toString();
}

function ones(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x31);
}
