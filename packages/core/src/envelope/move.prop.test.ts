import {
  DLQ_REASONS,
  ERROR_KINDS,
  HEADER,
  HEADER_PREFIX,
  LIMIT,
  TRUNCATED_PARTS,
} from "@sluice/spec";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Header, OutgoingRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import { moveRecord } from "./move.ts";
import type { Move } from "./move.ts";
import { expectReached } from "../../test/reached.ts";
import { anyRecord } from "../../test/envelope-arbitraries.ts";

const time = fc.nat(Number.MAX_SAFE_INTEGER);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "é".repeat(700), "x".repeat(9000), 'a"b\\c'),
);
const common = {
  record: anyRecord,
  trusted: fc.boolean(),
  group: fc.constantFrom("billing", "g".repeat(2000), "é"),
  attempts: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(2_147_483_647)),
  error: fc.record({
    kind: fc.oneof(fc.constantFrom(...ERROR_KINDS), fc.constantFrom("", "A", "solar")),
    class: fc.option(text),
    code: fc.option(text),
    message: text,
    stack: fc.option(text),
  }),
  writeStack: fc.boolean(),
  firstFailedAt: time,
  failedAt: time,
  now: time,
  cluster: fc.option(fc.constantFrom("c1", "c".repeat(300))),
  partitionCount: fc.option(fc.integer({ min: 1, max: 2_147_483_647 })),
  leaderEpoch: fc.option(fc.nat(2_147_483_647)),
  target: fc.record({
    topic: fc.constant("orders.target"),
    partitions: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(2_147_483_647)),
  }),
  maxBytes: fc.oneof(fc.constant(1_000_000), fc.nat(2500), fc.nat(20_000)),
};
const anyMove: fc.Arbitrary<Move> = fc
  .oneof(
    fc.record({
      ...common,
      move: fc.constant("dead-letter" as const),
      reason: fc.constantFrom(...DLQ_REASONS, "later", "No"),
    }),
    fc.record({
      ...common,
      move: fc.constant("retry" as const),
      retryAt: time,
      retryPolicy: fc.option(fc.constantFrom("patient", "p".repeat(200))),
    }),
  )
  // Such a record is set aside and not moved.
  .filter(({ record, trusted }) => readEnvelope(record, { trusted }).disposition !== "unsupported");
const RUNS = { numRuns: 1000 };

/** Checks what was written, if it was not refused. */
function holds(check: (move: Move, written: OutgoingRecord) => void): void {
  let written = 0;
  fc.assert(
    fc.property(anyMove, (move) => {
      const result = moveRecord(move);
      if (result.record === null) return;
      written++;
      check(move, result.record);
    }),
    RUNS,
  );
  // Or the property would hold for nothing.
  expectReached({ written }, RUNS.numRuns / 4);
}

const parts = (record: Pick<OutgoingRecord, "key" | "value" | "headers">): number =>
  [record.key, record.value, ...record.headers.map(([, value]) => value)]
    .concat(record.headers.map(([name]) => Buffer.from(name)))
    .reduce((sum, part) => sum + (part?.length ?? 0), 0);
const droppedBy = (move: Move, written: OutgoingRecord): readonly string[] => {
  const list = written.headers.at(-1) as Header;
  if (list[0] !== HEADER.truncated) return [];
  const before = readEnvelope(move.record, { trusted: move.trusted }).truncated;
  const after = Buffer.from(list[1] ?? "")
    .toString()
    .split(",");
  // A list that was there already stays where it is, before what this move writes.
  expect(after).toEqual(expect.arrayContaining([...before]));
  return after;
};

it("key, value and foreign headers are as they were, but for what is listed (SLC-DLQ-001)", () => {
  holds((move, written) => {
    const { record } = move;
    const dropped = droppedBy(move, written);
    expect(written.key).toBe(record.key);
    if (!dropped.includes("value")) expect(written.value).toBe(record.value);
    else expect(written.value).toBeNull();
    const isForeign = ([name]: Header): boolean => !name.startsWith(HEADER_PREFIX);
    const before = record.headers.filter(isForeign);
    const after = written.headers.filter(isForeign);
    if (!dropped.includes("headers")) expect(after).toEqual(before);
    // In order: each one left is found behind the one before it.
    let at = 0;
    for (const header of after) {
      at = before.indexOf(header, at) + 1;
      expect(at).toBeGreaterThan(0);
    }
  });
});

it("the record that is moved is not changed", () => {
  fc.assert(
    fc.property(anyMove, (move) => {
      const before = structuredClone(move.record);
      moveRecord(move);
      expect(move.record).toEqual(before);
    }),
  );
});

it("it fits, or is refused; and is refused only when nothing is left to drop (SLC-DLQ-016)", () => {
  fc.assert(
    fc.property(anyMove, (move) => {
      const { record: written, refused } = moveRecord(move);
      if (written !== null) {
        expect(parts(written)).toBeLessThanOrEqual(move.maxBytes);
        return;
      }
      const hops = readEnvelope(move.record, { trusted: move.trusted }).hops;
      if (refused === "hop-limit") {
        expect([move.move, hops]).toEqual(["retry", LIMIT.hops]);
        return;
      }
      // With room for everything it is written, and is larger than there was room.
      const whole = moveRecord({ ...move, maxBytes: Infinity }).record as OutgoingRecord;
      expect(parts(whole)).toBeGreaterThan(move.maxBytes);
    }),
    RUNS,
  );
});

