import { FOREIGN_HEADER, HEADER, LIMIT, WIRE_VERSION } from "@sluice/spec";
import type { SpecErrorKind } from "@sluice/spec";
import type { KafkaRecord } from "../port/record.ts";
import { errorKindOf } from "./error-kind.ts";
import {
  anyText,
  integer,
  messageId,
  position,
  replayId,
  text,
  token,
  tokenList,
} from "./forms.ts";
import type { Position } from "./forms.ts";
import { HeaderReader } from "./header-reader.ts";
import { parseHistory } from "./history.ts";
import type { History } from "./history.ts";
import { readOrigin } from "./origin.ts";
import type { Origin } from "./origin.ts";
import { readTrace } from "./trace-context.ts";
import type { TraceContext } from "./trace-context.ts";

/**
 * What the headers of a record say. What is absent or malformed is null; a counter that is absent is
 * 0, and one that is malformed has its greatest value. Times are milliseconds since the Unix epoch.
 */
export interface Envelope {
  /** `fresh`: no mover wrote it. `unsupported`: one of another wire version did; do not handle it. */
  readonly disposition: Disposition;
  /** The integer of `sluice-spec`. */
  readonly wireVersion: number | null;

  /** Stable over retries, dead letters and replays (SLC-ENV-011). */
  readonly messageId: string;
  readonly messageIdSource: MessageIdSource;
  readonly messageType: string | null;
  readonly messageVersion: number | null;
  /** The producer's, else the message id (SLC-ENV-024). */
  readonly idempotencyKey: string;

  /** Where the record was first written; null for one that was not moved. */
  readonly origin: Origin | null;
  /** Consumer group that moved it. */
  readonly group: string | null;
  /** Retries made; the next attempt of a retry has this number plus one. */
  readonly retryCount: number;
  readonly retryAt: number | null;
  readonly retryPolicy: string | null;
  readonly firstFailedAt: number | null;
  readonly failedAt: number | null;
  /** `unknown` also for a kind that this version does not know (SLC-REG-001). */
  readonly errorKind: SpecErrorKind | null;
  readonly errorClass: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorStack: string | null;
  readonly history: History | null;
  /** One of `DLQ_REASONS`, or what a later version wrote. */
  readonly dlqReason: string | null;

  readonly replayId: string | null;
  readonly replayCount: number;
  readonly replayedAt: number | null;
  /** The dead letter that was replayed. */
  readonly replayedFrom: Position | null;

  /** Moves so far. */
  readonly hops: number;
  /** Parts that a mover had to drop, see `TRUNCATED_PARTS`. */
  readonly truncated: readonly string[];

  readonly trace: TraceContext | null;
  /** That of the trace context, else the `X-Trace-ID` (SLC-ENV-028). */
  readonly traceId: string | null;

  /** What is wrong with the headers: `code:name`, see `ANOMALY_CODES` (SLC-ENV-021). */
  readonly anomalies: readonly string[];
}

export type Disposition = "fresh" | "moved" | "unsupported";
export type MessageIdSource = "sluice" | "cloudevents" | "debezium" | "origin" | "position";

export interface ReadEnvelopeOptions {
  /**
   * The topic is one that only processors and replayers write to, so that its reserved headers are
   * their words and not a producer's claim (SLC-SEC-001, SLC-SEC-006).
   */
  readonly trusted: boolean;
  /** Id of the cluster, for the message id. @defaultValue null: not known */
  readonly cluster?: string | null;
  /** Take the header `id` of Debezium's outbox for the message id. @defaultValue false */
  readonly idHeader?: boolean;
}

const INTEGER = integer();
const RETRY_COUNT = integer(LIMIT.retryCount);
const REPLAY_COUNT = integer(LIMIT.replayCount);
const HOPS = integer(LIMIT.hops);

