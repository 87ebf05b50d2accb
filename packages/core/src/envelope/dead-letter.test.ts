import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { DeadLetterCause } from "../engine/outcome.ts";
import type { Header, KafkaRecord } from "../port/record.ts";
import { deadLetterRecord } from "./dead-letter.ts";
import type { DeadLetterInput } from "./dead-letter.ts";
import { readDeadLetter } from "./read-dead-letter.ts";

const header = (name: string, value: string): Header => [name, Buffer.from(value)];
const foreign: readonly Header[] = [
  ["count", new Uint8Array([0, 0, 0, 255])],
  ["tag", null],
  header("tag", ""),
  header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
  header("tag", "x"),
  header("sluice-message-id", "m-1"),
  header("sluice-future", "kept"),
];
const record: KafkaRecord = {
  topic: "payments",
  partition: 7,
  offset: 9_007_199_254_740_991,
  timestamp: 1_700_000_000_000,
  key: new Uint8Array([0xff, 0x00]),
  value: null,
  headers: foreign,
};
const cause: DeadLetterCause = {
  reason: "retries-exhausted",
  error: { kind: "timeout", class: "TimeoutError", code: "E42", message: "no answer" },
  attempts: 5,
  firstFailedAt: 1_700_000_001_000,
  failedAt: 1_700_000_004_000,
};
const input: DeadLetterInput = {
  record,
  group: "payments-group",
  cause,
  target: { topic: "payments.dlq", partition: 1 },
  now: 1_700_000_005_000,
};

function text(headers: readonly Header[], name: string): (string | null)[] {
  return headers
    .filter(([each]) => each === name)
    .map(([, value]) => (value === null ? null : Buffer.from(value).toString()));
}

function withError(error: Partial<DeadLetterCause["error"]>): readonly Header[] {
  const changed = { ...cause, error: { ...cause.error, ...error } };
  return deadLetterRecord({ ...input, cause: changed }).headers;
}

describe("deadLetterRecord", () => {
  const letter = deadLetterRecord(input);

  it("goes to its target with the time of writing (SLC-DLQ-005)", () => {
    expect(letter).toMatchObject({
      topic: "payments.dlq",
      partition: 1,
      timestamp: 1_700_000_005_000,
    });
  });

  it("keeps key, value and foreign headers, in order and with repeats (SLC-DLQ-001, SLC-ENV-004)", () => {
    expect(letter.key).toBe(record.key);
    expect(letter.value).toBeNull();
    expect(letter.headers.slice(0, foreign.length)).toEqual(foreign);
  });

  // And no stack: SLC-SEC-004.
  it("tells origin, failure and attempts (SLC-ENV-014, SLC-DLQ-004, SLC-DLQ-006)", () => {
    const own = letter.headers
      .slice(foreign.length)
      .map(([name, value]) => `${name}: ${Buffer.from(value ?? "").toString()}`);
    expect(own).toEqual([
      "sluice-origin-topic: payments",
      "sluice-origin-partition: 7",
      "sluice-origin-offset: 9007199254740991",
      "sluice-origin-timestamp: 1700000000000",
      "sluice-spec: 1",
      "sluice-group: payments-group",
      "sluice-retry-count: 4",
      "sluice-first-failed-at: 1700000001000",
      "sluice-failed-at: 1700000004000",
      "sluice-dlq-reason: retries-exhausted",
      "sluice-error-kind: timeout",
      "sluice-error-class: TimeoutError",
      "sluice-error-code: E42",
      "sluice-error-message: no answer",
      "sluice-hops: 1",
    ]);
  });

  it("does not change the record it was given", () => {
    expect(record.headers).toBe(foreign);
    expect(foreign).toHaveLength(7);
  });

  it("leaves out a code and a class that are not there, and keeps an empty message", () => {
    const headers = withError({ class: "", code: "", message: "" });
    expect(text(headers, "sluice-error-class")).toEqual([]);
    expect(text(headers, "sluice-error-code")).toEqual([]);
    expect(text(headers, "sluice-error-message")).toEqual([""]);
  });

  it("bounds error text at whole code points (SLC-ENV-010)", () => {
    const headers = withError({ message: "🚀".repeat(500), class: "C".repeat(300) });
    expect(text(headers, "sluice-error-message")).toEqual([`${"🚀".repeat(255)}…`]);
    expect(text(headers, "sluice-error-class")).toEqual([`${"C".repeat(253)}…`]);
  });

  it("takes control characters and line separators out of error text (SLC-SEC-002)", () => {
    const headers = withError({ message: "a\r\nb\u0000c\u009fd\u2028e\u2029f\u007fg" });
    expect(text(headers, "sluice-error-message")).toEqual(["a  b c d e f g"]);
  });

  it("writes 0 for a record without a timestamp", () => {
    const { headers } = deadLetterRecord({ ...input, record: { ...record, timestamp: -1 } });
    expect(text(headers, "sluice-origin-timestamp")).toEqual(["0"]);
  });
});

