import { expect, test } from "vitest";
import { record } from "../../test/drive.ts";
import { CommitGate } from "../gate/commit-gate.ts";
import { LeaderEpochs } from "./leader-epochs.ts";

/** Records from 100 on with these leader epochs; those in `settled` are settled. */
function epochs(told: readonly (number | undefined)[], settled: readonly number[]) {
  const runs = new LeaderEpochs();
  const gate = new CommitGate(100);
  for (const [index, leaderEpoch] of told.entries()) {
    const offset = 100 + index;
    runs.admitted({ ...record(0, offset), ...(leaderEpoch === undefined ? {} : { leaderEpoch }) });
    const sequence = gate.admit(offset);
    if (settled.includes(offset)) gate.settle(sequence);
  }
  return runs.ofSettled(gate, Math.max(...settled));
}

test("it is that of the highest settled record", () => {
  expect(epochs([4, 4, 6, 6, 9], [101])).toBe(4);
  expect(epochs([4, 4, 6, 6, 9], [101, 102])).toBe(6);
  expect(epochs([4, 4, 6, 6, 9], [101, 103])).toBe(6);
  expect(epochs([4, 4, 6, 6, 9], [104])).toBe(9);
  expect(epochs([4, 0], [101])).toBe(0);
});

test("it is not known when a settled record did not tell", () => {
  expect(epochs([4, undefined, undefined, 6], [101])).toBeNull();
  expect(epochs([4, undefined, undefined, 6], [102, 103])).toBeNull();
  expect(epochs([4, 4, undefined], [102])).toBeNull();
  // A broker that knows of none says -1, and whatever is below is none either.
  expect(epochs([4, -1], [101])).toBeNull();
  expect(epochs([4, -2], [101])).toBeNull();
});

test("records that did not tell and are not settled, or that the frontier has passed, do not matter", () => {
  expect(epochs([4, 4, undefined, 6], [101, 103])).toBe(6);
  // 100 is settled and passed.
  expect(epochs([undefined, undefined, 6, 6], [100, 103])).toBe(6);
  expect(epochs([undefined, 6, 6], [102])).toBe(6);
});
