import type { HistoryEvent } from "@sluice/checker";
import { expect, it } from "vitest";
import { sampleHistory } from "../../test/sample-run.ts";
import { tellEvents } from "./tell-event.ts";

it("tells every kind of event of a history in a sentence of its own", () => {
  const history = sampleHistory(true);
  const told = tellEvents(history, [...history.keys()]);
  expect(told).toHaveLength(history.length);
  const byType = new Map(history.map(({ type }, i) => [type, told[i]!.text]));
  expect(Object.fromEntries(byType)).toMatchObject({
    case: "the history of core/hold-head begins",
    produced: "in/1@19 was acknowledged to the producer",
    assignment: "m1 was given in/1 (generation 1)",
    begin: "m0 began in/0@16, attempt 1 (m0-16)",
    finish: "the runner finished m0-16: ok",
    "commit-request": "m0 asked to commit in/0 20 (generation 1, OffsetCommit v5, 6)",
    "commit-answer": "the broker answered m0's commit 6: accepted",
    committed: "the commit log holds in/0 20",
    fault: "fault broker-sigterm healed",
    member: "m1 exited with code 0",
    "log-range": "in/1 holds offsets 0 to 20 in the end",
  });
});

it("says it when a commit was refused or its answer withheld", () => {
  const results = [{ topic: "in", partition: 0, error: 22 }];
  const history = [
    ...sampleHistory(false),
    { type: "commit-answer", t: 1e5, member: "m0", id: "9", forwarded: false, results },
  ] as readonly HistoryEvent[];
  expect(tellEvents(history, [history.length - 1])[0]!.text).toBe(
    "the broker answered m0's commit 9: in/0 error 22; the answer was withheld",
  );
});

it("tells times from the beginning, names topics as they are told apart, and skips what is not there", () => {
  const [first, ...rest] = sampleHistory(false);
  const history = [
    { ...first, topics: { "run.7.in": 2 }, deadLetterTopic: "run.7.dlq" },
    ...rest,
  ].map((event) =>
    "topic" in event ? { ...event, topic: `run.7.${event.topic}` } : event,
  ) as readonly HistoryEvent[];
  const begin = history.findIndex(({ type }) => type === "begin");
  const told = tellEvents(history, [begin, 99_999]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ text: "m0 began in/0@0, attempt 1 (m0-0)", handle: "m0-0" });
  expect(told[0]!.t).toBe(history[begin]!.t - history[0]!.t);
});
