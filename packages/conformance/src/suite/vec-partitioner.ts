import { createRequire } from "node:module";
import type { Case } from "../runner/case.ts";

interface VectorFile {
  readonly testGroups: readonly {
    readonly type: string;
    readonly partitioner: string;
    /** Partition counts; each test has its partition for each of them, in order. */
    readonly counts: readonly number[];
    readonly tests: readonly {
      readonly tcId: number;
      /** Hexadecimal; null for no key. */
      readonly key: string | null;
      readonly hash: number | null;
      readonly partitions: readonly number[] | null;
    }[];
  }[];
}

const SUITE = "partitioner";
const require = createRequire(import.meta.url);

export const partitioner: Case = {
  id: "vec/partitioner",
  level: "L0",
  title: "keys to partitions, against numbers computed by Kafka's Java client",
  about:
    "The partition of a key must be the one every other client computes, bit for bit: a sign handled " +
    "differently moves half of the keys, and with a power of two as the number of partitions nobody sees it.",
  needs: [],
  requires: ({ vectors }) => (vectors.includes(SUITE) ? null : "partitioner vectors"),
  invariants: ["H1"],
  faults: [],
  duplicates: "none",
  run: async (c) => {
    const subject = await c.startForVectors("m0");
    const { testGroups } =
      require("@sluice/spec/vectors/v1/partitioner_murmur2_test.json") as VectorFile;
    let negative = 0;
    let examined = 0;
    for (const { partitioner: algorithm, counts, tests } of testGroups) {
      for (const { tcId, key, hash, partitions } of tests) {
        if (key === null) continue;
        const bytes = Buffer.from(key, "hex");
        if (hash !== null && hash < 0) negative += 1;
        const asked = counts.flatMap((count, i) => {
          const partition = partitions?.[i];
          return partition === undefined ? [] : [{ count, partition }];
        });
        examined += asked.length;
        const ask = async ({ count, partition }: { count: number; partition: number }) =>
          c.vector(
            subject,
            SUITE,
            {
              id: `${algorithm}-${tcId}-${count}`,
              algorithm,
              key: bytes.toString("base64"),
              partitions: count,
            },
            { partition },
          );
        await Promise.all(asked.map(ask));
      }
    }
    const share = examined === 0 ? 0 : (negative * (testGroups[0]?.counts.length ?? 0)) / examined;
    c.guard("negative hashes", share >= 0.4, `${Math.round(share * 100)} %, wanted 40 %`);
    const counts = testGroups.flatMap((group) => group.counts);
    const odd = counts.filter((count) => (count & (count - 1)) !== 0).length;
    c.guard("counts that are no power of two", odd > 0, `${odd} of ${counts.length}`);
  },
};
