import { expect, test } from "vitest";
import type { Header } from "../port/record.ts";
import { readDialects } from "./read-dialects.ts";
import type { DialectReading, ForeignError, ReadDialectsOptions } from "./read-dialects.ts";

const AT = { topic: "orders.dlq", partition: 1, offset: 7, timestamp: 1_700_000_000_000 };
const OWN = { ...AT };

/** Bytes as hexadecimal, text in quotes, or null. */
type Value = Uint8Array | string | null;
const hex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function header(name: string, value: Value): Header {
  return [name, typeof value === "string" ? new TextEncoder().encode(value) : value];
}

function read(
  headers: readonly (readonly [string, Value])[],
  options: ReadDialectsOptions & { readonly value?: Uint8Array | null } = {},
) {
  const { value = Uint8Array.of(1), ...rest } = options;
  return readDialects({ ...AT, value, headers: headers.map(([n, v]) => header(n, v)) }, rest);
}

const NO_ERROR: ForeignError = {
  kind: null,
  class: null,
  code: null,
  message: null,
  stack: null,
  stage: null,
  causeClass: null,
  causeMessage: null,
};

function reading(dialect: DialectReading["dialect"], told: Partial<DialectReading>) {
  const nothing = { origin: null, hops: 1, group: null, retryCount: null, reason: null };
  return { dialect, ...nothing, error: NO_ERROR, ...told };
}

test("SLC-INT-003: without headers of any system it is plain, and its own origin", () => {
  expect(read([["id", "1"]])).toEqual({
    dialects: [reading("plain", { origin: OWN, hops: 0 })],
    origin: OWN,
    payload: "present",
    anomalies: [],
  });
  const untimed = readDialects({ ...AT, timestamp: -1, value: null, headers: [] });
  expect(untimed.origin).toEqual({ ...OWN, timestamp: null });
  expect(untimed.payload).toBe("null");
});

test("SLC-INT-007: Sluice's own", () => {
  const { dialects, origin, anomalies } = read([
    ["sluice-spec", "1"],
    ["sluice-group", "billing"],
    ["sluice-retry-count", "4"],
    ["sluice-origin-topic", "orders"],
    ["sluice-origin-partition", "3"],
    ["sluice-origin-offset", "42"],
    ["sluice-origin-timestamp", "1699999999999"],
    ["sluice-error-kind", "timeout"],
    ["sluice-error-class", "TimeoutError"],
    ["sluice-error-code", "E42"],
    ["sluice-error-message", "no answer"],
    ["sluice-error-stack", "at x"],
    ["sluice-dlq-reason", "retries-exhausted"],
    ["sluice-hops", "5"],
  ]);
  const from = { topic: "orders", partition: 3, offset: 42, timestamp: 1_699_999_999_999 };
  expect(dialects).toEqual([
    reading("sluice", {
      origin: from,
      group: "billing",
      retryCount: 4,
      reason: "retries-exhausted",
      error: {
        ...NO_ERROR,
        kind: "timeout",
        class: "TimeoutError",
        code: "E42",
        message: "no answer",
        stack: "at x",
      },
    }),
  ]);
  expect(origin).toEqual(from);
  expect(anomalies).toEqual([]);
});

test("SLC-INT-007: Sluice's own that says next to nothing, or of an unknown version", () => {
  const bare = reading("sluice", {
    hops: 0,
    retryCount: 0,
    error: { ...NO_ERROR, kind: "unknown" },
  });
  expect(read([["sluice-spec", null]]).dialects).toEqual([bare]);
  expect(read([["sluice-spec", "2"]]).dialects).toEqual([bare]);
  const incomplete = read([
    ["sluice-spec", "1"],
    ["sluice-origin-topic", null],
    ["sluice-origin-topic", "orders"],
    ["sluice-error-kind", "TIMEOUT"],
  ]);
  expect(incomplete.dialects).toEqual([{ ...bare, hops: 2 }]);
  expect(incomplete.origin).toEqual(OWN);
  expect(incomplete.anomalies).toEqual([
    "incomplete:sluice-origin",
    "malformed:sluice-error-kind",
    "repeated:sluice-origin-topic",
  ]);
});

