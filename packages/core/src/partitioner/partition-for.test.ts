import { readFileSync } from "node:fs";
import type { PartitionerName } from "@sluice/spec";
import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.ts";
import { fnv1a } from "./fnv1a.ts";
import { murmur2 } from "./murmur2.ts";
import { partitionFor } from "./partition-for.ts";

interface Group {
  readonly source: string;
  readonly params: { readonly partitioner: PartitionerName; readonly counts: readonly number[] };
  readonly tests: readonly {
    readonly tcId: number;
    readonly input: { readonly key: string | null };
    readonly expect: {
      readonly hash: number | null;
      readonly partitions: readonly number[] | null;
    };
  }[];
}

const hashes: Readonly<Record<PartitionerName, (bytes: Uint8Array) => number>> = {
  murmur2,
  crc32,
  "fnv1a-abs": fnv1a,
  "fnv1a-mask": fnv1a,
};

const groups = ["murmur2", "crc32", "fnv1a"].flatMap((name) => {
  const path = `../../../spec/vectors/v1/partitioner_${name}_test.json`;
  const file = readFileSync(new URL(path, import.meta.url), "utf8");
  return (JSON.parse(file) as { testGroups: readonly Group[] }).testGroups;
});

// SLC-PRT-002 to SLC-PRT-007
describe.each(groups.map((group) => [group.params.partitioner, group.source, group] as const))(
  "%s agrees with %s",
  (partitioner, _, { params: { counts }, tests }) => {
    it("in every hash", () => {
      const wrong = tests.filter(
        ({ input: { key }, expect: { hash } }) =>
          key !== null && hashes[partitioner](fromHex(key)) !== hash,
      );
      expect(wrong).toEqual([]);
    });

    it.each(counts.map((count, i) => [count, i] as const))(
      "in every partition of %i",
      (count, i) => {
        const wrong = tests.filter(
          ({ input: { key }, expect: { partitions } }) =>
            partitionFor(partitioner, key === null ? null : fromHex(key), count) !==
            (partitions === null ? null : partitions[i]),
        );
        expect(wrong).toEqual([]);
      },
    );
  },
);

describe("partitionFor", () => {
  it("answers no partition for a null key and one for an empty key (SLC-PRT-001, SLC-PRT-006)", () => {
    expect(partitionFor("murmur2", null, 12)).toBeNull();
    expect(partitionFor("murmur2", new Uint8Array(), 12)).toBe(9);
  });

  it("hashes a view of a larger buffer only", () => {
    const view = new Uint8Array(fromHex("ff3231ff").buffer, 1, 2);
    expect(partitionFor("murmur2", view, 12)).toBe(partitionFor("murmur2", fromHex("3231"), 12));
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])("refuses %d partitions", (count) => {
    expect(() => partitionFor("murmur2", new Uint8Array(), count)).toThrow(
      `partition count must be an integer from 1 to 2^31-1, got ${count}`,
    );
  });

  it("names the nearest algorithm to an unknown one", () => {
    const partition = (name: string) => () =>
      partitionFor(name as PartitionerName, new Uint8Array(), 1);
    expect(partition("murmur")).toThrow('unknown partitioner "murmur"; did you mean murmur2?');
    expect(partition("sticky")).toThrow("known: murmur2, crc32, fnv1a-abs, fnv1a-mask");
  });
});

/** A plain Uint8Array: a Buffer would hide a use of its own methods. */
function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
