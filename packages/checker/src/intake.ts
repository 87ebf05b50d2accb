import type { CaseEvent, HistoryEvent, InvariantId, Witness } from "./history.ts";
import { MAX_DEPTH } from "./json-difference.ts";
import { isOffset } from "./offset.ts";

/** A history that can be judged, or what is wrong with it. */
export type Intake =
  | { readonly case: CaseEvent; readonly events: readonly HistoryEvent[] }
  | { readonly problems: readonly string[] };

/**
 * Reads a history without trusting it: every later step may rely on the shape of every event, on
 * the first being the only `case`, on time never going back and on the run having reached its end.
 */
export function intake(history: Iterable<unknown>): Intake {
  const events: HistoryEvent[] = [];
  const problems: string[] = [];
  let previous = -Infinity;
  let line = 0;
  for (const event of history) {
    line += 1;
    const problem = problemWith(event, line, previous);
    if (problem !== null) {
      problems.push(`line ${line}: ${problem}`);
      if (problems.length === MAX_PROBLEMS) return { problems };
      continue;
    }
    const good = event as HistoryEvent;
    previous = good.t;
    events.push(good);
  }
  if (problems.length > 0) return { problems };
  const first = events[0];
  if (first === undefined) return { problems: ["the history is empty"] };
  if (first.type !== "case") return { problems: ["line 1: not a case event"] };
  problems.push(...incomplete(first, events));
  return problems.length > 0 ? { problems } : { case: first, events };
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
  if (!isObject(event)) return "not an object";
  const type = event["type"];
  if (typeof type !== "string" || !FIELDS.has(type)) {
    return `unknown event type ${JSON.stringify(type) ?? "undefined"}`;
  }
  const t = event["t"];
  if (!isFinite(t)) return `${type}: t is not a finite number`;
  if (t < previous) return `${type}: t goes back from ${previous} to ${t}`;
  if (type === "case" && line > 1) return "a second case event";
  for (const [field, check] of FIELDS.get(type)!) {
    if (!check(event[field])) return `${type}: field ${field} is missing or malformed`;
  }
  return null;
}

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isFinite = (value: unknown): value is number => Number.isFinite(value);

const text: Check = (value) => typeof value === "string";
const number: Check = isFinite;
const boolean: Check = (value) => typeof value === "boolean";
const integer: Check = Number.isSafeInteger;
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** Infinity included: `maxAttempts` may be unbounded, and is null once written as JSON. */
const limit: Check = (value) => typeof value === "number" && value >= 0;
const offset: Check = isOffset;
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const object = (shape: Shape): Check => {
  const fields = Object.entries(shape);
  return (value) => isObject(value) && fields.every(([field, check]) => check(value[field]));
};
const values =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);
const oneOf = (...allowed: readonly string[]): Check => {
  const set = new Set<unknown>(allowed);
  return (value) => set.has(value);
};

/** An object of any content, but not so deep that walking it could fail. */
const json: Check = (value) => {
  if (!isObject(value)) return false;
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
};

const tp: Check = (value) =>
  Array.isArray(value) && value.length === 2 && text(value[0]) && count(value[1]);
const header: Check = (value) =>
  Array.isArray(value) && value.length === 2 && text(value[0]) && nullable(text)(value[1]);

const recordId: Shape = { topic: text, partition: count, offset };
const content: Shape = { key: nullable(text), valueHash: nullable(text) };
const commitEntry: Shape = { ...recordId, metadata: nullable(text) };
const membership: Shape = { member: text, memberId: text };

const witness = oneOf(...(["ledger", "wire", "commit-log", "topics"] satisfies Witness[]));
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

const SHAPES: Readonly<Record<HistoryEvent["type"], Shape>> = {
  case: {
    history: (value) => value === 1,
    id: text,
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
    }),
    witnesses: list(witness),
    invariants: list(oneOf(...INVARIANT_IDS)),
    headerCaps: object({ order: boolean, empty: boolean, null: boolean }),
    limits: object({ settleMs: limit, commitMs: limit, stopMs: limit }),
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
  fetched: { member: text, bytes: limit },
  committed: { ...commitEntry, seq: count, own: optional(boolean) },
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
    claim: oneOf("assigned", "revoking", "revoked", "lost", "commit", "diverted", "stalled"),
    epoch: optional(text),
    partitions: optional(list(tp)),
    detail: optional(text),
  },
  vector: {
    file: text,
    tcId: count,
    op: text,
    comment: text,
    requirements: list(text),
    result: oneOf("valid", "invalid", "acceptable"),
    input: json,
    expected: json,
    answer: (value) =>
      isObject(value) &&
      (json(value["ok"]) || object({ code: text, message: optional(text) })(value["error"])),
  },
};

const FIELDS: ReadonlyMap<string, readonly (readonly [string, Check])[]> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [type, Object.entries(shape)]),
);
const MAX_PROBLEMS = 5;
