// Cost per record of reading an envelope and of writing a dead letter, against the Kafka binding of
// the `cloudevents` SDK in the same run, and of what else is done for a record or a commit:
//   node packages/core/bench/envelope.bench.mjs [--json]     (after a build)
//
// Variants take turns, every one checks what it got, and what counts is CPU time, so that other load
// on the machine disturbs little. Figures are of one machine; ratios travel.
import { CloudEvent, Kafka } from "cloudevents";
import {
  CommitGate,
  decodeCommitMetadata,
  encodeCommitMetadata,
  moveRecord,
  murmur2,
  readDialects,
  readEnvelope,
} from "@sluice/core";

const ROUNDS = 11;
const WARM_UP = 3;
const json = process.argv.includes("--json");

const bytes = (text) => Buffer.from(text);
const place = { topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000 };
const payload = { key: bytes("order-1234567"), value: Buffer.alloc(300, 0x61) };
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** As a service sends it that knows nothing of Sluice. */
const plain = {
  ...place,
  ...payload,
  headers: [
    ["content-type", bytes("application/octet-stream")],
    ["traceparent", bytes(traceparent)],
    ["x-tenant", bytes("acme")],
  ],
};

/** What the SDK would make of the same: an event of the attributes that it has to have. */
const event = new CloudEvent({
  id: "6f1b4b0e-3a1e-4a0b-9d75-0f1c3a6b2d11",
  source: "/orders",
  type: "com.example.order.placed",
  time: "2026-11-21T12:00:00.000Z",
  datacontenttype: "application/octet-stream",
  traceparent,
  partitionkey: "order-1234567",
  data: payload.value,
});
/** The SDK writes attributes that are not there as undefined, which no client takes. */
const toHeaders = (message) =>
  Object.entries(message.headers).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, Buffer.from(text)]],
  );
const fromHeaders = (headers) => {
  const texts = {};
  for (const [name, value] of headers) texts[name] = value.toString();
  return texts;
};
const eventHeaders = toHeaders(Kafka.binary(event));
const eventMessage = { ...Kafka.binary(event), headers: fromHeaders(eventHeaders) };
const cloudEventRecord = { ...place, ...payload, headers: eventHeaders };

const failure = (record, trusted) => ({
  move: "dead-letter",
  record,
  trusted,
  group: "billing",
  attempts: 5,
  error: {
    kind: "timeout",
    class: "TimeoutError",
    code: "E42",
    message: "no answer from the ledger within 5000 ms",
    stack: "TimeoutError: no answer\n    at charge (file:///srv/charge.js:10:5)",
  },
  writeStack: true,
  reason: "retries-exhausted",
  firstFailedAt: 1_700_000_000_100,
  failedAt: 1_700_000_009_000,
  now: 1_700_000_009_001,
  cluster: "MkU3OEVBNTcwNTJENDM2Qg",
  partitionCount: 12,
  leaderEpoch: 7,
  target: { topic: "orders.dlq", partitions: 12 },
  maxBytes: 1_000_000,
});

/** All the headers there are: moved to a retry topic, moved again, replayed. */
const identified = {
  ...plain,
  headers: [
    ...plain.headers,
    ["sluice-message-id", bytes("018bcfe5-6800-7000-8000-000000000001")],
    ["sluice-message-type", bytes("order.placed")],
    ["sluice-message-version", bytes("3")],
    ["sluice-idempotency-key", bytes("order-1234567/placed")],
  ],
};
const once = moveRecord({
  ...failure(identified, false),
  move: "retry",
  retryAt: 1_700_000_010_000,
  retryPolicy: "standard",
}).record;
const moved = {
  ...place,
  ...once,
  topic: "orders.retry",
  offset: 7,
  headers: [
    ...once.headers,
    ["sluice-replay-id", bytes("replay-2026-11-21")],
    ["sluice-replay-count", bytes("1")],
    ["sluice-replayed-at", bytes("1700000020000")],
    ["sluice-replayed-from", bytes("orders.dlq/3/7")],
    ["sluice-truncated", bytes("stack")],
  ],
};
const deadLetter = { ...moved, ...moveRecord(failure(moved, true)).record, offset: 9 };
const connectLetter = {
  ...plain,
  headers: [
    ...plain.headers,
    ...Object.entries({
      topic: "orders",
      partition: "3",
      offset: "42",
      "connector.name": "sink",
      "task.id": "0",
      stage: "TASK_PUT",
      "class.name": "org.example.Sink",
      "exception.class.name": "java.io.IOException",
      "exception.message": "no answer",
      "exception.stacktrace": "java.io.IOException: no answer\n\tat org.example.Sink.put",
    }).map(([name, text]) => [`__connect.errors.${name}`, bytes(text)]),
  ],
};

