import { expect, test } from "vitest";
import { record } from "../../test/drive.ts";
import { CommitGate } from "../gate/commit-gate.ts";
import { decodeCommitMetadata } from "../metadata/decode-commit-metadata.ts";
import { SettledAhead } from "./settled-ahead.ts";

/** What an earlier owner says to be settled, and a gate that begins at 100. */
function restored(settled: readonly number[], leaderEpoch: number | null = null) {
  const ahead = new SettledAhead();
  ahead.restore({ settled, leaderEpoch, truncated: false, rejected: null });
  const gate = new CommitGate(100);
  const fetch = (offset: number, epoch?: number) => {
    ahead.admitted({
      ...record(0, offset),
      ...(epoch === undefined ? {} : { leaderEpoch: epoch }),
    });
    return gate.admit(offset);
  };
  const told = () => {
    const { settled: ranges, leaderEpoch: epoch } = decodeCommitMetadata(
      ahead.metadata(gate, 4_000).metadata,
      gate.frontier,
    );
    return [ranges, epoch];
  };
  return { ahead, gate, fetch, told };
}

const of = (offset: number, leaderEpoch?: number) => ({
  ...record(0, offset),
  ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
});

test("what is restored ends behind its last range, and at 0 once all of it has been passed", () => {
  const { ahead } = restored([110, 120, 130, 140]);
  expect([ahead.restoredEnd, ahead.settles(of(130)), ahead.restoredEnd]).toEqual([140, true, 140]);
  expect([ahead.settles(of(140)), ahead.restoredEnd, ahead.hasRestored]).toEqual([false, 0, false]);
});

test("a range that the position has passed without a record is told no more", () => {
  // Compacted away: the client goes on behind them and nobody asks for them.
  const { gate, fetch, told } = restored([110, 120, 130, 140]);
  fetch(100);
  for (const [position, expected] of [
    [119, [119, 120, 130, 140]],
    [120, [130, 140]],
    [125, [130, 140]],
  ] as const) {
    gate.advancePosition(position);
    expect(told()[0]).toEqual(expected);
  }
});

test("own settled records and restored ones are one range where they touch", () => {
  const { gate, fetch, told } = restored([105, 110, 120, 121]);
  for (const offset of [100, 101, 102, 103, 104]) {
    const sequence = fetch(offset);
    if (offset === 101 || offset === 104) gate.settle(sequence);
  }
  expect(told()[0]).toEqual([101, 102, 104, 110, 120, 121]);
});

test("the leader epoch is the highest of both, as long as something restored is left", () => {
  for (const [own, restoredEpoch, expected] of [
    [7, 3, 7],
    [2, 3, 3],
    [7, null, null],
    [undefined, 3, null],
  ] as const) {
    const { gate, fetch, told } = restored([110, 120], restoredEpoch);
    fetch(100, own);
    gate.settle(fetch(101, own));
    expect(told()).toEqual([[101, 102, 110, 120], expected]);
  }
});

test("only a record of a later leader epoch than is known was written after what is restored", () => {
  const settles = (restoredEpoch: number | null, epoch?: number): boolean =>
    restored([110, 120], restoredEpoch).ahead.settles(of(110, epoch));
  expect([settles(3, 3), settles(3, 2), settles(3, 4)]).toEqual([true, true, false]);
  // Nobody has said when it was settled, or when it was written.
  expect([settles(null, 4), settles(null), settles(0)]).toEqual([true, true, true]);
});

test("what is restored is told with its own leader epoch as long as nothing else is settled", () => {
  const { fetch, told } = restored([110, 120], 3);
  fetch(100, 7);
  expect(told()).toEqual([[110, 120], 3]);
});
