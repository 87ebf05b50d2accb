import { expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";

const FAILED = { type: "failed", error: error() } as const;
const OK = { type: "ok" } as const;

/** Three partitions with five records each, all running; backoff 100 ms. */
function running(maxWaiting: number) {
  const drive = new Drive({
    concurrency: 100,
    retry: { maxAttempts: 9, backoff: { type: "fixed", delayMs: 100 }, maxWaiting },
  });
  const partitions = [0, 1, 2];
  drive.engine.assigned(
    partitions.map((partition) => assignment(partition, 1, 0)),
    0,
  );
  const tokens = partitions.map((partition) => {
    const records = [0, 1, 2, 3, 4].map((offset) => record(partition, offset, `k${offset}`));
    drive.engine.recordsFetched(at(partition, 1), records, 5, 0);
    return drive.taken("dispatch").map(({ token }) => token);
  });
  const fail = (partition: number, offset: number, now: number): void =>
    drive.engine.handlerFinished(tokens[partition]![offset]!, FAILED, now, 0);
  /** Partitions that the client was told to pause and to resume. */
  const told = () => {
    const effects = drive.take();
    const of = (type: "pause" | "resume"): number[] =>
      effects
        .flatMap((effect) =>
          effect.type === type && "partitions" in effect
            ? effect.partitions.map(({ partition }) => partition)
            : [],
        )
        .toSorted((a, b) => a - b);
    return { pause: of("pause"), resume: of("resume") };
  };
  return { drive, fail, told };
}

test("only partitions with records that wait are closed, each as soon as it has one", () => {
  const { drive, fail, told } = running(2);
  fail(0, 0, 10);
  expect(told()).toEqual({ pause: [], resume: [] });
  fail(0, 1, 11);
  expect(told()).toEqual({ pause: [0], resume: [] });
  fail(2, 0, 12);
  expect(told()).toEqual({ pause: [2], resume: [] });
  expect(drive.engine.snapshot(13).partitions.map(({ pausedFor }) => pausedFor)).toEqual([
    ...[["retries"], [], ["retries"]],
  ]);
});

test("what was fetched goes on, and all open again when fewer wait", () => {
  const { drive, fail, told } = running(2);
  fail(0, 0, 10);
  fail(1, 0, 60);
  expect(told().pause).toEqual([0, 1]);
  expect(drive.engine.snapshot(61)).toMatchObject({ running: 13, waitingForRetry: 2 });
  drive.engine.timerFired(110);
  const effects = drive.effects.map(({ type }) => type);
  expect(effects).toContain("dispatch");
  expect(told().resume).toEqual([0, 1]);
  expect(drive.engine.snapshot(111).waitingForRetry).toBe(1);
});

test("a tenth has to go before a great quota opens again", () => {
  const { drive, fail, told } = running(10);
  for (let offset = 0; offset < 5; offset++) fail(0, offset, offset);
  for (let offset = 0; offset < 5; offset++) fail(1, offset, 50 + offset);
  expect(told().pause).toEqual([0, 1]);
  // 9 of 10 wait.
  drive.engine.timerFired(100);
  expect(told().resume).toEqual([0, 1]);
});

test("a pause of the user's outlives it", () => {
  const { drive, fail, told } = running(1);
  fail(0, 0, 10);
  expect(told().pause).toEqual([0]);
  drive.engine.pauseRequested([{ topic: "orders", partition: 0 }], 20);
  drive.engine.timerFired(110);
  expect(told().resume).toEqual([]);
  drive.engine.resumeRequested([{ topic: "orders", partition: 0 }], 120);
  expect(told().resume).toEqual([0]);
});

test("a partition that is given up takes its share of the quota with it", () => {
  const { drive, fail, told } = running(2);
  fail(0, 0, 10);
  fail(1, 0, 11);
  expect(told().pause).toEqual([0, 1]);
  drive.engine.lost([at(0, 1)], 20);
  expect(told().resume).toEqual([1]);
});

test("dead letters that wait to be sent again count too", () => {
  const { drive, fail, told } = running(1);
  fail(0, 0, 0);
  drive.engine.timerFired(100);
  const [again] = drive.taken("dispatch");
  drive.engine.handlerFinished(
    again!.token,
    { type: "dead-letter", error: error("permanent") },
    101,
    0,
  );
  told();
  drive.engine.deadLetterFailed(again!.token, new Error("no") as never, 102, 0);
  expect(told().pause).toEqual([0]);
  drive.engine.timerFired(10_000);
  drive.engine.deadLetterAcked(again!.token, 10_001);
  expect(told().resume).toEqual([0]);
  drive.engine.handlerFinished(again!.token, OK, 10_002, 0);
  expect(drive.engine.snapshot(10_003).ignored.unknownTokens).toBe(1);
});
