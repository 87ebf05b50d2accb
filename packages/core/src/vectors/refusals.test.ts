// What a refused input says: where it has not the form of Appendix D, and what is expected there.
import { expect, test } from "vitest";
import { answerVector, UnsupportedOperationError, VectorInputError } from "./index.ts";

const assigned = { type: "assigned", partition: 0 };
const gateAt5 = { type: "assigned", position: "5" };
const lanes = (...records: unknown[]) => ({
  ordering: "key",
  events: [assigned, { type: "fetched", partition: 0, records }],
});
const metadata = (...settled: unknown[]) => ({
  ...{ base: "100", leaderEpoch: null, maxChars: 4_000 },
  settled,
});
const record = {
  ...{ topic: "t", partition: 0, offset: "1", timestamp: "1", key: null, value: null },
  headers: [] as unknown[],
};
const move = {
  ...{ move: "dead-letter", trusted: true, group: "g", attempts: 1, writeStack: false },
  error: { kind: "timeout", class: null, code: null, message: "", stack: null },
  ...{ reason: "manual", firstFailedAt: "1", failedAt: "1", now: "1", maxBytes: 10_000 },
  ...{ cluster: null, partitionCount: null, leaderEpoch: null, record },
  target: { topic: "d", partitions: 1 },
};
const replay = {
  ...{ record, replayId: "r", now: "1", maxReplays: 3, destination: null },
  destinations: [{ topic: "t", partitions: 1, partitioner: "murmur2" }],
};
const fixed = { maxAttempts: 3, backoff: { type: "fixed", delayMs: 1 } };
const exponential = { type: "exponential", initialMs: 1, maxMs: 10 };
const decision = {
  ...{ attempt: 1, kind: "transient", firstFailedAt: "1", now: "1", random: 0 },
  ...{ previousDelayMs: null, requestedDelayMs: null },
};
const letter = { topic: "t", partition: 0, offset: "1", timestamp: "1", valueNull: true };

