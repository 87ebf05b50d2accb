import { HEADER, LIMIT } from "@sluice/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expectReached } from "../../test/reached.ts";
import type { Header } from "../port/record.ts";
import { dialectTables } from "./dialects.ts";
import type { DialectField } from "./dialects.ts";
import { readDialects } from "./read-dialects.ts";

const KNOWN = [
  HEADER.spec,
  HEADER.originTopic,
  HEADER.originPartition,
  HEADER.truncated,
  // Karafka is detected by two together.
  ...["source_topic", "source_offset", "source_topic", "source_offset"],
  ...dialectTables({}).flatMap(({ fields }) =>
    (Object.values(fields) as DialectField<unknown>[]).flatMap(({ names }) => names),
  ),
];
const utf8 = new TextEncoder();
const values = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 9 }),
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.nat().map((number) => utf8.encode(String(number))),
  fc.constantFrom("orders", "value", "-1", "9007199254740992").map((text) => utf8.encode(text)),
);
const names = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const headerLists: fc.Arbitrary<Header[]> = fc.array(fc.tuple(names, values), { maxLength: 16 });

const isIn = (value: number | null, max: number): boolean =>
  value === null || (Number.isSafeInteger(value) && value >= 0 && value <= max);

test("SLC-CNV-002: any headers have an answer, within its bounds", () => {
  const seen = new Map<string, number>();
  const record = { topic: "orders.dlq", partition: 1, offset: 7, timestamp: 8 };
  fc.assert(
    fc.property(headerLists, fc.boolean(), (headers, isNull) => {
      const value = isNull ? null : new Uint8Array(0);
      const read = readDialects({ ...record, value, headers });
      expect(read.dialects.length).toBeGreaterThan(0);
      const dialects = read.dialects.map(({ dialect }) => dialect);
      expect(new Set(dialects).size).toBe(dialects.length);
      for (const { dialect, origin, retryCount, hops } of read.dialects) {
        seen.set(dialect, (seen.get(dialect) ?? 0) + 1);
        if (dialect === "plain") expect(read.dialects).toHaveLength(1);
        if (!isIn(retryCount, LIMIT.retryCount) || hops > headers.length) expect.fail(dialect);
        if (origin === null) continue;
        const { topic, partition, offset, timestamp } = origin;
        const isBounded =
          isIn(partition, LIMIT.partition) &&
          isIn(offset, LIMIT.integer) &&
          isIn(timestamp, LIMIT.integer);
        if (topic === "" || !isBounded) expect.fail(JSON.stringify(origin));
      }
      expect(read.origin.partition).not.toBeNull();
      expect(read.origin.offset).not.toBeNull();
      // Whoever is not told of a header that is there is told why.
      for (const anomaly of read.anomalies) {
        const name = anomaly.slice(anomaly.indexOf(":") + 1);
        const isThere = headers.some(([given]) => given.startsWith(name));
        expect(isThere, anomaly).toBe(true);
      }
    }),
    { numRuns: 10_000 },
  );
  const all = ["sluice", "plain", ...dialectTables({}).map(({ dialect }) => dialect)];
  expectReached(Object.fromEntries(all.map((name) => [name, seen.get(name) ?? 0])), 100);
});
