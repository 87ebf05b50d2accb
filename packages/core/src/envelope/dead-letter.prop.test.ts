import { DLQ_REASONS, ERROR_KINDS, HEADER, LIMIT } from "@sluice/spec";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { DeadLetterCause } from "../engine/outcome.ts";
import type { Header, KafkaRecord } from "../port/record.ts";
import { deadLetterRecord } from "./dead-letter.ts";
import { messageIdOf } from "./message-id.ts";
import { readDeadLetter } from "./read-dead-letter.ts";
import { traceContextOf } from "./trace-context.ts";

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }));
const names = Object.values(HEADER);
// The producer's own sluice headers are immutable, so they count as foreign here.
const immutable = new Set<string>([
  HEADER.messageId,
  HEADER.messageType,
  HEADER.messageVersion,
  HEADER.idempotencyKey,
]);
const time = fc.nat(Number.MAX_SAFE_INTEGER);

const headers: fc.Arbitrary<readonly Header[]> = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom(...names, "traceparent", "tracestate", "ce_id", "ce_source"),
      fc.string({ maxLength: 8 }),
    ),
    fc.oneof(
      bytes,
      fc.nat(70).map((n) => new Uint8Array(Buffer.from(String(n)))),
    ),
  ),
  { maxLength: 12 },
);
const record: fc.Arbitrary<KafkaRecord> = fc.record({
  topic: fc.stringMatching(/^[A-Za-z0-9._-]{1,249}$/),
  partition: fc.nat(2_147_483_646),
  offset: fc.nat(Number.MAX_SAFE_INTEGER),
  timestamp: time,
  key: bytes,
  value: bytes,
  headers,
});
const text = fc.string({ unit: "binary", maxLength: 1200 });
const cause: fc.Arbitrary<DeadLetterCause> = fc.record({
  reason: fc.constantFrom("retries-exhausted", "non-retryable", "expired", "manual" as const),
  error: fc.record(
    { kind: fc.constantFrom(...ERROR_KINDS), class: text, message: text, code: text },
    { requiredKeys: ["kind", "class", "message"] },
  ),
  attempts: fc.integer({ min: 1, max: 2_147_483_648 }),
  firstFailedAt: time,
  failedAt: time,
});
const target = fc.constant({ topic: "dlq", partition: 0 });
const input = fc.record({
  record,
  group: fc.string({ unit: "binary", minLength: 1, maxLength: 100 }),
  cause,
  target,
  now: time,
  trusted: fc.boolean(),
});

const isForeign = ([name]: Header): boolean =>
  immutable.has(name) || !(names as readonly string[]).includes(name);

it("a dead letter carries the record byte for byte (SLC-DLQ-001, SLC-ENV-016)", () => {
  fc.assert(
    fc.property(input, (i) => {
      const before = structuredClone(i.record);
      const letter = deadLetterRecord(i);
      expect(letter.key).toBe(i.record.key);
      expect(letter.value).toBe(i.record.value);
      const foreign = before.headers.filter(isForeign);
      expect(letter.headers.filter(isForeign)).toEqual(foreign);
      expect(i.record).toEqual(before);
    }),
  );
});

it("what was written is read again, and each header once (SLC-ENV-003)", () => {
  fc.assert(
    fc.property(input, (i) => {
      const letter = deadLetterRecord({ ...i, trusted: false });
      const own = letter.headers.filter((header) => !isForeign(header)).map(([name]) => name);
      expect(new Set(own).size).toBe(own.length);
      expect(readDeadLetter(letter.headers)).toMatchObject({
        origin: {
          topic: i.record.topic,
          partition: i.record.partition,
          offset: i.record.offset,
          timestamp: i.record.timestamp,
        },
        group: i.group,
        attempts: i.cause.attempts,
        firstFailedAt: i.cause.firstFailedAt,
        failedAt: i.cause.failedAt,
        reason: i.cause.reason,
        hops: 1,
        truncated: [],
        malformed: [],
      });
      expect(DLQ_REASONS as readonly string[]).toContain(i.cause.reason);
    }),
  );
});

it("the headers stay within their limits (SLC-ENV-012)", () => {
  fc.assert(
    fc.property(input, (i) => {
      const own = deadLetterRecord({ ...i, trusted: false }).headers.filter((h) => !isForeign(h));
      const sizes = own.map(([name, value]) => name.length + (value?.length ?? 0));
      expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(LIMIT.headersBytes);
      const of = (name: string): number => own.find(([n]) => n === name)?.[1]?.length ?? 0;
      expect(of(HEADER.errorMessage)).toBeLessThanOrEqual(LIMIT.errorMessageBytes);
      expect(of(HEADER.errorClass)).toBeLessThanOrEqual(LIMIT.errorClassBytes);
      expect(of(HEADER.errorCode)).toBeLessThanOrEqual(LIMIT.errorCodeBytes);
    }),
  );
});

it("origin and message id survive a second dead letter, trace context every one (SLC-ENV-008, SLC-ENV-011, SLC-ENV-017)", () => {
  fc.assert(
    fc.property(input, cause, (i, again) => {
      const first = deadLetterRecord({ ...i, trusted: false });
      const read = { ...first, offset: 1, timestamp: i.now };
      const second = deadLetterRecord({ ...i, record: read, cause: again, trusted: true });
      const [a, b] = [readDeadLetter(first.headers), readDeadLetter(second.headers)];
      expect(b?.origin).toEqual(a?.origin);
      expect(b?.firstFailedAt).toBe(a?.firstFailedAt);
      expect(b?.hops).toBe(2);
      expect(b?.attempts).toBe(again.attempts);
      expect(messageIdOf({ ...second, offset: 2, timestamp: 0 })).toBe(messageIdOf(read));
      expect(traceContextOf(second.headers)).toEqual(traceContextOf(i.record.headers));
    }),
  );
});

it("no bytes make a reader throw", () => {
  fc.assert(
    fc.property(headers, (h) => {
      const withSpec: readonly Header[] = [...h, [HEADER.spec, new Uint8Array([49])]];
      expect(readDeadLetter(withSpec)?.wireVersion).toBe("1");
      traceContextOf(h);
      messageIdOf({
        topic: "t",
        partition: 0,
        offset: 0,
        timestamp: 0,
        key: null,
        value: null,
        headers: h,
      });
    }),
  );
});