describe("sluice headers on the record that failed", () => {
  const claimed: readonly Header[] = [
    header("sluice-origin-topic", "elsewhere"),
    header("sluice-origin-partition", "0"),
    header("sluice-origin-offset", "1"),
    header("sluice-origin-timestamp", "2"),
    header("sluice-origin-cluster", "c9"),
    header("sluice-replay-count", "2"),
    header("sluice-first-failed-at", "3"),
    header("sluice-retry-count", "9"),
    header("sluice-retry-count", "9"),
    header("sluice-retry-at", "99999999999999"),
    header("sluice-history", "[]"),
    header("sluice-hops", "5"),
    header("sluice-truncated", "value"),
    header("sluice-dlq-reason", "manual"),
    header("sluice-error-stack", "at x"),
  ];
  const failed = { ...record, headers: [...claimed, header("a", "1")] };
  const once = (headers: readonly Header[]): boolean =>
    new Set(headers.map(([name]) => name)).size === headers.length;

  it("on a source topic are a producer's claim and all replaced or dropped (SLC-SEC-001)", () => {
    const { headers } = deadLetterRecord({ ...input, record: failed });
    expect(once(headers)).toBe(true);
    expect(readDeadLetter(headers)).toMatchObject({
      origin: { topic: "payments", partition: 7, offset: record.offset },
      firstFailedAt: cause.firstFailedAt,
      attempts: 5,
      hops: 1,
      truncated: [],
    });
    const gone = ["origin-cluster", "replay-count", "retry-at", "history", "error-stack"];
    expect(gone.flatMap((name) => text(headers, `sluice-${name}`))).toEqual([]);
  });

  it("on a topic of Sluice's own keep the origin and the first failure (SLC-ENV-008, SLC-DLQ-007)", () => {
    const { headers } = deadLetterRecord({ ...input, record: failed, trusted: true });
    expect(once(headers)).toBe(true);
    expect(readDeadLetter(headers)).toMatchObject({
      origin: { topic: "elsewhere", partition: 0, offset: 1, timestamp: 2 },
      firstFailedAt: 3,
      failedAt: cause.failedAt,
      attempts: 5,
      hops: 6,
      truncated: ["value"],
      reason: "retries-exhausted",
    });
    expect(text(headers, "sluice-origin-cluster")).toEqual(["c9"]);
    expect(text(headers, "sluice-replay-count")).toEqual(["2"]);
  });

  it.each(["topic", "partition", "offset", "timestamp"])(
    "an origin without its %s is none: all four are written anew (SLC-ENV-013, SLC-ENV-014)",
    (part) => {
      const headers = failed.headers.filter(([name]) => name !== `sluice-origin-${part}`);
      const letter = deadLetterRecord({ ...input, record: { ...failed, headers }, trusted: true });
      expect(once(letter.headers)).toBe(true);
      expect(readDeadLetter(letter.headers)?.origin).toMatchObject({ topic: "payments" });
      expect(text(letter.headers, "sluice-origin-cluster")).toEqual([]);
    },
  );

  it.each(["x", "-1", "007", "99999999999999999999"])(
    "hops of %j count as the limit (SLC-ENV-007)",
    (hops) => {
      const headers = [...failed.headers, header("sluice-hops", hops)];
      const letter = deadLetterRecord({ ...input, record: { ...failed, headers }, trusted: true });
      expect(readDeadLetter(letter.headers)?.hops).toBe(64);
    },
  );
});

