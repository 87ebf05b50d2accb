import { ANOMALY_CODES, FOREIGN_HEADER, HEADER, LIMIT } from "@sluice/spec";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { readEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import { formatHistory, parseHistory } from "./history.ts";
import { anyHeaders, anyPosition } from "../../test/envelope-arbitraries.ts";

// Seconds where nothing else runs; machines that test much at once take longer.
vi.setConfig({ testTimeout: 60_000 });

const options = fc.record({
  trusted: fc.boolean(),
  cluster: fc.option(fc.string({ maxLength: 4 })),
  idHeader: fc.boolean(),
});
const record = fc.tuple(anyPosition, anyHeaders).map(([at, headers]) => ({ ...at, headers }));

it("every sequence of bytes has an envelope, within the ranges of the text (SLC-CNV-002)", () => {
  fc.assert(
    fc.property(record, options, (r, o) => {
      expect(outOfRange(readEnvelope(r, o))).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
});

it("of a source topic nothing of a mover is read, and the record is fresh (SLC-SEC-001)", () => {
  fc.assert(
    fc.property(record, options, (r, o) => {
      const { topic, partition, offset } = r;
      const envelope = readEnvelope(r, { ...o, trusted: false });
      expect(envelope).toMatchObject({
        ...{ disposition: "fresh", wireVersion: null, origin: null, group: null, history: null },
        ...{ retryCount: 0, replayCount: 0, hops: 0, truncated: [], firstFailedAt: null },
        ...{ errorKind: null, dlqReason: null, replayId: null, replayedFrom: null, retryAt: null },
      });
      if (envelope.messageIdSource === "position") {
        expect(envelope.messageId).toBe(`${o.cluster ?? ""}:${topic}:${partition}:${offset}`);
      }
    }),
    { numRuns: 1000 },
  );
});

it("headers that are not interpreted change nothing (SLC-ENV-021)", () => {
  const others = fc.array(
    fc.tuple(fc.constantFrom("a", "Traceparent", "sluice-later", "ce_x"), fc.uint8Array()),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(record, others, others, options, (r, before, after, o) => {
      const headers = [...before, ...r.headers, ...after];
      expect(readEnvelope({ ...r, headers }, o)).toEqual(readEnvelope(r, o));
    }),
  );
});

it("a history is read as it was written (C.4)", () => {
  const code = fc.stringMatching(/^[ !#-[\]-~]{1,64}$/);
  const entry = fc.record({
    n: fc.nat(LIMIT.integer),
    at: fc.nat(LIMIT.integer),
    k: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
    c: fc.option(code),
  });
  const mark = fc.option(fc.record({ dropped: fc.nat(LIMIT.integer) }));
  fc.assert(
    fc.property(entry, mark, fc.array(entry, { maxLength: 12 }), (first, dropped, rest) => {
      const history = [first, ...(dropped === null ? [] : [dropped]), ...rest];
      const text = formatHistory(history);
      expect(parseHistory(text)).toEqual(history);
      // It is JSON too, though nobody needs a parser for it.
      expect(JSON.parse(text)).toHaveLength(history.length);
    }),
  );
});

/** What is not as the text says. One list and not many expectations: those would take a minute. */
function outOfRange(envelope: Envelope): unknown[] {
  const { anomalies, origin, trace } = envelope;
  const inOrder = [...new Set(anomalies)].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const counted: [number, number][] = [
    [envelope.retryCount, LIMIT.retryCount],
    [envelope.replayCount, LIMIT.replayCount],
    [envelope.hops, LIMIT.hops],
    [envelope.wireVersion ?? 0, LIMIT.integer],
    [envelope.retryAt ?? 0, LIMIT.integer],
    [envelope.failedAt ?? 0, LIMIT.integer],
    [origin?.partition ?? 0, LIMIT.partition],
    [origin?.offset ?? 0, LIMIT.integer],
    [envelope.replayedFrom?.partition ?? 0, LIMIT.partition],
  ];
  return [
    ...anomalies.filter((anomaly) => !isAnomaly(anomaly)),
    ...(isDeepStrictEqual(anomalies, inOrder) ? [] : [anomalies]),
    ...counted.filter(
      ([value, max]) => !(Number.isSafeInteger(value) && value >= 0 && value <= max),
    ),
    ...[envelope.messageId, envelope.idempotencyKey].filter((id) => id === ""),
    ...[trace?.traceparent ?? PARENT].filter((parent) => !PARENT_FORM.test(parent)),
    ...[trace?.tracestate ?? "a=1"].filter(({ length }) => length < 3 || length > 512),
  ];
}

const PARENT = `00-${"1".repeat(32)}-${"1".repeat(16)}-00`;
const PARENT_FORM = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const NAMES = new Set<string>([
  ...Object.values(HEADER),
  ...Object.values(FOREIGN_HEADER),
  "sluice-origin",
]);

function isAnomaly(anomaly: string): boolean {
  const [code = "", name = ""] = anomaly.split(/:(.*)/s, 2);
  if (!(ANOMALY_CODES as readonly string[]).includes(code)) return false;
  return NAMES.has(name) || (code === "forged" && name.startsWith("sluice-"));
}