it("what fits to the byte loses no more (SLC-DLQ-016)", () => {
  holds((move, written) => {
    expect(moveRecord({ ...move, maxBytes: parts(written) }).record).toEqual(written);
  });
});

it("one byte less drops more or as much, never less (SLC-DLQ-016)", () => {
  holds((move, written) => {
    const less = moveRecord({ ...move, maxBytes: parts(written) - 1 }).record;
    if (less === null) return;
    const [some, more] = [droppedBy(move, written), droppedBy(move, less)];
    expect(more).toEqual(expect.arrayContaining([...some]));
    expect(more.length).toBeGreaterThanOrEqual(Math.max(1, some.length));
    const order = more.filter((part) => (TRUNCATED_PARTS as readonly string[]).includes(part));
    expect(order).toEqual(TRUNCATED_PARTS.filter((part) => order.includes(part)));
  });
});

it("what is read is what was written (SLC-DLQ-006, SLC-DLQ-012)", () => {
  holds((move, written) => {
    const { record, trusted } = move;
    const before = readEnvelope(record, { trusted });
    const after = readEnvelope({ ...written, offset: 0 }, { trusted: true });
    const dropped = droppedBy(move, written);
    expect(after.disposition).toBe("moved");
    expect(after.hops).toBe(Math.min(LIMIT.hops, before.hops + 1));
    expect(after.retryCount).toBe(move.move === "retry" ? move.attempts : move.attempts - 1);
    expect(after.failedAt).toBe(move.failedAt);
    expect(after.firstFailedAt).toBe(before.firstFailedAt ?? move.firstFailedAt);
    expect(after.dlqReason === null).toBe(move.move === "retry");
    expect(after.retryAt).toBe(move.move === "retry" ? move.retryAt : null);
    expect(after.errorMessage).not.toBeNull();
    expect(after.errorStack === null || move.writeStack === true).toBe(true);
    const last = after.history?.at(-1);
    if (dropped.includes("history") && !before.truncated.includes("history")) {
      expect(after.history).toBeNull();
    } else if (after.history !== null) {
      expect(last).toMatchObject({ n: move.attempts, at: move.failedAt });
      expect(after.history.filter((item) => "n" in item).length).toBeLessThanOrEqual(10);
    }
    // Identity, trace and origin survive (SLC-ENV-008, -011, -016, -017).
    expect(after.origin).toMatchObject(
      before.origin ?? { topic: record.topic, partition: record.partition, offset: record.offset },
    );
    expect(written.partition).toBe(after.origin!.partition % move.target.partitions);
    expect(after.trace).toEqual(before.trace);
    expect(after.traceId).toBe(before.traceId);
    expect(after.messageType).toBe(before.messageType);
    if (move.cluster?.length === 300 && before.origin === null) {
      expect(after.origin?.cluster).toBeNull();
    }
    if (["sluice", "cloudevents"].includes(before.messageIdSource)) {
      expect(after.messageId).toBe(before.messageId);
    }
  });
});

it("each header of a mover stands once, in the order of Appendix A, behind the rest (SLC-DLQ-010)", () => {
  holds((move, written) => {
    const names = written.headers.map(([name]) => name);
    const spec = names.lastIndexOf(HEADER.spec);
    expect(names.indexOf(HEADER.spec)).toBe(spec);
    const mine = names.slice(spec);
    const order: readonly string[] = Object.values(HEADER);
    const indexes = mine.map((name) => order.indexOf(name));
    expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b));
    expect(indexes).not.toContain(-1);
    // Nothing that was written stands among what was kept.
    const kept = names.slice(0, spec).filter((name) => mine.includes(name));
    expect(kept).toEqual([]);
  });
});

it("the headers of a mover stay within their limits (SLC-ENV-012)", () => {
  const limits: readonly (readonly [string, number])[] = [
    [HEADER.group, LIMIT.groupBytes],
    [HEADER.retryPolicy, LIMIT.retryPolicyBytes],
    [HEADER.originCluster, LIMIT.clusterBytes],
    [HEADER.errorClass, LIMIT.errorClassBytes],
    [HEADER.errorCode, LIMIT.errorCodeBytes],
    [HEADER.errorMessage, LIMIT.errorMessageBytes],
    [HEADER.errorStack, LIMIT.errorStackBytes],
  ];
  holds((move, written) => {
    const spec = written.headers.findIndex(([name]) => name === HEADER.spec);
    const mine = written.headers.slice(spec);
    for (const [name, limit] of limits) {
      const value = mine.find(([each]) => each === name)?.[1];
      expect(value?.length ?? 0).toBeLessThanOrEqual(limit);
    }
    expect(parts({ key: null, value: null, headers: mine })).toBeLessThanOrEqual(
      LIMIT.headersBytes,
    );
  });
});