test("SLC-INT-008: a share group counts deliveries", () => {
  const result = read(
    [
      ["__dlq.errors.topic", "earlier"],
      ["__dlq.errors.topic", "orders"],
      ["__dlq.errors.partition", "3"],
      ["__dlq.errors.offset", "42"],
      ["__dlq.errors.group", "billing"],
      ["__dlq.errors.delivery.count", "5"],
      ["__dlq.errors.message", "Offset rejected by client."],
    ],
    { value: null },
  );
  expect(result).toEqual({
    dialects: [
      reading("kip1191", {
        origin: { topic: "orders", partition: 3, offset: 42, timestamp: null },
        hops: 2,
        group: "billing",
        retryCount: 4,
        error: { ...NO_ERROR, message: "Offset rejected by client." },
      }),
    ],
    origin: { topic: "orders", partition: 3, offset: 42, timestamp: null },
    payload: "unknown",
    anomalies: [],
  });
});

test("SLC-INT-009: Connect, of which the first headers tell the origin and the last the error", () => {
  const twice = (suffix: string, first: Value, last: Value) =>
    [
      [`__connect.errors.${suffix}`, first],
      [`__connect.errors.${suffix}`, last],
    ] as const;
  const { dialects } = read([
    ...twice("topic", "orders", "orders.dlq.1"),
    ...twice("partition", "3", "9"),
    ...twice("offset", "42", "99"),
    ...twice("stage", "KEY_CONVERTER", "TASK_PUT"),
    ...twice("exception.class.name", "a.B", "c.D"),
    ...twice("exception.message", "old", null),
    ...twice("exception.stacktrace", "old", "c.D: new"),
  ]);
  expect(dialects).toEqual([
    reading("connect", {
      origin: { topic: "orders", partition: 3, offset: 42, timestamp: null },
      hops: 2,
      error: { ...NO_ERROR, stage: "TASK_PUT", class: "c.D", stack: "c.D: new" },
    }),
  ]);
});

test("SLC-INT-009: Connect is detected by the stage alone, and then tells no origin", () => {
  const result = read([
    ["__connect.errors.stage", "TASK_PUT"],
    ["__connect.errors.partition", "3"],
  ]);
  const error = { ...NO_ERROR, stage: "TASK_PUT" };
  expect(result.dialects).toEqual([reading("connect", { hops: 0, error })]);
  expect(result.origin).toEqual(OWN);
});

test("SLC-INT-010: Streams", () => {
  const { dialects } = read([
    ["__streams.errors.exception", "a.B"],
    ["__streams.errors.message", ""],
    ["__streams.errors.stacktrace", "a.B\n\tat x"],
    ["__streams.errors.topic", "orders"],
    ["__streams.errors.partition", "0"],
    ["__streams.errors.offset", "9007199254740991"],
  ]);
  expect(dialects).toEqual([
    reading("streams", {
      origin: {
        topic: "orders",
        partition: 0,
        offset: Number.MAX_SAFE_INTEGER,
        timestamp: null,
      },
      error: { ...NO_ERROR, class: "a.B", message: "", stack: "a.B\n\tat x" },
    }),
  ]);
});

test("SLC-INT-011: Spring writes integers as bytes", () => {
  const { dialects } = read([
    ["kafka_dlt-original-topic", "orders"],
    ["kafka_dlt-original-partition", hex("00000007")],
    ["kafka_dlt-original-offset", hex("0000001cbe991a14")],
    ["kafka_dlt-original-timestamp", hex("0000018bcfe56800")],
    ["kafka_dlt-original-consumer-group", "billing"],
    ["retry_topic-attempts", hex("00000004")],
    ["kafka_dlt-exception-fqcn", "a.Wrapper"],
    ["kafka_dlt-exception-cause-fqcn", "a.Cause"],
    ["kafka_dlt-exception-message", "failed"],
    ["kafka_dlt-exception-stacktrace", "a.Wrapper: failed"],
    ["springDeserializerExceptionValue", hex("aced0005")],
  ]);
  expect(dialects).toEqual([
    reading("spring", {
      origin: {
        topic: "orders",
        partition: 7,
        offset: 123_456_789_012,
        timestamp: 1_700_000_000_000,
      },
      group: "billing",
      retryCount: 3,
      error: {
        ...NO_ERROR,
        class: "a.Wrapper",
        message: "failed",
        stack: "a.Wrapper: failed",
        causeClass: "a.Cause",
      },
    }),
  ]);
});

test("SLC-INT-011: older names of Spring stand in, each for itself, where the newer does not occur", () => {
  const { dialects } = read([
    ["kafka_original-topic", "orders"],
    ["kafka_original-partition", hex("00000001")],
    ["kafka_dlt-original-partition", hex("00000002")],
    ["kafka_original-offset", hex("0000000000000001")],
    ["kafka_dlt-original-offset", null],
    ["kafka_exception-fqcn", "a.B"],
    ["kafka_exception-message", "old"],
    ["kafka_dlt-exception-message", "new"],
    ["retry_topic-attempts", hex("01")],
  ]);
  expect(dialects).toEqual([
    reading("spring", {
      origin: { topic: "orders", partition: 2, offset: null, timestamp: null },
      retryCount: 0,
      error: { ...NO_ERROR, class: "a.B", message: "new" },
    }),
  ]);
});

