import { HEADER } from "@sluice/spec";
import { describe, expect, it } from "vitest";
import type { Header, KafkaRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import { moveRecord } from "./move.ts";
import type { DeadLetterMove, MoveError, RetryMove } from "./move.ts";

const header = (name: string, value: string | null): Header => [
  name,
  value === null ? null : Buffer.from(value),
];
const record: KafkaRecord = {
  topic: "orders",
  partition: 3,
  offset: 42,
  timestamp: 1_700_000_000_000,
  key: Buffer.from("k1"),
  value: null,
  headers: [header("ce_id", "7")],
};
const letter: DeadLetterMove = {
  move: "dead-letter",
  record,
  trusted: false,
  group: "billing",
  attempts: 5,
  error: {
    kind: "timeout",
    class: "TimeoutError",
    code: null,
    message: "no answer",
    stack: "TimeoutError: no answer\n    at pay (pay.ts:3)",
  },
  reason: "retries-exhausted",
  firstFailedAt: 1_700_000_000_100,
  failedAt: 1_700_000_009_000,
  now: 1_700_000_009_001,
  cluster: null,
  partitionCount: null,
  leaderEpoch: null,
  target: { topic: "orders.dlq", partitions: 2 },
  maxBytes: 1_000_000,
};
const { reason: _, ...failed } = letter;
const retry: RetryMove = {
  ...failed,
  move: "retry",
  retryAt: 1_700_000_010_000,
  retryPolicy: null,
  target: { topic: "orders.retry", partitions: 4 },
};

type Shown = [name: string, value: string | null];
const shown = (headers: readonly Header[]): Shown[] =>
  headers.map(([name, value]) => [name, value && Buffer.from(value).toString()]);
const moved = (move: DeadLetterMove | RetryMove): Shown[] => {
  const { record: written, refused } = moveRecord(move);
  expect(refused).toBeNull();
  return shown(written!.headers);
};
const of = (headers: readonly Shown[], name: string): (string | null)[] =>
  headers.filter(([each]) => each === name).map(([, value]) => value);
const from = (headers: readonly Header[], trusted = true): DeadLetterMove => ({
  ...letter,
  record: { ...record, headers },
  trusted,
});
const withError = (error: Partial<MoveError>): DeadLetterMove => ({
  ...letter,
  error: { ...letter.error, ...error },
});

it("the example of the text, 5.5, header by header (SLC-DLQ-010)", () => {
  expect(moveRecord(letter)).toEqual({
    refused: null,
    record: {
      topic: "orders.dlq",
      partition: 1,
      timestamp: 1_700_000_009_001,
      key: Buffer.from("k1"),
      value: null,
      headers: [
        ["ce_id", Buffer.from("7")],
        ["sluice-spec", bytes("1")],
        ["sluice-group", Uint8Array.of(0x62, 0x69, 0x6c, 0x6c, 0x69, 0x6e, 0x67)],
        ["sluice-retry-count", bytes("4")],
        ["sluice-origin-topic", bytes("orders")],
        ["sluice-origin-partition", bytes("3")],
        ["sluice-origin-offset", bytes("42")],
        ["sluice-origin-timestamp", bytes("1700000000000")],
        ["sluice-first-failed-at", bytes("1700000000100")],
        ["sluice-failed-at", bytes("1700000009000")],
        ["sluice-error-kind", bytes("timeout")],
        ["sluice-error-class", bytes("TimeoutError")],
        ["sluice-error-message", bytes("no answer")],
        ["sluice-history", bytes('[{"n":5,"at":"1700000009000","k":"timeout"}]')],
        ["sluice-dlq-reason", bytes("retries-exhausted")],
        ["sluice-hops", bytes("1")],
      ],
    },
  });
});

it("a retry tells when it is due and the attempts that were made (SLC-RTY-020, SLC-RTY-021)", () => {
  const headers = moved({ ...retry, retryPolicy: "patient" });
  expect(of(headers, "sluice-retry-count")).toEqual(["5"]);
  expect(headers.slice(3, 6)).toEqual([
    ["sluice-retry-count", "5"],
    ["sluice-retry-at", "1700000010000"],
    ["sluice-retry-policy", "patient"],
  ]);
  expect(of(headers, "sluice-dlq-reason")).toEqual([]);
  expect(of(moved(retry), "sluice-retry-policy")).toEqual([]);
  expect(moveRecord(retry).record).toMatchObject({ topic: "orders.retry", partition: 3 });
});

it("what is known of the source goes with the origin (SLC-ENV-014)", () => {
  const headers = moved({ ...letter, cluster: "c1", partitionCount: 6, leaderEpoch: 0 });
  expect(headers.slice(7, 11)).toEqual([
    ["sluice-origin-timestamp", "1700000000000"],
    ["sluice-origin-cluster", "c1"],
    ["sluice-origin-partition-count", "6"],
    ["sluice-origin-leader-epoch", "0"],
  ]);
});

it("a cluster whose id is too long is not told", () => {
  const told = (bytes: number) =>
    of(moved({ ...letter, cluster: "c".repeat(bytes) }), "sluice-origin-cluster");
  expect(told(256)).toEqual(["c".repeat(256)]);
  expect(told(257)).toEqual([]);
});

it("a record without a timestamp has the origin timestamp 0", () => {
  const headers = moved({ ...letter, record: { ...record, timestamp: -1 } });
  expect(of(headers, "sluice-origin-timestamp")).toEqual(["0"]);
});

describe("headers of the record", () => {
  const foreign = [
    header("a", "1"),
    header("b", null),
    header("a", ""),
    header("sluice-message-id", "m 1"),
    header("sluice-future", "kept"),
    header("traceparent", "x"),
    header("X-Trace-ID", "y"),
  ];
  const claimed = [
    header("sluice-origin-topic", "elsewhere"),
    header("sluice-origin-partition", "9"),
    header("sluice-origin-offset", "1"),
    header("sluice-origin-timestamp", "2"),
    header("sluice-origin-later", "x"),
    header("sluice-replay-count", "2"),
    header("sluice-replayer", "x"),
    header("sluice-first-failed-at", "3"),
    header("sluice-retry-count", "9"),
    header("sluice-retry-count", "9"),
    header("sluice-retry-at", "99999999999999"),
    header("sluice-history", '[{"n":1,"at":"2","k":"poison","c":"X"}]'),
    header("sluice-truncated", "value"),
    header("sluice-error-stack", "at x"),
    header("sluice-hops", "5"),
  ];
  const both = [...claimed.slice(0, 7), ...foreign, ...claimed.slice(7)];

  it("that are not Sluice's stay where they are (SLC-DLQ-001, SLC-ENV-004, SLC-ENV-016)", () => {
    for (const move of [from(both, true), from(both, false)]) {
      const names = new Set(foreign.map(([name]) => name));
      expect(moved(move).filter(([name]) => names.has(name))).toEqual(shown(foreign));
    }
  });

  it("that a source topic claims for movers are gone (SLC-SEC-001)", () => {
    expect(moved(from(both, false))).toEqual(moved(from(foreign, false)));
  });

  it("of a trusted topic keep origin, first failure and replays in their places (SLC-ENV-008, SLC-DLQ-011)", () => {
    const headers = moved(from(both));
    expect(headers.slice(0, 7)).toEqual(shown(claimed.slice(0, 7)));
    expect(headers.slice(14, 16)).toEqual([
      ["sluice-first-failed-at", "3"],
      ["sluice-truncated", "value"],
    ]);
    expect(of(headers, "sluice-origin-topic")).toEqual(["elsewhere"]);
    expect(of(headers, "sluice-retry-count")).toEqual(["4"]);
    expect(of(headers, "sluice-retry-at")).toEqual([]);
    expect(of(headers, "sluice-error-stack")).toEqual([]);
    expect(of(headers, "sluice-hops")).toEqual(["6"]);
    expect(moveRecord(from(both)).record?.partition).toBe(1);
  });

  it.each(["topic", "partition", "offset", "timestamp"])(
    "an origin without its %s is none and is written anew (SLC-ENV-013)",
    (part) => {
      const headers = moved(from(both.filter(([name]) => name !== `sluice-origin-${part}`)));
      expect(of(headers, "sluice-origin-topic")).toEqual(["orders"]);
      expect(of(headers, "sluice-origin-later")).toEqual([]);
    },
  );

  it("a malformed first failure is replaced (SLC-DLQ-011)", () => {
    const headers = moved(from([header("sluice-first-failed-at", "soon")]));
    expect(of(headers, "sluice-first-failed-at")).toEqual(["1700000000100"]);
  });

  it.each<[string | null, string]>([
    [null, "1"],
    ["0", "1"],
    ["62", "63"],
    ["63", "64"],
    ["64", "64"],
    ["65", "64"],
    ["x", "64"],
  ])("hops of %j become %s (SLC-DLQ-007, SLC-ENV-007)", (before, after) => {
    expect(of(moved(from([header("sluice-hops", before)])), "sluice-hops")).toEqual([after]);
  });
});

it.each(["2", "01", ""])("a record of wire version %j is not moved (SLC-ENV-022)", (version) => {
  const headers = [header("sluice-spec", version)];
  expect(() => moveRecord(from(headers))).toThrow(
    "orders-3@42 was moved with another wire version",
  );
  expect(moveRecord(from(headers, false)).refused).toBeNull();
});

describe("a retry at its last hop", () => {
  it.each(["64", "65", "x", ""])("%j is refused, before its size is looked at", (hops) => {
    const headers = [header("sluice-hops", hops)];
    const move = { ...retry, trusted: true, record: { ...record, headers }, maxBytes: 0 };
    expect(moveRecord(move)).toEqual({ record: null, refused: "hop-limit" });
    expect(moveRecord({ ...move, trusted: false }).refused).toBe("too-large");
  });

  it("63 is moved once more, and 64 as a dead letter (SLC-RTY-024)", () => {
    const at = (hops: string) => ({ ...record, headers: [header("sluice-hops", hops)] });
    expect(moveRecord({ ...retry, trusted: true, record: at("63") }).refused).toBeNull();
    expect(moveRecord({ ...letter, trusted: true, record: at("64") }).refused).toBeNull();
  });
});

describe("the error", () => {
  it("is neutral before it is cut (SLC-SEC-002, SLC-ENV-010)", () => {
    const headers = moved(
      withError({
        message: `\r\n\u0085${"🚀".repeat(300)}`,
        class: "C".repeat(300),
        code: "a\u2028b",
      }),
    );
    // 1024 bytes: three spaces, 254 rockets of four bytes and the ellipsis make 1022; one more does not fit.
    expect(of(headers, "sluice-error-message")).toEqual([`   ${"🚀".repeat(254)}…`]);
    expect(of(headers, "sluice-error-class")).toEqual([`${"C".repeat(253)}…`]);
    expect(of(headers, "sluice-error-code")).toEqual(["a b"]);
  });

  it("without class and code has none, and an empty message is one", () => {
    for (const empty of ["", null]) {
      const headers = moved(withError({ class: empty, code: empty, message: "" }));
      expect(of(headers, "sluice-error-class")).toEqual([]);
      expect(of(headers, "sluice-error-code")).toEqual([]);
      expect(of(headers, "sluice-error-message")).toEqual([""]);
    }
  });

  it("has a stack when it is asked for (SLC-SEC-004)", () => {
    expect(of(moved(letter), "sluice-error-stack")).toEqual([]);
    const empty = { ...withError({ stack: "" }), writeStack: true };
    expect(of(moved(empty), "sluice-error-stack")).toEqual([]);
    expect(of(moved({ ...letter, writeStack: true }), "sluice-error-stack")).toEqual([
      "TimeoutError: no answer     at pay (pay.ts:3)",
    ]);
  });

  it("is redacted before anything else, in every text and in the history (SLC-SEC-005)", () => {
    const headers = moved({
      ...withError({ class: "4711", code: "4711\u0000", message: "m\n4711", stack: "s 4711" }),
      writeStack: true,
      redact: (text, part) => text.replaceAll("4711", part === "stack" ? "(\n)" : "\u0007"),
    });
    expect(JSON.stringify(headers)).not.toContain("4711");
    expect(of(headers, "sluice-error-class")).toEqual([" "]);
    expect(of(headers, "sluice-error-code")).toEqual(["  "]);
    expect(of(headers, "sluice-error-message")).toEqual(["m  "]);
    expect(of(headers, "sluice-error-stack")).toEqual(["s ( )"]);
    expect(of(headers, "sluice-history")[0]).toContain('"c":"__"}');
  });

  it("has nothing redacted that it does not have, or that is not written", () => {
    const redacted = (error: Partial<MoveError>, writeStack: boolean): string[] => {
      const parts: string[] = [];
      const redact = (text: string, part: string) => {
        parts.push(part);
        return text;
      };
      moveRecord({ ...withError(error), writeStack, redact });
      return parts;
    };
    expect(redacted({ class: null, code: null, stack: null }, true)).toEqual(["message"]);
    expect(redacted({ code: "E" }, false)).toEqual(["class", "code", "message"]);
    expect(redacted({ code: "E" }, true)).toEqual(["class", "code", "message", "stack"]);
  });

  it.each(["", "Timeout", "a b", "x".repeat(65)])(
    "a kind of %j is unknown and a reason of that kind is manual",
    (wrong) => {
      const headers = moved({ ...withError({ kind: wrong }), reason: wrong });
      expect(of(headers, "sluice-error-kind")).toEqual(["unknown"]);
      expect(of(headers, "sluice-history")[0]).toContain('"k":"unknown"');
      expect(of(headers, "sluice-dlq-reason")).toEqual(["manual"]);
    },
  );

  it("a kind and a reason of a later version are written as they are", () => {
    const headers = moved({ ...withError({ kind: "solar" }), reason: "boredom" });
    expect(of(headers, "sluice-error-kind")).toEqual(["solar"]);
    expect(of(headers, "sluice-dlq-reason")).toEqual(["boredom"]);
  });
});

describe("the history", () => {
  const entry = (n: number): string => `{"n":${n},"at":"7","k":"timeout"}`;
  const after = (before: string, error: Partial<MoveError> = {}): string | null | undefined =>
    of(
      moved({ ...from([header("sluice-history", before)]), error: { ...letter.error, ...error } }),
      "sluice-history",
    )[0];
  const added = '{"n":5,"at":"1700000009000","k":"timeout"}';
  const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => entry(i));

  it("grows by one entry (SLC-DLQ-013)", () => {
    expect(after(`[${entry(1)}]`)).toBe(`[${entry(1)},${added}]`);
  });

  it.each([
    ...["", "[]", `[ ${entry(1)}]`, `[${entry(1)}`, `[${entry(1)}]x`, `[${entry(1)},]`],
    ...[`(${entry(1)}]`, `[${entry(1)};${entry(2)}]`, `[${entry(1)},${entry(2)},{"dropped":1}]`],
  ])("that is malformed begins anew: %j", (before) => {
    expect(after(before)).toBe(`[${added}]`);
  });

  it("has ten entries and then says how many are left out (SLC-DLQ-015)", () => {
    expect(after(`[${numbered(9).join(",")}]`)).toBe(`[${numbered(9).join(",")},${added}]`);
    const ten = numbered(10);
    expect(after(`[${ten.join(",")}]`)).toBe(
      `[${ten[0]},{"dropped":1},${ten.slice(2).join(",")},${added}]`,
    );
    expect(after(`[${ten[0]},{"dropped":4},${numbered(12).join(",")}]`)).toBe(
      `[${ten[0]},{"dropped":8},${numbered(12).slice(4).join(",")},${added}]`,
    );
  });

  it("keeps a mark that nothing is added to", () => {
    const before = `${entry(1)},{"dropped":0},${entry(2)}`;
    expect(after(`[${before}]`)).toBe(`[${before},${added}]`);
  });

  it("counts what is left out to 2^53 - 1 and no further (SLC-CNV-001)", () => {
    const full = `[${entry(0)},{"dropped":9007199254740991},${numbered(9).join(",")}]`;
    expect(after(full)).toContain('{"dropped":9007199254740991}');
  });

  it("has the code in printable ASCII, without quote and backslash (SLC-DLQ-014)", () => {
    const code = `é"\\🚀\u001f~ ${"x".repeat(70)}`;
    expect(after("", { code })).toContain(`"c":"_____~ ${"x".repeat(57)}"}`);
    expect(after("", { code: "" })).not.toContain('"c"');
  });
});

