import { expect, test } from "vitest";
import { assignment } from "../../test/drive.ts";
import { Assignment } from "./assignment.ts";

const START = { offset: 7, outOfRange: false, commitAtOnce: false };

test("an assignment begins with nothing held, nothing to commit and nothing in its way", () => {
  const begun = new Assignment(assignment(0, 3, 7), 5, START, true);
  expect(begun.snapshot()).toEqual({
    ...{ topic: "orders", partition: 0, epoch: 3, position: 7, frontier: 7, committed: 7 },
    ...{ held: 0, pausedFor: [], draining: false },
  });
  expect([begun.shouldPause, begun.paused, begun.isBehind]).toEqual([false, false, false]);
  expect([begun.open, begun.fenced, begun.ordinal, begun.isListedToCommit]).toEqual([
    ...[true, false, 5, false],
  ]);
});

test("one without a commit has committed nothing, and one whose start is worth a commit is behind", () => {
  const begun = new Assignment(assignment(0, 1), 0, { ...START, commitAtOnce: true }, false);
  expect([begun.committed, begun.isBehind, begun.ahead]).toEqual([null, true, null]);
});

test.each(["user", "budget", "metadata", "retries"] as const)("it pauses for %s", (reason) => {
  const begun = new Assignment(assignment(0, 1, 7), 0, START, false);
  begun.pausedFor[reason] = true;
  expect([begun.shouldPause, begun.snapshot().pausedFor]).toEqual([true, [reason]]);
});
