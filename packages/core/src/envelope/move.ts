import { HEADER, LIMIT, ORIGIN_PREFIX, WIRE_VERSION } from "@sluice/spec";
import type { HeaderName, MoveRefusal } from "@sluice/spec";
import type { Header, KafkaRecord, OutgoingRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import { neutralise } from "./error-text.ts";
import { fit } from "./fit.ts";
import { token } from "./forms.ts";
import { isReserved } from "./header-reader.ts";
import { extendHistory, formatHistory, historyCode } from "./history.ts";
import { targetPartition } from "./origin.ts";
import { encodeBounded, utf8Length } from "./utf8.ts";

export type Move = RetryMove | DeadLetterMove;

export interface DeadLetterMove extends MoveOfFailed {
  readonly move: "dead-letter";
  /** Of `DLQ_REASONS`; another token is written as it is. */
  readonly reason: string;
}

export interface RetryMove extends MoveOfFailed {
  readonly move: "retry";
  /** The next attempt does not begin before it. */
  readonly retryAt: number;
  /** Name of the policy. */
  readonly retryPolicy: string | null;
}

/** Times are milliseconds since the Unix epoch. */
interface MoveOfFailed {
  readonly record: KafkaRecord;
  /** As for {@link readEnvelope}. */
  readonly trusted: boolean;
  /** The consumer group that moves the record. */
  readonly group: string;
  /** Attempts made, at least 1. */
  readonly attempts: number;
  readonly error: MoveError;
  /** Write the stack: it may hold secrets (SLC-SEC-004). @defaultValue false */
  readonly writeStack?: boolean;
  /** Takes secrets out of the texts of the error, before anything else is done to them (SLC-SEC-005). */
  readonly redact?: Redact;
  readonly firstFailedAt: number;
  readonly failedAt: number;
  /** The time of writing, which is the timestamp of the move (SLC-DLQ-005). */
  readonly now: number;
  /** Of the record's topic; null when it is not known. */
  readonly cluster: string | null;
  readonly partitionCount: number | null;
  readonly leaderEpoch: number | null;
  readonly target: { readonly topic: string; readonly partitions: number };
  /** What the target takes, `max.message.bytes`, less some room for the framing of a batch. */
  readonly maxBytes: number;
}

export interface MoveError {
  /** Of `ERROR_KINDS`; another token is written as it is. */
  readonly kind: string;
  readonly class: string | null;
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | null;
}

export type Redact = (text: string, part: "class" | "code" | "message" | "stack") => string;

export type MoveResult =
  | { readonly record: OutgoingRecord; readonly refused: null }
  | { readonly record: null; readonly refused: MoveRefusal };

/**
 * The record as it is written to a retry or dead letter topic: key, value and foreign headers as they
 * are, in their places, then what Sluice knows about the failure (section 5). A record whose
 * disposition is `unsupported` is not moved but set aside, see `setAside`.
 * @throws RangeError for such a record
 */
export function moveRecord(move: Move): MoveResult {
  const { record, trusted, target } = move;
  const before = readEnvelope(record, { trusted });
  if (before.disposition === "unsupported") {
    throw new RangeError(
      `${record.topic}-${record.partition}@${record.offset} was moved with another wire version; set it aside`,
    );
  }
  if (move.move === "retry" && before.hops >= LIMIT.hops) return refused("hop-limit");
  const fitted = fit(
    {
      kept: record.headers.filter(([name]) => isKept(name, trusted, before)),
      written: writtenHeaders(move, before),
      key: record.key,
      value: record.value,
    },
    { maxBytes: move.maxBytes, dropped: before.truncated, mayDropValue: move.move !== "retry" },
  );
  if (fitted === null) return refused("too-large");
  return {
    record: {
      topic: target.topic,
      partition: targetPartition(before.origin, record, target.partitions),
      key: fitted.key,
      value: fitted.value,
      // The broker deletes by timestamp: with the origin's an old record would be gone at once.
      timestamp: move.now,
      headers: [...fitted.kept, ...fitted.written],
    },
    refused: null,
  };
}

function refused(why: MoveRefusal): MoveResult {
  return { record: null, refused: why };
}

/** Written anew by every move, or left out by one to which they do not apply. */
const REPLACED: ReadonlySet<string> = new Set<HeaderName>([
  HEADER.spec,
  HEADER.group,
  HEADER.retryCount,
  HEADER.retryAt,
  HEADER.retryPolicy,
  HEADER.failedAt,
  HEADER.errorKind,
  HEADER.errorClass,
  HEADER.errorCode,
  HEADER.errorMessage,
  HEADER.errorStack,
  HEADER.history,
  HEADER.dlqReason,
  HEADER.hops,
]);

function isKept(name: string, trusted: boolean, before: Envelope): boolean {
  if (!trusted) return !isReserved(name);
  // SLC-ENV-008, SLC-ENV-014: a prefix, so that what a later version adds goes with the rest.
  if (name.startsWith(ORIGIN_PREFIX)) return before.origin !== null;
  if (name === HEADER.firstFailedAt) return before.firstFailedAt !== null;
  return !REPLACED.has(name);
}

/** In the order of Appendix A (SLC-DLQ-010). */
function writtenHeaders(move: Move, before: Envelope): Header[] {
  const headers: Header[] = [];
  const write = (name: HeaderName, value: string | number, maxBytes = Infinity): void => {
    headers.push([name, encodeBounded(String(value), maxBytes)]);
  };
  const error = safeError(move);

  write(HEADER.spec, WIRE_VERSION);
  write(HEADER.group, move.group, LIMIT.groupBytes);
  write(HEADER.retryCount, retryCount(move));
  if (move.move === "retry") {
    write(HEADER.retryAt, move.retryAt);
    if (move.retryPolicy) write(HEADER.retryPolicy, move.retryPolicy, LIMIT.retryPolicyBytes);
  }
  if (before.origin === null) {
    const { record, cluster, partitionCount, leaderEpoch } = move;
    write(HEADER.originTopic, record.topic);
    write(HEADER.originPartition, record.partition);
    write(HEADER.originOffset, record.offset);
    // Kafka shows -1 for "no timestamp"; the wire knows no sign.
    write(HEADER.originTimestamp, Math.max(0, record.timestamp));
    // An id that is cut is no id.
    if (cluster && utf8Length(cluster) <= LIMIT.clusterBytes) write(HEADER.originCluster, cluster);
    if (partitionCount !== null) write(HEADER.originPartitionCount, partitionCount);
    if (leaderEpoch !== null) write(HEADER.originLeaderEpoch, leaderEpoch);
  }
  if (before.firstFailedAt === null) write(HEADER.firstFailedAt, move.firstFailedAt);
  write(HEADER.failedAt, move.failedAt);
  write(HEADER.errorKind, error.kind);
  if (error.class) write(HEADER.errorClass, neutralise(error.class), LIMIT.errorClassBytes);
  if (error.code) write(HEADER.errorCode, neutralise(error.code), LIMIT.errorCodeBytes);
  write(HEADER.errorMessage, neutralise(error.message), LIMIT.errorMessageBytes);
  if (error.stack) write(HEADER.errorStack, neutralise(error.stack), LIMIT.errorStackBytes);
  const entry = {
    n: move.attempts,
    at: move.failedAt,
    k: error.kind,
    c: historyCode(error.code ?? ""),
  };
  write(HEADER.history, formatHistory(extendHistory(before.history, entry)));
  if (move.move === "dead-letter") write(HEADER.dlqReason, token(move.reason) ?? "manual");
  write(HEADER.hops, Math.min(LIMIT.hops, before.hops + 1));
  return headers;
}

/** Of a retry the attempts made; of a dead letter one less, for its last was no retry (SLC-DLQ-004). */
function retryCount({ move, attempts }: Move): number {
  return Math.min(LIMIT.retryCount, move === "retry" ? attempts : attempts - 1);
}

/** What may be written of the error: redacted, without a stack unless asked for (SLC-SEC-004). */
function safeError({ error, writeStack = false, redact = unchanged }: Move): MoveError {
  const { class: name, code, message, stack } = error;
  return {
    kind: token(error.kind) ?? "unknown",
    class: name === null ? null : redact(name, "class"),
    code: code === null ? null : redact(code, "code"),
    message: redact(message, "message"),
    stack: stack === null || !writeStack ? null : redact(stack, "stack"),
  };
}

function unchanged(text: string): string {
  return text;
}