describe("readDeadLetter", () => {
  const { headers } = deadLetterRecord(input);

  it("reads what was written", () => {
    expect(readDeadLetter(headers)).toEqual({
      wireVersion: "1",
      origin: {
        topic: "payments",
        partition: 7,
        offset: record.offset,
        timestamp: record.timestamp,
      },
      group: "payments-group",
      attempts: 5,
      firstFailedAt: cause.firstFailedAt,
      failedAt: cause.failedAt,
      reason: "retries-exhausted",
      error: { kind: "timeout", class: "TimeoutError", code: "E42", message: "no answer" },
      hops: 1,
      truncated: [],
      malformed: [],
    });
  });

  it("fits the schema of a dead letter in JSON", () => {
    const path = "../../../spec/schemas/v1/dead-letter-record.schema.json";
    const schema = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as object;
    const ajv = new Ajv2020({ strict: true }).addSchema(schema);
    const validate = ajv.compile({
      $ref: "urn:sluice:schema:v1:dead-letter-record#/$defs/deadLetter",
    });
    const int64 = new Set(["offset", "timestamp", "firstFailedAt", "failedAt"]);
    const json: unknown = JSON.parse(
      JSON.stringify(readDeadLetter(headers), (key, value: unknown) =>
        int64.has(key) ? String(value) : value,
      ),
    );
    validate(json);
    expect(validate.errors).toBeNull();
  });

  it("is null for a record that no Sluice wrote", () => {
    expect(readDeadLetter([])).toBeNull();
    expect(readDeadLetter([["sluice-spec", null]])).toBeNull();
    expect(readDeadLetter(foreign)).toBeNull();
  });

  it("takes the last of a repeated header (SLC-ENV-002)", () => {
    const read = readDeadLetter([...headers, header("sluice-retry-count", "7")]);
    expect(read?.attempts).toBe(8);
  });

  it("takes a null value for an absent one (SLC-ENV-005)", () => {
    const read = readDeadLetter([...headers, ["sluice-group", null]]);
    expect(read?.group).toBeNull();
    expect(read?.malformed).toEqual([]);
  });

  it.each(["", "03", "+3", "-3", "3 ", "3.0", "1e3", "9007199254740992", "2147483648", "٣"])(
    "%j is no retry count: absent, and named as malformed (SLC-ENV-006)",
    (value) => {
      const read = readDeadLetter([...headers, header("sluice-retry-count", value)]);
      expect(read).toMatchObject({ attempts: null, malformed: ["sluice-retry-count"] });
    },
  );

  it("takes a kind that it does not know for unknown", () => {
    expect(readDeadLetter([...headers, header("sluice-error-kind", "solar")])?.error.kind).toBe(
      "unknown",
    );
  });

  it("shows the wire version of a later writer", () => {
    expect(readDeadLetter([...headers, header("sluice-spec", "2")])?.wireVersion).toBe("2");
  });

  it.each([
    ["sluice-origin-topic", "a/b"],
    ["sluice-origin-topic", ""],
    ["sluice-origin-topic", "x".repeat(250)],
    ["sluice-origin-partition", "2147483647"],
    ["sluice-origin-offset", "-1"],
    ["sluice-origin-offset", "9007199254740993"],
    ["sluice-origin-timestamp", "now"],
  ])("an origin with %s %j is none (SLC-ENV-013)", (name, value) => {
    const read = readDeadLetter([...headers, header(name, value)]);
    expect(read?.origin).toBeNull();
    expect(read?.malformed.length).toBeGreaterThan(0);
  });

  it("takes a header of more than 8 KiB for absent (SLC-SEC-003)", () => {
    const read = readDeadLetter([...headers, header("sluice-error-message", "x".repeat(8193))]);
    expect(read?.error.message).toBeNull();
    expect(read?.malformed).toEqual(["sluice-error-message"]);
  });
});
