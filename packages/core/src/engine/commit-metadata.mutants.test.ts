import { expect, test } from "vitest";
import { assignment as assigned, at, record } from "../../test/drive.ts";
import { Assignment } from "./assignment.ts";
import { CommitMetadata } from "./commit-metadata.ts";

const START = { offset: 100, outOfRange: false, commitAtOnce: false };

/** An assignment from 100 on, of which every other record is settled, so many of them. */
function everyOther(count: number, tellsAhead = true): Assignment {
  const assignment = new Assignment(assigned(0, 1, 100), 0, START, tellsAhead);
  for (let index = 0; index < count; index++) {
    const [open, settled] = [100 + 2 * index, 101 + 2 * index];
    for (const offset of [open, settled]) assignment.ahead?.admitted(record(0, offset));
    assignment.gate.admit(open);
    assignment.gate.settle(assignment.gate.admit(settled));
  }
  return assignment;
}

/** One whose metadata has so many characters that three quarters of a budget are no fraction. */
function dividedByThree(): { assignment: Assignment; chars: number } {
  for (let settled = 3; ; settled++) {
    const assignment = everyOther(settled);
    const chars = new CommitMetadata(4_000).of(assignment).length;
    if (chars % 3 === 0) return { assignment, chars };
  }
}

test("a partition takes nothing new in from three quarters of the budget on", () => {
  const { assignment, chars } = dividedByThree();
  const full = (chars / 3) * 4;
  expect(new CommitMetadata(full).of(assignment)).toHaveLength(chars);
  expect(assignment.pausedFor.metadata).toBe(true);
  new CommitMetadata(full + 1).of(assignment);
  expect(assignment.pausedFor.metadata).toBe(false);
});

test("but below what was restored it does, since that shortens the text", () => {
  const { assignment, chars } = dividedByThree();
  const restored = { leaderEpoch: null, truncated: false, rejected: null };
  assignment.ahead!.restore({ ...restored, settled: [300, 310] });
  const metadata = new CommitMetadata(chars);
  assignment.gate.advancePosition(309);
  metadata.of(assignment);
  expect(assignment.pausedFor.metadata).toBe(false);
  assignment.gate.advancePosition(310);
  metadata.of(assignment);
  expect(assignment.pausedFor.metadata).toBe(true);
});

test("the next owner will know of everything only while there is room to spare", () => {
  const metadata = new CommitMetadata(100);
  const tellsAll = (change: Partial<Assignment>): boolean =>
    metadata.tellsAll(Object.assign(everyOther(1), { metadataChars: 10 }, change));
  expect(tellsAll({})).toBe(true);
  expect([tellsAll({ metadataChars: 74 }), tellsAll({ metadataChars: 75 })]).toEqual([true, false]);
  expect(tellsAll({ isTruncated: true })).toBe(false);
  expect(tellsAll({ tellsAhead: false })).toBe(false);
  expect(tellsAll({ metadataChars: 80 })).toBe(false);
});

test("an assignment that tells nothing has none", () => {
  const assignment = everyOther(3, false);
  expect(new CommitMetadata(4_000).of(assignment)).toBe("");
});

test("a refusal halves what was sent, down to twenty characters and then to none", () => {
  const after = (chars: number): number => {
    const metadata = new CommitMetadata(4_000);
    expect(metadata.refused({ ...at(0, 1), offset: 1, metadata: "x".repeat(chars) })).toBe(true);
    return metadata.maxChars;
  };
  expect([after(3_000), after(41), after(40), after(39)]).toEqual([1_500, 20, 20, 0]);
});
