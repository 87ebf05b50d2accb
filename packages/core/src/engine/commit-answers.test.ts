import { expect, test } from "vitest";
import { accepted, assignment, refused } from "../../test/drive.ts";
import type { CommitResult } from "../port/consumer-port.ts";
import { Assignment } from "./assignment.ts";
import { CommitMetadata } from "./commit-metadata.ts";
import { Commits } from "./commits.ts";
import type { CommitPolicy } from "./commits.ts";

const START = { offset: 0, outOfRange: false, commitAtOnce: false };
const NEVER: CommitPolicy = { intervalMs: 1_000, every: Infinity, whenIdleMs: Infinity };

/** A partition that is behind: its records up to `frontier` are settled. */
function moved(partition: number, frontier = 1, tellsAhead = false): Assignment {
  const result = new Assignment(assignment(partition, 1, 0), partition, START, tellsAhead);
  for (let offset = 0; offset < frontier; offset++) settle(result);
  return result;
}

function settle({ gate }: Assignment): void {
  gate.settle(gate.admit(gate.position));
}

/** Commits with these partitions behind. */
function behind(
  partitions: readonly Assignment[],
  policy: Partial<CommitPolicy> = {},
  metadata = new CommitMetadata(0),
): Commits {
  const commits = new Commits({ ...NEVER, ...policy }, metadata);
  for (const each of partitions) commits.moved(each, 0);
  return commits;
}

test("a request is for each partition once, in the order of first appearance", () => {
  const [first, second, third] = [moved(0), moved(1), moved(2)];
  const commits = behind([third, first, third, second]);
  settle(third);
  commits.moved(third, 1);
  const { offsets } = commits.send(commits.behind(), 1);
  expect(offsets.map(({ partition, offset }) => [partition, offset])).toEqual([
    [0, 1],
    [1, 1],
    [2, 2],
  ]);
});

test.each<[string, Partial<CommitResult>]>([
  ["topic", { topic: "other" }],
  ["partition", { partition: 1 }],
  ["epoch", { epoch: 2 }],
  ["offset", { offset: 0 }],
])("an answer for another %s is none for what was asked, which goes out again", (_, change) => {
  const commits = behind([moved(0)]);
  const { id, offsets } = commits.send(commits.behind(), 1);
  const answer = commits.answered(id, [{ ...offsets[0]!, ...change }], 2);
  expect(answer).toEqual({
    acknowledged: [],
    failed: [{ offset: offsets[0], error: null, canBeSentAgain: true }],
    stale: 1,
    isTooLarge: false,
  });
  expect(commits.dueAt).toBe(1_002);
});

test("a partition without an answer goes out again, and nothing is stale", () => {
  const [first, second] = [moved(0), moved(1)];
  const commits = behind([first, second], { every: 1 });
  const { id, offsets } = commits.send(commits.behind(), 1);
  commits.settled(1);
  expect(commits.answered(id, accepted(offsets.slice(0, 1)), 2)).toMatchObject({
    acknowledged: [{ assignment: first }],
    failed: [{ offset: offsets[1], error: null, canBeSentAgain: true }],
    stale: 0,
  });
  // As after any failure, not before the interval is over.
  expect(commits.dueAt).toBe(1_002);
  expect(commits.behind()).toEqual([second]);
});

test("answers beyond what was asked are stale", () => {
  const commits = behind([moved(0)]);
  const { id, offsets } = commits.send(commits.behind(), 1);
  const answer = commits.answered(id, [...accepted(offsets), ...accepted(offsets)], 2);
  expect(answer).toMatchObject({ acknowledged: [{ offset: offsets[0] }], failed: [], stale: 1 });
});

test.each<[Parameters<typeof refused>[1], boolean]>([
  ["retriable", true],
  ["backpressure", true],
  ["rebalancing", false],
  ["fenced", false],
  ["authorization", false],
  ["fatal", false],
  // There is no metadata to blame.
  ["metadata-too-large", false],
])("what is refused as %s can be sent again: %s", (kind, canBeSentAgain) => {
  const commits = behind([moved(0)]);
  const { id, offsets } = commits.send(commits.behind(), 1);
  const answer = commits.answered(id, refused(offsets, kind), 2);
  expect(answer).toMatchObject({ failed: [{ canBeSentAgain }], isTooLarge: false });
});

test("only a refusal for its size makes metadata shorter", () => {
  const one = moved(0, 0, true);
  one.gate.admit(0);
  settle(one);
  one.settled = 1;
  for (const kind of ["retriable", "metadata-too-large"] as const) {
    const metadata = new CommitMetadata(4_000);
    const commits = behind([one], {}, metadata);
    one.isListedToCommit = false;
    commits.moved(one, 0);
    const { id, offsets } = commits.send(commits.behind(), 1);
    expect(offsets[0]!.metadata).toMatch(/^slc1\./);
    const answer = commits.answered(id, refused(offsets, kind), 2);
    expect(answer?.isTooLarge).toBe(kind === "metadata-too-large");
    expect(metadata.maxChars === 4_000).toBe(kind === "retriable");
  }
});

test("after a stop nothing is due, whatever moves", () => {
  const [one, other] = [moved(0), moved(1)];
  const commits = behind([one]);
  expect(commits.dueAt).toBe(1_000);
  commits.stop();
  expect(commits.dueAt).toBe(Infinity);
  commits.moved(other, 1);
  expect([commits.dueAt, commits.takeDue(5_000)]).toEqual([Infinity, false]);
  expect(commits.behind()).toEqual([one, other]);
});

test("what is held does not rest, also when a commit is brought about meanwhile", () => {
  const commits = new Commits({ ...NEVER, whenIdleMs: 50 }, new CommitMetadata(0));
  commits.rest(false, 0);
  commits.moved(moved(0), 10);
  expect(commits.dueAt).toBe(1_010);
  commits.rest(true, 20);
  expect(commits.dueAt).toBe(70);
});

test("only what the policy asks for is to be told", () => {
  const told = (policy: Partial<CommitPolicy>): boolean[] => {
    const { countsSettled, watchesRest } = behind([], policy);
    return [countsSettled, watchesRest];
  };
  expect(told({})).toEqual([false, false]);
  expect(told({ every: 10 })).toEqual([true, false]);
  expect(told({ whenIdleMs: 0 })).toEqual([false, true]);
});