describe("a move that does not fit (SLC-DLQ-016)", () => {
  const large = header("large", "x".repeat(2000));
  const error: MoveError = {
    ...letter.error,
    message: "m".repeat(600),
    stack: "s".repeat(3000),
  };
  const whole: DeadLetterMove = {
    ...letter,
    error,
    writeStack: true,
    record: {
      ...record,
      value: Buffer.alloc(5000),
      headers: [
        large,
        header("small", "x".repeat(1024 - 5)),
        header("traceparent", "t".repeat(1500)),
        header("ce_data", "c".repeat(1500)),
        large,
      ],
    },
  };
  const sizeOf = (move: DeadLetterMove | RetryMove): number => size(moveRecord(move).record!);
  const atMost = (maxBytes: number): DeadLetterMove => ({ ...whole, maxBytes });
  const full = sizeOf(whole);

  it("loses nothing while it fits to the byte", () => {
    expect(sizeOf(atMost(full))).toBe(full);
    expect(of(moved(atMost(full)), "sluice-truncated")).toEqual([]);
  });

  it("loses one part after the other and lists them (SLC-DLQ-017)", () => {
    const lists: (string | null)[] = [];
    let budget = full - 1;
    for (;;) {
      const { record: written } = moveRecord(atMost(budget));
      if (written === null) break;
      expect(size(written)).toBeLessThanOrEqual(budget);
      expect(written.headers.at(-1)?.[0]).toBe("sluice-truncated");
      lists.push(...of(shown(written.headers), "sluice-truncated"));
      budget = size(written) - 1;
    }
    expect(lists).toEqual([
      "stack",
      "stack,history",
      "stack,history,message",
      // Both large headers, one by one.
      "stack,history,message,headers",
      "stack,history,message,headers",
      "stack,history,message,headers,value",
    ]);
    expect(moveRecord(atMost(budget)).refused).toBe("too-large");
  });

  it("keeps what is small, what identifies it and the end of the message", () => {
    // 3018 bytes of stack, 58 of history, 344 of message and twice 2005 of headers, less 45 for the list.
    const last = moveRecord(atMost(full - 7385)).record!;
    const headers = shown(last.headers);
    expect(headers.slice(0, 3).map(([name]) => name)).toEqual(["small", "traceparent", "ce_data"]);
    expect(of(headers, "sluice-error-message")).toEqual([`${"m".repeat(253)}…`]);
    expect(last.value).toHaveLength(5000);
  });

  it("of a retry never loses its value (SLC-DLQ-018)", () => {
    const { reason: __, ...rest } = whole;
    const move: RetryMove = { ...rest, move: "retry", retryAt: 1, retryPolicy: null };
    expect(moveRecord({ ...move, maxBytes: 5000 }).refused).toBe("too-large");
    expect(moveRecord(atMost(5000)).record?.value).toBeNull();
  });

  it("adds to what earlier moves have dropped, unknown parts last", () => {
    const earlier = header("sluice-truncated", "later,value,history");
    const headers = [earlier, ...whole.record.headers, earlier];
    const move = { ...whole, trusted: true, record: { ...whole.record, headers } };
    expect(of(moved(move), "sluice-truncated")).toHaveLength(2);
    const degraded = moved({ ...move, maxBytes: sizeOf(move) - 1 });
    expect(of(degraded, "sluice-truncated")).toEqual(["stack,history,value,later"]);
    const forged = moved({ ...move, trusted: false, maxBytes: sizeOf(move) - 200 });
    expect(of(forged, "sluice-truncated")).toEqual(["stack"]);
  });

  it("that an earlier move has dropped from fits too, whatever else is dropped", () => {
    const earlier = header("sluice-truncated", "later");
    const headers = [earlier, earlier, ...whole.record.headers];
    const move = { ...whole, trusted: true, record: { ...whole.record, headers } };
    const lists: (string | null)[] = [];
    let budget = sizeOf(move) - 1;
    for (;;) {
      const { record: written } = moveRecord({ ...move, maxBytes: budget });
      if (written === null) break;
      expect(size(written)).toBeLessThanOrEqual(budget);
      lists.push(...of(shown(written.headers), "sluice-truncated"));
      budget = size(written) - 1;
    }
    expect(lists.map((list) => list?.split(",").length)).toEqual([2, 3, 4, 5, 5, 6]);
  });

  it("takes the room of the list into account", () => {
    // Without stack and history the list alone makes it too large again.
    const { stack: __, ...plain } = error;
    const move = { ...whole, error: { ...plain, stack: null, message: "m".repeat(257) } };
    const wholeSize = sizeOf(move);
    const history = "sluice-history".length + '[{"n":5,"at":"1700000009000","k":"timeout"}]'.length;
    const list = "sluice-truncated".length + "history".length;
    expect(of(moved({ ...move, maxBytes: wholeSize - history + list }), HEADER.truncated)).toEqual([
      "history",
    ]);
    const oneLess = moved({ ...move, maxBytes: wholeSize - history + list - 1 });
    expect(of(oneLess, HEADER.truncated)).toEqual(["history,message,headers"]);
  });
});

it("a dead letter is read as what was written", () => {
  const { record: written } = moveRecord({ ...letter, cluster: "c1", partitionCount: 6 });
  const envelope = readEnvelope({ ...written!, offset: 0 }, { trusted: true });
  expect(envelope).toMatchObject({
    ...{ disposition: "moved", messageId: "c1:orders:3:42", messageIdSource: "origin" },
    ...{ group: "billing", retryCount: 4, errorKind: "timeout", errorMessage: "no answer" },
    ...{ dlqReason: "retries-exhausted", hops: 1, anomalies: [] },
    origin: {
      ...{ topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000 },
      ...{ cluster: "c1", partitionCount: 6, leaderEpoch: null },
    },
    history: [{ n: 5, at: 1_700_000_009_000, k: "timeout", c: null }],
  });
});

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** Of key, value and the names and values of headers (5.4). */
function size({ key, value, headers }: Pick<KafkaRecord, "key" | "value" | "headers">): number {
  const parts = [key, value, ...headers.flatMap(([name, each]) => [Buffer.from(name), each])];
  return parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
}
