import type { CaseEvent, HistoryEvent, InvariantId, Witness } from "./history.ts";
import { MAX_DEPTH } from "./json-difference.ts";
import { isOffset } from "./offset.ts";

/** A history that can be judged, or what is wrong with it. */
export type Accepted =
  | { readonly case: CaseEvent; readonly events: readonly HistoryEvent[] }
  | { readonly problems: readonly string[] };

/**
 * Reads a history without trusting it: every later step may rely on the shape of every event, on
 * the first being the only `case`, on time never going back and on the run having reached its end.
 */
export class Intake {
  readonly events: HistoryEvent[] = [];
  readonly #problems: string[] = [];
  #previous = -Infinity;
  #line = 0;

  /** False once so much is wrong that the rest need not be read. */
  add(event: unknown): boolean {
    this.#line += 1;
    const problem = problemWith(event, this.#line, this.#previous);
    if (problem !== null) {
      this.#problems.push(`line ${this.#line}: ${problem}`);
      return this.#problems.length < MAX_PROBLEMS;
    }
    const good = event as HistoryEvent;
    this.#previous = good.t;
    this.events.push(good);
    return true;
  }

  accepted(): Accepted {
    const { events } = this;
    if (this.#problems.length > 0) return { problems: this.#problems };
    const first = events[0];
    if (first === undefined) return { problems: ["the history is empty"] };
    if (first.type !== "case")
      return { problems: [`line 1: expected the case event, found ${first.type}`] };
    const problems = incomplete(first, events);
    return problems.length > 0 ? { problems } : { case: first, events };
  }
}

/** The vectors of L0 need no cluster, hence no phases. */
function incomplete(header: CaseEvent, events: readonly HistoryEvent[]): string[] {
  if (header.invariants.every((id) => id === "H1")) return [];
  let quiesced = false;
  let reopened: string | null = null;
  for (const event of events) {
    if (event.type !== "phase") continue;
    if (event.phase === "quiesce") quiesced = true;
    else if (quiesced) reopened = event.phase;
  }
  if (!quiesced) return ["the log has no quiesce phase: the run was cut short (G6)"];
  return reopened === null ? [] : [`phase ${reopened} after quiesce: the run is out of order (G6)`];
}

function problemWith(event: unknown, line: number, previous: number): string | null {
  if (!isObject(event)) return `expected an event, an object with a type, found ${excerpt(event)}`;
  const type = event["type"];
  const fields = typeof type === "string" ? FIELDS.get(type) : undefined;
  if (!fields) return `expected an event of a known type, found ${excerpt(type)}`;
  const t = event["t"];
  if (!isFinite(t)) return `${type}: expected milliseconds in t, found ${excerpt(t)}`;
  if (t < previous) return `${type}: t goes back from ${previous} to ${t}`;
  if (type === "case" && line > 1) return "a second case event; it can only be the first line";
  for (const [field, check] of fields) {
    if (check.test(event[field])) continue;
    return `${type}: expected ${check.expected} in ${field}, found ${excerpt(event[field])}`;
  }
  return null;
}

function excerpt(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT)}…`;
}

interface Check {
  /** For the message that it is not so. */
  readonly expected: string;
  test(value: unknown): boolean;
}
type Shape = Readonly<Record<string, Check>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isFinite = (value: unknown): value is number => Number.isFinite(value);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

const text: Check = { expected: "a text", test: (value) => typeof value === "string" };
const number: Check = { expected: "a number", test: isFinite };
const boolean: Check = {
  expected: "true or false",
  test: (value) => typeof value === "boolean",
};
const integer: Check = { expected: "a whole number", test: Number.isSafeInteger };
const count: Check = { expected: "a whole number from 0 on", test: isCount };
/** Infinity included: `maxAttempts` may be unbounded, and is null once written as JSON. */
const limit: Check = {
  expected: "a number from 0 on",
  test: (value) => typeof value === "number" && value >= 0,
};
const offset: Check = { expected: 'an offset as text, such as "42"', test: isOffset };

const nullable = ({ expected, test }: Check): Check => ({
  expected: `${expected}, or null`,
  test: (value) => value === null || test(value),
});
const optional = ({ expected, test }: Check): Check => ({
  expected: `${expected}, or no such field`,
  test: (value) => value === undefined || test(value),
});
const list = ({ expected, test }: Check): Check => ({
  expected: `a list, each item of it ${expected}`,
  test: (value) => Array.isArray(value) && value.every(test),
});
const object = (shape: Shape): Check => {
  const fields = Object.entries(shape);
  const each = fields.map(([field, { expected }]) => `${field}: ${expected}`);
  return {
    expected: `an object with {${each.join("; ")}}`,
    test: (value) => isObject(value) && fields.every(([field, check]) => check.test(value[field])),
  };
};
const values = ({ expected, test }: Check): Check => ({
  expected: `an object, each value of it ${expected}`,
  test: (value) => isObject(value) && Object.values(value).every(test),
});
const oneOf = (...allowed: readonly string[]): Check => {
  const set = new Set<unknown>(allowed);
  return { expected: `one of ${allowed.join(", ")}`, test: (value) => set.has(value) };
};

/** An object of any content, but not so deep that walking it could fail. */
const json: Check = {
  expected: "an object that is not too deep",
  test: (value) => {
    if (!isObject(value)) return false;
    let level: readonly unknown[] = [value];
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      level = level.flatMap((item) =>
        typeof item === "object" && item !== null ? Object.values(item) : [],
      );
      if (level.length === 0) return true;
    }
    return false;
  },
};

const tp: Check = {
  expected: "[topic, partition]",
  test: (value) =>
    Array.isArray(value) && value.length === 2 && text.test(value[0]) && isCount(value[1]),
};
const headerValue = nullable(text);
const header: Check = {
  expected: "[name, base64 or null]",
  test: (value) =>
    Array.isArray(value) && value.length === 2 && text.test(value[0]) && headerValue.test(value[1]),
};

const recordId: Shape = { topic: text, partition: count, offset };
const content: Shape = { key: nullable(text), valueHash: nullable(text) };
const commitEntry: Shape = { ...recordId, metadata: nullable(text) };
const membership: Shape = { member: text, memberId: text };

const witness = oneOf(...(["ledger", "wire", "commit-log", "polls", "topics"] satisfies Witness[]));
/** In the order in which results are listed. */
export const INVARIANT_IDS: readonly InvariantId[] = [
  "P1",
  "P1s",
  "P2",
  "P3",
  "P4",
  "P5",
  "K1",
  "K2",
  "N1",
  "X1",
  "D1",
  "D2",
  "Q1",
  "Q2",
  "Q3",
  "T1",
  "H1",
  "B1",
  "V1",
  "V2",
  "V3",
  "V4",
  "V5",
  "V6",
];

const failure = object({ code: text, message: optional(text) });
const SHAPES: Readonly<Record<HistoryEvent["type"], Shape>> = {
  case: {
    history: { expected: "1, the version of the format", test: (value) => value === 1 },
    id: text,
    title: optional(text),
    seed: number,
    subject: text,
    group: text,
    topics: values(count),
    deadLetterTopic: nullable(text),
    ordering: oneOf("key", "partition", "none"),
    concurrency: limit,
    commitIntervalMs: limit,
    sessionTimeoutMs: limit,
    groupProtocol: oneOf("classic", "consumer"),
    rebalance: oneOf("eager", "cooperative", "consumer"),
    retry: object({
      maxAttempts: nullable(limit),
      backoffMs: list(object({ min: limit, max: limit })),
      slackMs: limit,
      mode: optional(oneOf("hold", "park", "release")),
    }),
    witnesses: list(witness),
    invariants: list(oneOf(...INVARIANT_IDS)),
    headerCaps: object({ order: boolean, empty: boolean, null: boolean }),
    limits: object({ settleMs: limit, commitMs: limit, stopMs: limit }),
    buffer: optional(object({ records: nullable(limit), bytes: nullable(limit) })),
    duplicates: oneOf("none", "unfinished", "crash-window", "explained"),
  },
  start: recordId,
  phase: { phase: oneOf("steady", "inject", "impact", "heal", "quiesce") },
  member: {
    member: text,
    state: oneOf("started", "ready", "stopping", "killed", "exited"),
    deadlineMs: optional(limit),
    code: optional(nullable(integer)),
    signal: optional(nullable(text)),
    forced: optional(boolean),
  },
  fault: { fault: text, state: oneOf("injected", "observed", "healed"), detail: optional(text) },
  guard: {
    guard: text,
    kind: oneOf("environment", "subject"),
    met: boolean,
    detail: text,
  },
  expect: { ...recordId, expect: oneOf("dead-letter", "skip") },
  produced: { ...recordId, ...content },
  visible: { ...recordId, ...content, headers: list(header), timestamp: number },
  "log-range": { topic: text, partition: count, start: offset, end: offset },
  "dead-letter": {
    ...recordId,
    ...content,
    headers: list(header),
    origin: nullable(object({ ...recordId, timestamp: number, attempts: nullable(integer) })),
  },
  join: membership,
  assignment: {
    ...membership,
    generation: integer,
    protocol: oneOf("classic", "consumer"),
    partitions: list(tp),
  },
  owned: { ...membership, generation: integer, partitions: list(tp) },
  leave: membership,
  heartbeat: { member: text, generation: integer },
  "commit-request": {
    ...membership,
    generation: integer,
    id: text,
    version: integer,
    offsets: list(object(commitEntry)),
  },
  "commit-answer": {
    member: text,
    id: text,
    forwarded: boolean,
    results: list(object({ topic: text, partition: count, error: integer })),
  },
  "divert-acked": { member: text, to: tp, toOffset: offset, origin: object(recordId) },
  fetched: { member: text, bytes: limit, from: optional(list(object(recordId))) },
  committed: { ...commitEntry, seq: count, own: optional(boolean) },
  polled: { asked: number, offsets: list(object(commitEntry)), own: optional(boolean) },
  begin: {
    ...recordId,
    ...content,
    member: text,
    handle: text,
    epoch: text,
    attempt: integer,
  },
  finish: {
    member: text,
    handle: text,
    result: oneOf("ok", "retry", "throw", "poison", "dead-letter", "skip"),
  },
  dropped: { member: text, handle: text, reason: text },
  claim: {
    member: text,
    claim: oneOf(
      "assigned",
      "revoking",
      "revoked",
      "lost",
      "commit",
      "diverted",
      "stalled",
      "buffered",
    ),
    count: optional(count),
    epoch: optional(text),
    partitions: optional(list(tp)),
    detail: optional(text),
  },
  vector: {
    file: text,
    tcId: count,
    seed: optional(number),
    op: text,
    comment: text,
    requirements: list(text),
    result: oneOf("valid", "invalid", "acceptable"),
    input: json,
    expected: json,
    answer: {
      expected: "an object with ok or with error: {code, message}",
      test: (value) => isObject(value) && (json.test(value["ok"]) || failure.test(value["error"])),
    },
  },
};

const FIELDS: ReadonlyMap<string, readonly (readonly [string, Check])[]> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [type, Object.entries(shape)]),
);
const MAX_PROBLEMS = 5;
const EXCERPT = 60;