test("SLC-INT-011: renamed headers of Spring count under their new name only", () => {
  const springNames = {
    "kafka_dlt-original-topic": "x-topic",
    "kafka_dlt-original-partition": "x-partition",
    "retry_topic-attempts": "x-attempts",
  };
  const headers = [
    ["x-topic", "orders"],
    ["x-partition", "7"],
    ["kafka_dlt-original-partition", hex("00000007")],
    ["kafka_original-partition", hex("00000007")],
    ["x-attempts", hex("00000002")],
    ["kafka_dlt-original-offset", hex("000000000000002a")],
  ] as const;
  const { dialects, anomalies } = read(headers, { springNames });
  expect(dialects).toEqual([
    reading("spring", {
      origin: { topic: "orders", partition: null, offset: 42, timestamp: null },
      retryCount: 1,
    }),
  ]);
  expect(anomalies).toEqual(["malformed:x-partition"]);
  expect(read(headers).dialects.map(({ dialect }) => dialect)).toEqual(["plain"]);
  const default_ = [["kafka_original-topic", "orders"]] as const;
  expect(read(default_, { springNames }).dialects[0]!.dialect).toBe("plain");
});

test("SLC-INT-012: Spring Cloud Stream, in bytes and in text", () => {
  const bytes = read([
    ["x-original-topic", "orders"],
    ["x-original-partition", hex("00000003")],
    ["x-original-offset", hex("000000000000002a")],
    ["x-original-timestamp", hex("0000018bcfe56800")],
    ["x-exception-fqcn", "a.B"],
    ["x-exception-message", "failed"],
    ["x-exception-stacktrace", "at x"],
  ]);
  const origin = { topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000 };
  const error = { ...NO_ERROR, class: "a.B", message: "failed", stack: "at x" };
  expect(bytes.dialects).toEqual([reading("scs", { origin, error })]);
  const text = read([
    ["x-original-topic", "orders"],
    ["x-original-partition", "3"],
    ["x-original-offset", "42"],
    ["x-original-timestamp", "1700000000000"],
  ]);
  expect(text.dialects).toEqual([reading("scs", { origin })]);
  // Four bytes are never text, whatever they look like.
  const four = read([
    ["x-original-topic", "orders"],
    ["x-original-partition", "1234"],
    ["x-original-offset", "12345678"],
  ]);
  expect(four.dialects[0]!.origin).toMatchObject({ partition: 825_373_492 });
  expect(four.anomalies).toEqual(["malformed:x-original-offset"]);
});

test("SLC-INT-013: SmallRye adds before what it copies", () => {
  const { dialects } = read([
    ["dead-letter-exception-class-name", "a.New"],
    ["dead-letter-reason", "new"],
    ["dead-letter-cause-class-name", "a.Cause"],
    ["dead-letter-cause", "why"],
    ["dead-letter-topic", "orders.dlq.1"],
    ["dead-letter-partition", "9"],
    ["dead-letter-offset", "99"],
    ["dead-letter-exception-class-name", "a.Old"],
    ["dead-letter-topic", "orders"],
    ["dead-letter-partition", "3"],
    ["dead-letter-offset", "42"],
    ["delayed-retry-topic", "elsewhere"],
    ["delayed-retry-count", "2"],
  ]);
  expect(dialects).toEqual([
    reading("smallrye", {
      origin: { topic: "orders", partition: 3, offset: 42, timestamp: null },
      hops: 2,
      retryCount: 2,
      error: {
        ...NO_ERROR,
        class: "a.New",
        message: "new",
        causeClass: "a.Cause",
        causeMessage: "why",
      },
    }),
  ]);
});

test("SLC-INT-013: a dead letter of SmallRye's delayed retry has headers of other names", () => {
  const { dialects, anomalies } = read([
    ["delayed-retry-exception-class-name", "a.New"],
    ["delayed-retry-reason", "new"],
    ["delayed-retry-topic", "orders_retry_10000"],
    ["delayed-retry-partition", "9"],
    ["delayed-retry-offset", "99"],
    ["delayed-retry-topic", "orders"],
    ["delayed-retry-partition", "3"],
    ["delayed-retry-offset", "-1"],
    ["delayed-retry-count", "0"],
    ["dead-letter-cause", "not looked at"],
  ]);
  expect(dialects).toEqual([
    reading("smallrye", {
      origin: { topic: "orders", partition: 3, offset: null, timestamp: null },
      hops: 2,
      retryCount: 0,
      error: { ...NO_ERROR, class: "a.New", message: "new" },
    }),
  ]);
  expect(anomalies).toEqual(["malformed:delayed-retry-offset"]);
});

