import { describe, expect, test } from "vitest";
import type { Work } from "../../runner/ledger.ts";
import { inversionDepth, keysAtOnce } from "./ledger-measures.ts";

/** A handler of a record in partition 0, from and to these times. */
function work(
  offset: number,
  key: string | null,
  begunAt: number,
  finishedAt: number | null,
): Work {
  return {
    ...{ member: "m0", handle: `h${offset}`, epoch: "1", topic: "in", partition: 0, attempt: 1 },
    ...{ offset, key, begunAt, finishedAt, index: offset, result: "ok", dropped: false },
  };
}

describe("different keys at once", () => {
  test("are those whose handlers overlap", () => {
    expect(keysAtOnce([work(0, "a", 0, 10), work(1, "b", 5, 15), work(2, "c", 7, 9)])).toBe(3);
    expect(keysAtOnce([])).toBe(0);
  });

  test("do not overlap when one begins as the other ends", () => {
    expect(keysAtOnce([work(0, "a", 0, 10), work(1, "b", 10, 20)])).toBe(1);
  });

  test("count a key once, and every record without a key for itself", () => {
    expect(keysAtOnce([work(0, "a", 0, 10), work(1, "a", 5, 15)])).toBe(1);
    expect(keysAtOnce([work(0, null, 0, 10), work(1, null, 5, 15)])).toBe(2);
  });

  test("what has not ended still runs", () => {
    expect(keysAtOnce([work(0, "a", 0, null), work(1, "b", 100, 110)])).toBe(2);
  });
});

describe("inversion depth", () => {
  test("is 0 in order", () => {
    expect(inversionDepth([work(0, "a", 0, 1), work(1, "b", 0, 2), work(2, "c", 0, 3)])).toBe(0);
  });

  test("counts the higher offsets that were finished before", () => {
    // Finished in the order 3, 1, 2, 0: three before 0, one before 1 and 2.
    const works = [work(0, "a", 0, 9), work(1, "b", 0, 2), work(2, "c", 0, 3), work(3, "d", 0, 1)];
    expect(inversionDepth(works)).toBe(3);
  });

  test("knows partitions apart", () => {
    const other = { ...work(7, "b", 0, 1), partition: 1 };
    expect(inversionDepth([work(0, "a", 0, 5), other])).toBe(0);
  });
});
