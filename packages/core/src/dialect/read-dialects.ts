import { HEADER } from "@sluice/spec";
import { readEnvelope } from "../envelope/envelope.ts";
import type { Envelope } from "../envelope/envelope.ts";
import { compareUtf8 } from "../envelope/utf8.ts";
import type { Headers, KafkaRecord } from "../port/record.ts";
import { dialectTables } from "./dialects.ts";
import type {
  DialectField,
  DialectTable,
  ForeignDialect,
  Occurrence,
  SpringNames,
} from "./dialects.ts";

export type DialectName = "sluice" | ForeignDialect | "plain";

/** A record of a dead letter topic as whoever wrote it describes it (section 11.1). */
export interface ForeignDeadLetter {
  /** One for each dialect that is detected, at least `plain`. */
  readonly dialects: readonly DialectReading[];
  /** Where the record came from, as far as anybody tells; else where it is. */
  readonly origin: ForeignOrigin & { readonly partition: number; readonly offset: number };
  /** `null`: it was null at the origin too. `dropped`, `unknown`: look there. */
  readonly payload: "present" | "dropped" | "unknown" | "null";
  /** What is wrong with the headers: `code:name` (SLC-INT-005). */
  readonly anomalies: readonly string[];
}

/** What one dialect tells. What it does not tell is null. */
export interface DialectReading {
  readonly dialect: DialectName;
  readonly origin: ForeignOrigin | null;
  /** How often the record was set aside, as far as the dialect keeps count. */
  readonly hops: number;
  /** Consumer group that gave the record up. */
  readonly group: string | null;
  readonly retryCount: number | null;
  readonly reason: string | null;
  readonly error: ForeignError;
}

export interface ForeignOrigin {
  readonly topic: string;
  readonly partition: number | null;
  readonly offset: number | null;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number | null;
}

export interface ForeignError {
  readonly kind: string | null;
  readonly class: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly stack: string | null;
  readonly stage: string | null;
  readonly causeClass: string | null;
  readonly causeMessage: string | null;
}

export interface ReadDialectsOptions {
  /** Spring lets its users rename headers: default names to those in use. */
  readonly springNames?: SpringNames;
}

/**
 * Reads a dead letter that Sluice or another system wrote. Never throws, whatever bytes its headers
 * have (SLC-CNV-002), and trusts nothing: it reports what they say, and whoever acts on that decides.
 */
export function readDialects(
  record: Pick<KafkaRecord, "topic" | "partition" | "offset" | "timestamp" | "value" | "headers">,
  { springNames = {} }: ReadDialectsOptions = {},
): ForeignDeadLetter {
  const headers = new ForeignHeaders(record.headers);
  const envelope = headers.has(HEADER.spec) ? readEnvelope(record, { trusted: true }) : null;
  const dialects: DialectReading[] = envelope === null ? [] : [sluiceReading(envelope, headers)];
  for (const table of dialectTables(springNames)) {
    const isKnown = dialects.some(({ dialect }) => dialect === table.dialect);
    if (!isKnown && isDetected(table, headers)) dialects.push(readByTable(table, headers));
  }
  const own = ownPosition(record);
  if (dialects.length === 0) dialects.push({ ...NOTHING_TOLD, dialect: "plain", origin: own });
  return {
    dialects,
    origin: dialects.map(({ origin }) => origin).find(isComplete) ?? own,
    payload: payloadOf(record.value, envelope, dialects),
    anomalies: [...new Set([...(envelope?.anomalies ?? []), ...headers.anomalies])].sort(
      compareUtf8,
    ),
  };
}

type CompleteOrigin = ForeignDeadLetter["origin"];

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

const NOTHING_TOLD = { hops: 0, group: null, retryCount: null, reason: null, error: NO_ERROR };