/** What `--concurrency 64` leaves behind a slow head: 64 ranges; and every other offset of 20000. */
const handful = Array.from({ length: 64 }, (_, index) => [
  1_000_000 + index * 7 + 1,
  1_000_000 + index * 7 + 6,
]).flat();
const comb = Array.from({ length: 10_000 }, (_, index) => [
  1_000_000 + index * 2 + 1,
  1_000_000 + index * 2 + 2,
]).flat();
const encode = (settled) =>
  encodeCommitMetadata({ base: 1_000_000, settled, leaderEpoch: 7 }).metadata;
const handfulText = encode(handful);
const combText = encode(comb);
const gate = new CommitGate(1_000_000);
const admitted = Array.from({ length: 5_000 }, () => gate.admit(gate.position));
for (const sequence of admitted) if (sequence % 79 !== 0) gate.settle(sequence);
const key36 = bytes("6f1b4b0e-3a1e-4a0b-9d75-0f1c3a6b2d11");

/** Runs a number of times, and checks one answer; `base` is what a ratio is against. */
const variants = [
  {
    name: "cloudevents: toEvent, headers from bytes",
    runs: 5_000,
    run: () => Kafka.toEvent({ ...eventMessage, headers: fromHeaders(eventHeaders) }),
    check: ({ id }) => id === event.id,
  },
  {
    name: "cloudevents: toEvent, headers already text",
    runs: 5_000,
    run: () => Kafka.toEvent(eventMessage),
    check: ({ id }) => id === event.id,
  },
  {
    name: "readEnvelope: plain, 3 foreign headers",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 25_000,
    run: () => readEnvelope(plain, { trusted: false }),
    check: ({ messageId, traceId }) => messageId === ":orders:3:42" && traceId !== null,
  },
  {
    name: "readEnvelope: the same CloudEvent",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 12_500,
    run: () => readEnvelope(cloudEventRecord, { trusted: false }),
    check: ({ messageId }) => messageId === `/orders\n${event.id}`,
  },
  {
    name: "readEnvelope: moved, all headers",
    base: "cloudevents: toEvent, headers from bytes",
    runs: 5_000,
    run: () => readEnvelope(moved, { trusted: true }),
    check: ({ origin, anomalies }) => origin.offset === 42 && anomalies.length === 0,
  },
  {
    name: "cloudevents: binary, headers to bytes",
    runs: 12_500,
    run: () => toHeaders(Kafka.binary(event)),
    check: (headers) => headers.length === eventHeaders.length,
  },
  {
    name: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 5_000,
    run: () => {
      const headers = fromHeaders(eventHeaders);
      return toHeaders(Kafka.binary(Kafka.toEvent({ ...eventMessage, headers })));
    },
    check: (headers) => headers.length === eventHeaders.length,
  },
  {
    name: "moveRecord: dead letter of a plain record",
    base: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 2_500,
    run: () => moveRecord(failure(plain, false)),
    check: ({ record }) => record.headers.some(([name]) => name === "sluice-dlq-reason"),
  },
  {
    name: "moveRecord: dead letter of a moved record",
    base: "cloudevents: toEvent and binary, bytes to bytes",
    runs: 2_500,
    run: () => moveRecord(failure(moved, true)),
    check: ({ record }) => record.headers.some(([name]) => name === "sluice-dlq-reason"),
  },
  {
    name: "readDialects: dead letter of Sluice",
    runs: 2_500,
    run: () => readDialects(deadLetter),
    check: ({ origin }) => origin.offset === 42,
  },
  {
    name: "readDialects: dead letter of Connect",
    runs: 5_000,
    run: () => readDialects(connectLetter),
    check: ({ origin, dialects }) => origin.offset === 42 && dialects[0].dialect === "connect",
  },
  {
    name: "murmur2: key of 13 bytes",
    runs: 250_000,
    run: () => murmur2(payload.key),
    check: (hash) => Number.isInteger(hash),
  },
  {
    name: "murmur2: key of 36 bytes",
    runs: 125_000,
    run: () => murmur2(key36),
    check: (hash) => Number.isInteger(hash),
  },
  {
    name: "gate: ranges of 5000 held",
    runs: 1_250,
    run: () => gate.settledAboveFrontier(),
    check: (ranges) => ranges.length === 128,
  },
  {
    name: "metadata: encode nothing",
    runs: 125_000,
    run: () => encode([]),
    check: (text) => text === "",
  },
  {
    name: "metadata: encode 64 ranges",
    runs: 5_000,
    run: () => encode(handful),
    check: (text) => text === handfulText && text.startsWith("slc1."),
  },
  {
    name: "metadata: encode 10000 ranges into 4000 characters",
    runs: 125,
    run: () => encode(comb),
    check: (text) => text.length <= 4_000 && text.length > 3_300,
  },
  {
    name: "metadata: decode 64 ranges",
    runs: 5_000,
    run: () => decodeCommitMetadata(handfulText, 1_000_000),
    check: ({ settled }) => settled.length === handful.length,
  },
  {
    name: "metadata: decode 10000 ranges",
    runs: 125,
    run: () => decodeCommitMetadata(combText, 1_000_000),
    check: ({ settled }) => settled.length === comb.length,
  },
  {
    name: "metadata: reject the metadata of others",
    runs: 125_000,
    run: () => decodeCommitMetadata("AAAAAAAAAAE=", 1_000_000),
    check: ({ rejected }) => rejected === "foreign",
  },
];

