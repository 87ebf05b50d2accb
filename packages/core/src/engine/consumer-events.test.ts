// Events that repeat what has been said, come too late, or say nothing; and what is told of commits.
import { describe, expect, test } from "vitest";
import { accepted, assignment, at, Drive, record, refused } from "../../test/drive.ts";

const OK = { type: "ok" } as const;

/** An engine with two partitions of epoch 1 from offset 0, and its commit of a record of each. */
function committing() {
  const drive = new Drive();
  const { engine } = drive;
  engine.assigned([assignment(0, 1, 0), assignment(1, 1, 0)], 0);
  for (const partition of [0, 1]) {
    engine.recordsFetched(at(partition, 1), [record(partition, 0)], 1, 0);
    engine.handlerFinished(drive.taken("dispatch")[0]!.token, OK, 0, 0);
  }
  engine.timerFired(1_000);
  const [{ id, offsets } = { id: -1, offsets: [] }] = drive.taken("commit");
  const notices = () =>
    drive
      .taken("notify")
      .map(({ notice }) => notice)
      .filter(({ type }) => type === "committed" || type === "commit-failed");
  return { drive, engine, id, offsets, notices };
}

describe("the answer to a commit is told", () => {
  test("of those that were taken and of those that were not", () => {
    const { engine, id, offsets, notices } = committing();
    const [first, second] = [offsets.slice(0, 1), offsets.slice(1)];
    engine.commitAnswered(id, [...accepted(first), ...refused(second, "retriable")], 1_010);
    expect(notices()).toEqual([
      { type: "committed", offsets: first },
      { type: "commit-failed", offsets: second, error: "commit refused: retriable" },
    ]);
  });

  test("and of nothing where there is nothing", () => {
    const all = committing();
    all.engine.commitAnswered(all.id, accepted(all.offsets), 1_010);
    expect(all.notices().map(({ type }) => type)).toEqual(["committed"]);
    const none = committing();
    none.engine.commitAnswered(none.id, refused(none.offsets, "retriable"), 1_010);
    expect(none.notices().map(({ type }) => type)).toEqual(["commit-failed"]);
  });

  test("with the first reason there is, also where one partition was not answered for", () => {
    const { engine, id, offsets, notices } = committing();
    const another = { ...offsets[0]!, partition: 7 };
    engine.commitAnswered(id, [another, ...refused(offsets.slice(1), "retriable")], 1_010);
    expect(notices()).toMatchObject([
      { type: "commit-failed", error: "commit refused: retriable" },
    ]);
    const silent = committing();
    silent.engine.commitAnswered(silent.id, [], 1_010);
    expect(silent.notices()).toMatchObject([{ type: "commit-failed", error: "no answer" }]);
  });
});

test("a last commit of which something is refused for good is not sent again", () => {
  const { drive, engine, id, offsets } = committing();
  engine.commitAnswered(id, refused(offsets, "retriable"), 1_010);
  engine.revoked(1, [at(0, 1), at(1, 1)], 9_000, 1_020);
  const [last] = drive.taken("commit");
  const [first, second] = [last!.offsets.slice(0, 1), last!.offsets.slice(1)];
  engine.commitAnswered(
    last!.id,
    [...refused(first, "fenced"), ...refused(second, "retriable")],
    1_030,
  );
  expect(drive.taken("released")).toEqual([{ type: "released", revocation: 1 }]);
});

test("the same epoch assigned again changes nothing: what runs goes on", () => {
  const drive = new Drive();
  const { engine } = drive;
  engine.assigned([assignment(0, 1, 0)], 0);
  engine.recordsFetched(at(0, 1), [record(0, 0), record(0, 1)], 2, 0);
  expect(engine.assigned([assignment(0, 1, 0)], 10)).toEqual([2]);
  expect(drive.taken("abort")).toEqual([]);
  expect(engine.snapshot(10).partitions).toMatchObject([{ epoch: 1, held: 2, position: 2 }]);
});

test("an epoch that is over takes nothing away from the one that follows", () => {
  const drive = new Drive();
  const { engine } = drive;
  engine.assigned([assignment(0, 2, 0)], 0);
  engine.recordsFetched(at(0, 2), [record(0, 0)], 1, 0);
  engine.assigned([assignment(0, 1, 0)], 10);
  engine.lost([at(0, 1)], 20);
  expect(drive.taken("abort")).toEqual([]);
  expect(engine.snapshot(20).partitions).toMatchObject([{ epoch: 2, held: 1 }]);
});

test("who is stopping already is not stopped again", () => {
  const drive = new Drive();
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  drive.engine.drainRequested(1_000, 0);
  drive.engine.drainRequested(1_000, 1);
  expect(drive.taken("drained")).toEqual([{ type: "drained", result: "clean" }]);
});

test("a fetch that brings nothing closes nobody, though the budget is used up", () => {
  const drive = new Drive({ concurrency: 20, budget: { records: 10, bytes: 1e9 } });
  const { engine } = drive;
  engine.assigned([assignment(0, 1, 0), assignment(1, 1, 0)], 0);
  const fetch = (partition: number, from: number, to: number): number[] => {
    const records = [];
    for (let offset = from; offset < to; offset++) records.push(record(partition, offset));
    engine.recordsFetched(at(partition, 1), records, to, 0);
    return drive.taken("dispatch").map(({ token }) => token);
  };
  const pausedFor = () => engine.snapshot(0).partitions.map((each) => each.pausedFor);
  fetch(0, 0, 6);
  const tokens = fetch(1, 0, 4);
  expect(pausedFor()).toEqual([["budget"], ["budget"]]);
  // Opened again at 60 % of what it held.
  for (const token of tokens.slice(2)) engine.handlerFinished(token, OK, 0, 0);
  expect(pausedFor()).toEqual([["budget"], []]);
  // What was under way before the pause.
  fetch(0, 6, 8);
  fetch(1, 4, 4);
  expect(pausedFor()).toEqual([["budget"], []]);
  fetch(1, 4, 5);
  expect(pausedFor()).toEqual([["budget"], ["budget"]]);
});