/** SLC-INT-007. */
function sluiceReading(envelope: Envelope, headers: ForeignHeaders): DialectReading {
  const { origin } = envelope;
  return {
    dialect: "sluice",
    origin: origin && {
      topic: origin.topic,
      partition: origin.partition,
      offset: origin.offset,
      timestamp: origin.timestamp,
    },
    hops: headers.count(HEADER.originTopic),
    group: envelope.group,
    retryCount: envelope.retryCount,
    reason: envelope.dlqReason,
    error: {
      ...NO_ERROR,
      kind: envelope.errorKind ?? "unknown",
      class: envelope.errorClass,
      code: envelope.errorCode,
      message: envelope.errorMessage,
      stack: envelope.errorStack,
    },
  };
}

function isDetected({ detectedBy }: DialectTable, headers: ForeignHeaders): boolean {
  return detectedBy.some((names) => names.every((name) => headers.has(name)));
}

function readByTable(table: DialectTable, headers: ForeignHeaders): DialectReading {
  const { fields } = table;
  const ofOrigin = <T>(field?: DialectField<T>): T | null => headers.read(field, table.origin);
  const other = <T>(field?: DialectField<T>): T | null => headers.read(field, table.others);
  const topic = ofOrigin(fields.topic);
  const position = {
    partition: ofOrigin(fields.partition),
    offset: ofOrigin(fields.offset),
    timestamp: ofOrigin(fields.timestamp),
  };
  return {
    dialect: table.dialect,
    origin: topic === null ? null : { topic, ...position },
    hops: headers.count(headers.nameOf(fields.topic)),
    group: other(fields.group),
    retryCount: other(fields.retryCount),
    reason: null,
    error: {
      kind: null,
      class: other(fields.class),
      code: null,
      message: other(fields.message),
      stack: other(fields.stack),
      stage: other(fields.stage),
      causeClass: other(fields.causeClass),
      causeMessage: other(fields.causeMessage),
    },
  };
}

function ownPosition(record: Pick<KafkaRecord, keyof CompleteOrigin>): CompleteOrigin {
  const { topic, partition, offset, timestamp } = record;
  return { topic, partition, offset, timestamp: timestamp < 0 ? null : timestamp };
}

/** SLC-INT-004. */
function isComplete(origin: ForeignOrigin | null): origin is CompleteOrigin {
  return origin !== null && origin.partition !== null && origin.offset !== null;
}

function payloadOf(
  value: Uint8Array | null,
  envelope: Envelope | null,
  dialects: readonly DialectReading[],
): ForeignDeadLetter["payload"] {
  if (value !== null) return "present";
  if (envelope?.truncated.includes("value")) return "dropped";
  // Share groups copy the payload only when they are told to.
  return dialects.some(({ dialect }) => dialect === "kip1191") ? "unknown" : "null";
}

/** The headers of a record by name, and what is wrong with those that were read. */
class ForeignHeaders {
  readonly #byName = new Map<string, { first: Value; last: Value; count: number }>();
  readonly anomalies: string[] = [];

  constructor(headers: Headers) {
    for (const [name, value] of headers) {
      const known = this.#byName.get(name);
      if (known === undefined) {
        this.#byName.set(name, { first: value, last: value, count: 1 });
      } else {
        known.last = value;
        known.count++;
      }
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  count(name: string): number {
    return this.#byName.get(name)?.count ?? 0;
  }

  /** The name that a field is read from: an older one counts only where the newer does not occur. */
  nameOf({ names }: DialectField<unknown>): string {
    return names.find((name) => this.has(name)) ?? names[0]!;
  }

  /** Null when the dialect has no such field, or its header is absent, null or malformed. */
  read<T>(field: DialectField<T> | undefined, occurrence: Occurrence): T | null {
    if (field === undefined) return null;
    const name = this.nameOf(field);
    const value = this.#byName.get(name)?.[occurrence] ?? null;
    if (value === null) return null;
    const said = field.form(value);
    if (said === null) this.anomalies.push(`malformed:${name}`);
    return said;
  }
}

type Value = Uint8Array | null;