function measure({ name, runs, run, check }) {
  const before = process.cpuUsage();
  let last;
  for (let count = 0; count < runs; count++) last = run();
  const { user, system } = process.cpuUsage(before);
  if (!check(last)) throw new Error(`${name}: wrong result`);
  return ((user + system) * 1e3) / runs;
}

const samples = new Map(variants.map(({ name }) => [name, []]));
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const variant of variants) {
    const ns = measure(variant);
    if (round >= 0) samples.get(variant.name).push(ns);
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const results = variants.map(({ name, base }) => {
  const ns = samples.get(name);
  // Of each round by itself: what slows one variant down slows its neighbours down too.
  const ratios = base && ns.map((value, round) => value / samples.get(base)[round]);
  return {
    name,
    ns: median(ns),
    min: Math.min(...ns),
    max: Math.max(...ns),
    ...(base && { base, ratio: median(ratios) }),
  };
});

if (json) {
  console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, results }, null, 2));
} else {
  console.log(`median [min..max] of ${ROUNDS} rounds after ${WARM_UP}, node ${process.version}`);
  for (const { name, ns, min, max, base, ratio } of results) {
    const range = `[${min.toFixed(0)}..${max.toFixed(0)}]`;
    const against = base ? `   ${ratio.toFixed(2)} of ${base}` : "";
    console.log(`${name.padEnd(50)} ${ns.toFixed(0).padStart(7)} ns ${range.padEnd(18)}${against}`);
  }
}