/** Reads the headers of a record. Never throws, whatever bytes they have (SLC-CNV-002). */
export function readEnvelope(
  record: Pick<KafkaRecord, "topic" | "partition" | "offset" | "headers">,
  { trusted, cluster = null, idHeader = false }: ReadEnvelopeOptions,
): Envelope {
  const reader = new HeaderReader(record.headers, trusted);
  const wireVersion = reader.read(HEADER.spec, INTEGER);
  const origin = readOrigin(reader);
  const identity = readIdentity(reader, record, origin, cluster, idHeader);
  const said = {
    disposition: dispositionOf(reader, wireVersion),
    wireVersion,
    ...identity,
    messageType: readMessageType(reader),
    messageVersion: reader.read(HEADER.messageVersion, INTEGER),
    idempotencyKey: reader.read(HEADER.idempotencyKey, text) ?? identity.messageId,
    origin,
    group: reader.read(HEADER.group, text),
    retryCount: reader.counter(HEADER.retryCount, RETRY_COUNT, LIMIT.retryCount),
    retryAt: reader.read(HEADER.retryAt, INTEGER),
    retryPolicy: reader.read(HEADER.retryPolicy, text),
    firstFailedAt: reader.read(HEADER.firstFailedAt, INTEGER),
    failedAt: reader.read(HEADER.failedAt, INTEGER),
    errorKind: readErrorKind(reader),
    errorClass: reader.read(HEADER.errorClass, text),
    errorCode: reader.read(HEADER.errorCode, text),
    errorMessage: reader.read(HEADER.errorMessage, anyText),
    errorStack: reader.read(HEADER.errorStack, anyText),
    history: reader.read(HEADER.history, parseHistory),
    dlqReason: reader.read(HEADER.dlqReason, token),
    replayId: reader.read(HEADER.replayId, replayId),
    replayCount: reader.counter(HEADER.replayCount, REPLAY_COUNT, LIMIT.replayCount),
    replayedAt: reader.read(HEADER.replayedAt, INTEGER),
    replayedFrom: reader.read(HEADER.replayedFrom, position),
    hops: reader.counter(HEADER.hops, HOPS, LIMIT.hops),
    truncated: reader.read(HEADER.truncated, tokenList) ?? [],
    ...readTrace(reader),
  };
  return { ...said, anomalies: reader.anomalies };
}

/** Of a source topic `sluice-spec` counts as absent, so that its records are always fresh. */
function dispositionOf(reader: HeaderReader, wireVersion: number | null): Disposition {
  if (!reader.isThere(HEADER.spec)) return "fresh";
  return String(wireVersion) === WIRE_VERSION ? "moved" : "unsupported";
}

/** SLC-ENV-011. */
function readIdentity(
  reader: HeaderReader,
  record: Pick<KafkaRecord, "topic" | "partition" | "offset">,
  origin: Origin | null,
  cluster: string | null,
  idHeader: boolean,
): Pick<Envelope, "messageId" | "messageIdSource"> {
  // All are read, also those that do not count: their anomalies are told all the same.
  const own = reader.read(HEADER.messageId, messageId);
  const source = reader.read(FOREIGN_HEADER.cloudEventSource, anyText);
  const id = reader.read(FOREIGN_HEADER.cloudEventId, anyText);
  const outbox = idHeader ? reader.read(FOREIGN_HEADER.id, anyText) : null;
  if (own !== null) return { messageId: own, messageIdSource: "sluice" };
  if (source && id) return { messageId: `${source}\n${id}`, messageIdSource: "cloudevents" };
  if (outbox) return { messageId: outbox, messageIdSource: "debezium" };
  const { topic, partition, offset } = origin ?? record;
  return {
    messageId: `${origin?.cluster ?? cluster ?? ""}:${topic}:${partition}:${offset}`,
    messageIdSource: origin === null ? "position" : "origin",
  };
}

/** SLC-ENV-023. An empty `ce_type` says nothing. */
function readMessageType(reader: HeaderReader): string | null {
  const cloudEvent = reader.read(FOREIGN_HEADER.cloudEventType, anyText) || null;
  const own = reader.read(HEADER.messageType, text);
  if (cloudEvent !== null && own !== null && cloudEvent !== own) {
    reader.note("conflict", HEADER.messageType);
  }
  return cloudEvent ?? own;
}

function readErrorKind(reader: HeaderReader): SpecErrorKind | null {
  const given = reader.read(HEADER.errorKind, token);
  if (given === null) return null;
  const kind = errorKindOf(given);
  if (kind !== given) reader.note("unknown-value", HEADER.errorKind);
  return kind;
}