test("SLC-INT-014: Karafka is detected by two headers together", () => {
  const headers = [
    ["source_topic", "orders"],
    ["source_partition", "3"],
    ["source_offset", "42"],
    ["source_consumer_group", "billing"],
    ["source_attempts", "1"],
  ] as const;
  expect(read(headers).dialects).toEqual([
    reading("karafka", {
      origin: { topic: "orders", partition: 3, offset: 42, timestamp: null },
      group: "billing",
      retryCount: 0,
    }),
  ]);
  const earlier = headers.map(([name]) => [name, "7"] as const);
  expect(read([...earlier, ...headers]).dialects).toEqual(
    read(headers).dialects.map((told) => ({ ...told, hops: 2 })),
  );
  for (const missing of ["source_topic", "source_offset"]) {
    const rest = headers.filter(([name]) => name !== missing);
    expect(read(rest).dialects[0]!.dialect, missing).toBe("plain");
  }
});

test("SLC-INT-001: the same four bytes are read by the dialect alone", () => {
  const digits = hex("31323334");
  const { dialects } = read([
    ["kafka_dlt-original-topic", "a"],
    ["kafka_dlt-original-partition", digits],
    ["__connect.errors.topic", "a"],
    ["__connect.errors.partition", digits],
  ]);
  expect(dialects.map(({ dialect, origin }) => [dialect, origin?.partition])).toEqual([
    ["connect", 1234],
    ["spring", 825_373_492],
  ]);
});

test("SLC-INT-002, -004: all dialects in order, and the first whole origin", () => {
  const { dialects, origin } = read([
    ["source_topic", "k"],
    ["source_offset", "1"],
    ["dead-letter-topic", "s"],
    ["dead-letter-partition", "1"],
    ["dead-letter-offset", "2"],
    ["x-original-topic", "x"],
    ["x-original-partition", "1"],
    ["x-original-offset", "3"],
    ["kafka_dlt-original-topic", hex("ff")],
    ["__streams.errors.topic", "t"],
    ["__connect.errors.topic", ""],
    ["__dlq.errors.topic", null],
    ["sluice-spec", "1"],
  ]);
  expect(dialects.map(({ dialect, origin: told }) => [dialect, told?.topic ?? null])).toEqual([
    ["sluice", null],
    ["kip1191", null],
    ["connect", null],
    ["streams", "t"],
    ["spring", null],
    ["scs", "x"],
    ["smallrye", "s"],
    ["karafka", "k"],
  ]);
  expect(origin).toEqual({ topic: "x", partition: 1, offset: 3, timestamp: null });
});

test("SLC-INT-004: an origin without partition or offset is not whole", () => {
  for (const missing of ["partition", "offset"]) {
    const told = { topic: "orders", partition: "3", offset: "42" };
    const headers = Object.entries(told)
      .filter(([name]) => name !== missing)
      .map(([name, text]) => [`__streams.errors.${name}`, text] as const);
    expect(read(headers).origin, missing).toEqual(OWN);
  }
});

const TOPIC = ["kafka_dlt-original-topic", "orders"] as const;

test.each<[name: string, value: Uint8Array]>([
  ["kafka_dlt-original-partition", hex("000007")],
  ["kafka_dlt-original-partition", hex("0000000007")],
  ["kafka_dlt-original-partition", hex("ffffffff")],
  ["kafka_dlt-original-partition", hex("7fffffff")],
  ["kafka_dlt-original-offset", hex("0000002a")],
  ["kafka_dlt-original-offset", hex("ffffffffffffffff")],
  ["kafka_dlt-original-offset", hex("0020000000000000")],
  ["kafka_dlt-original-offset", hex("7fffffffffffffff")],
  ["kafka_dlt-original-timestamp", hex("8000000000000000")],
  ["retry_topic-attempts", hex("00")],
  ["retry_topic-attempts", hex("00000000")],
  ["retry_topic-attempts", hex("80000000")],
  ["retry_topic-attempts", hex("0001")],
  ["retry_topic-attempts", hex("")],
  ["kafka_dlt-exception-fqcn", hex("")],
  ["kafka_dlt-exception-fqcn", hex("c328")],
  ["kafka_dlt-exception-message", hex("c0af")],
])("SLC-INT-005: malformed in Spring's dialect: %s %o", (name, value) => {
  const { dialects, anomalies } = read([TOPIC, [name, value]]);
  expect(dialects).toEqual([
    reading("spring", {
      origin: { topic: "orders", partition: null, offset: null, timestamp: null },
    }),
  ]);
  expect(anomalies).toEqual([`malformed:${name}`]);
});