test.each<[op: string, message: string, input: object]>([
  ["GateTrace", "events[0].type: expected one of assigned, fetched", { events: [{ type: "x" }] }],
  [
    "GateTrace",
    "events[1]: Offset 4 cannot be admitted at position 5",
    { events: [gateAt5, { type: "fetched", offsets: ["4"], position: "6" }] },
  ],
  [
    "GateTrace",
    "events[1].offsets[1]: expected a string of decimal digits",
    { events: [gateAt5, { type: "fetched", offsets: ["5", 6], position: "7" }] },
  ],
  [
    "GateTrace",
    "events[0].epoch: expected an integer from 1",
    { events: [{ type: "settled", offset: "1", epoch: 0 }] },
  ],
  ["LaneTrace", "ordering: expected one of key, partition, none", { ordering: "x", events: [] }],
  ["LaneTrace", "events[1].records[0]: expected [offset, key]", lanes(["0"])],
  ["LaneTrace", "events[1].records[0]: expected [offset, key]", lanes(["0", null, null])],
  ["LaneTrace", "events[1].records[0]: expected [offset, key]", lanes("0n")],
  ["LaneTrace", "events[1].records[1][0]: expected a string of", lanes(["0", null], [1, null])],
  ["LaneTrace", "events[1].records[0][1]: expected bytes in lower-case", lanes(["0", "6"])],
  ["CommitMetadataEncode", 'settled[0]: expected ["from", "to"]', metadata(["101"])],
  ["CommitMetadataEncode", 'settled[0]: expected ["from", "to"]', metadata("ab")],
  ["CommitMetadataEncode", "settled[1][0]: expected a string", metadata(["101", "102"], [7, "8"])],
  ["CommitMetadataEncode", "settled[0][1]: expected a string of", metadata(["101", 102])],
  [
    "CommitMetadataEncode",
    "settled: commit metadata: [100, 102) does not lie above 100",
    metadata(["100", "102"]),
  ],
  ["CommitMetadataDecode", "metadata: expected text", { committedOffset: "1", metadata: 1 }],
  [
    "DeadLetterRead",
    "springNames.a: expected a name and the name in use",
    { ...letter, headers: [], springNames: { a: "" } },
  ],
  [
    "DeadLetterRead",
    "springNames: expected an object, got null",
    { ...letter, headers: [], springNames: null },
  ],
  [
    "Move",
    "record: t-0@1 was moved with another wire version",
    { ...move, record: { ...record, headers: [["736c756963652d73706563", "32"]] } },
  ],
  ["Move", "record.key: expected bytes", { ...move, record: { ...record, key: 1 } }],
  ["Move", "error.kind: expected text", { ...move, error: { ...move.error, kind: null } }],
  ["Move", "target.topic: expected the name", { ...move, target: { topic: "", partitions: 1 } }],
  ["Move", "move: expected one of retry, dead-letter", { ...move, move: "skip" }],
  ["Move", "retryAt: expected a string", { ...move, move: "retry" }],
  ["ReplayPlan", "replayId: expected a replay id", { ...replay, replayId: "a b" }],
  ["ReplayPlan", "destination: expected the name of", { ...replay, destination: "" }],
  [
    "ReplayPlan",
    "destinations[0].partitioner: expected one of",
    { ...replay, destinations: [{ topic: "t", partitions: 1, partitioner: "x" }] },
  ],
  [
    "RetryDecision",
    "policy: it is refused: ",
    { ...decision, policy: { ...fixed, backoff: { ...exponential, maxMs: 0 } } },
  ],
  [
    "RetryPolicyCheck",
    "policy.backoff.factor.denominator: expected an integer from 1 to 1000",
    { policy: { ...fixed, backoff: { ...exponential, factor: { numerator: 1, denominator: 0 } } } },
  ],
  [
    "RetryPolicyCheck",
    "policy.backoff.jitter: expected one of",
    { policy: { ...fixed, backoff: { ...exponential, jitter: "x" } } },
  ],
  ["RetryPolicyCheck", "policy.maxElapsedMs: ", { policy: { ...fixed, maxElapsedMs: null } }],
  ["RetryPolicyCheck", "policy.backoff: expected an object", { policy: { maxAttempts: 1 } }],
  [
    "BackoffDelay",
    "random: expected an integer from 0 to 4294967295",
    {
      ...{ policy: fixed, attempt: 1, previousDelayMs: null, random: -1 },
    },
  ],
  ["BoundText", "text: expected well-formed UTF-8 in hexadecimal", { text: "ff", maxBytes: 3 }],
  ["BoundText", "maxBytes: expected an integer from 3", { text: "", maxBytes: 2 }],
  ["Partition", "counts: expected a list", { partitioner: "crc32", key: "", counts: 1 }],
])("%s: %s", (op, message, input) => {
  const answer = () => answerVector(op, input);
  expect(answer).toThrow(VectorInputError);
  expect(answer).toThrow(
    expect.objectContaining({
      name: "VectorInputError",
      code: "input",
      message: expect.stringMatching(`^${escaped(message)}`),
    }),
  );
});

test("an input that is fit is answered", () => {
  expect(answerVector("Move", move)).toHaveProperty("record");
  expect(answerVector("ReplayPlan", replay)).toEqual({ refused: "no-origin" });
  expect(answerVector("RetryDecision", { ...decision, policy: fixed })).toEqual({ retryInMs: 1 });
  expect(answerVector("LaneTrace", lanes(["0", "61"]))).toEqual({ steps: [[], [[0, "0", 1]]] });
});

test("what there is no operation for is unsupported, and says so by its code", () => {
  const error = new UnsupportedOperationError("X", ["A", "B"]);
  expect(error).toMatchObject({
    name: "UnsupportedOperationError",
    code: "unsupported",
    message: 'there is no operation "X"; known: A, B',
  });
  expect(new VectorInputError("", "expected x").message).toBe("the input: expected x");
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