test.each<[name: string, value: Uint8Array, retries: number]>([
  ["four bytes", hex("7fffffff"), 2_147_483_646],
  ["one byte is unsigned, as Spring reads it", hex("80"), 127],
])("SLC-INT-011: attempts: %s", (_, value, retries) => {
  expect(read([TOPIC, ["retry_topic-attempts", value]]).dialects[0]!.retryCount).toBe(retries);
});

test.each([
  ["partition", "2147483647"],
  ["partition", "-1"],
  ["partition", "03"],
  ["partition", ""],
  ["offset", "9007199254740992"],
  ["offset", "99999999999999999999"],
  ["offset", "+1"],
  ["offset", " 1"],
  ["delivery.count", "0"],
  ["delivery.count", "2147483648"],
  ["group", ""],
])("SLC-INT-005: malformed in the dialect of share groups: %s %j", (suffix, value) => {
  const name = `__dlq.errors.${suffix}`;
  const { dialects, anomalies } = read([
    ["__dlq.errors.topic", "orders"],
    [name, value],
  ]);
  expect(dialects[0]).toEqual(
    reading("kip1191", {
      origin: { topic: "orders", partition: null, offset: null, timestamp: null },
    }),
  );
  expect(anomalies).toEqual([`malformed:${name}`]);
});

test("SLC-INT-005: only the occurrence that counts is looked at, and a null one is no anomaly", () => {
  const { dialects, anomalies } = read([
    ["__connect.errors.topic", "orders"],
    ["__connect.errors.topic", hex("ff")],
    ["__connect.errors.partition", null],
    ["__connect.errors.partition", "x"],
    ["__connect.errors.stage", hex("ff")],
    ["__connect.errors.stage", null],
  ]);
  expect(dialects[0]).toMatchObject({ origin: { topic: "orders", partition: null } });
  expect(anomalies).toEqual([]);
});

test("a stack trace of other systems may be longer than Sluice's headers", () => {
  const stack = "x".repeat(100_000);
  const { dialects } = read([
    ["__connect.errors.topic", "orders"],
    ["__connect.errors.exception.stacktrace", stack],
  ]);
  expect(dialects[0]!.error.stack).toBe(stack);
});

test("what a null value means depends on who wrote the record", () => {
  const sluice = (truncated: string) =>
    [
      ["sluice-spec", "1"],
      ["sluice-truncated", truncated],
    ] as const;
  const shared = ["__dlq.errors.topic", "orders"] as const;
  expect(read(sluice("stack,value"), { value: null }).payload).toBe("dropped");
  expect(read([...sluice("value"), shared], { value: null }).payload).toBe("dropped");
  expect(read([...sluice("stack"), shared], { value: null }).payload).toBe("unknown");
  expect(read(sluice("stack"), { value: null }).payload).toBe("null");
  expect(read(sluice("value,"), { value: null }).payload).toBe("null");
  expect(read(sluice("value"), { value: new Uint8Array(0) }).payload).toBe("present");
  // Nobody but Sluice is believed to have dropped it.
  expect(read([["sluice-truncated", "value"]], { value: null }).payload).toBe("null");
});

test("anomalies are told once each, in the order of their bytes", () => {
  const { anomalies } = read(
    [
      ["sluice-spec", "1"],
      ["sluice-hops", "x"],
      ["\u{1f600}", "orders"],
      ["\uffee", hex("00")],
      ["x-original-topic", hex("ff")],
      ["__connect.errors.topic", hex("ff")],
    ],
    {
      springNames: {
        "kafka_dlt-original-topic": "\u{1f600}",
        "kafka_dlt-original-partition": "\u{1f600}",
        "kafka_dlt-original-offset": "\u{1f600}",
        "kafka_dlt-original-timestamp": "\uffee",
      },
    },
  );
  // By UTF-16, the surrogates of U+1F600 would come before U+FFEE.
  expect(anomalies).toEqual([
    "malformed:__connect.errors.topic",
    "malformed:sluice-hops",
    "malformed:x-original-topic",
    "malformed:\uffee",
    "malformed:\u{1f600}",
  ]);
});
