import { HEADER, LIMIT, WIRE_VERSION } from "@sluice/spec";
import type { DeadLetterCause } from "../engine/outcome.ts";
import type {
  Header,
  Headers,
  KafkaRecord,
  OutgoingRecord,
  TopicPartition,
} from "../port/record.ts";
import {
  integerHeader,
  lastValue,
  readInteger,
  textHeader,
  untrustedTextHeader,
} from "./header-values.ts";
import { originHeaders, readOrigin } from "./origin.ts";
import { encodeBounded } from "./utf8.ts";

export interface DeadLetterInput {
  readonly record: KafkaRecord;
  /** The consumer group that gives the record up. */
  readonly group: string;
  readonly cause: DeadLetterCause;
  /** Where it goes; the partition is the source's modulo the target's count (SLC-DLQ-002). */
  readonly target: TopicPartition;
  /** Milliseconds since the Unix epoch; the dead letter's own timestamp. */
  readonly now: number;
  /**
   * The record was read from a topic that only Sluice writes, so that its `sluice-*` headers are
   * its history and not a producer's claim (SLC-SEC-001).
   * @defaultValue false
   */
  readonly trusted?: boolean;
}

/**
 * The dead letter of a record: key, value and foreign headers byte for byte, in order and with
 * repeats (SLC-DLQ-001), then what Sluice knows about the failure.
 */
export function deadLetterRecord(input: DeadLetterInput): OutgoingRecord {
  const { record, target, now, trusted = false } = input;
  const history = trusted ? record.headers : [];
  const keepsOrigin = readOrigin(history) !== null;
  const isReplaced = ([name]: Header): boolean => {
    if (REPLACED.has(name)) return true;
    return WRITTEN_ONCE.some((prefix) => name.startsWith(prefix)) && !keepsOrigin;
  };
  return {
    topic: target.topic,
    partition: target.partition,
    key: record.key,
    value: record.value,
    // The broker deletes by timestamp: with the source's an old record would be gone at once.
    timestamp: now,
    headers: [
      ...record.headers.filter((header) => !isReplaced(header)),
      ...(keepsOrigin ? [] : originHeaders(record)),
      ...failureHeaders(input, keepsOrigin ? record.headers : []),
    ],
  };
}

/** Replaced on each writing: all of the name removed, one added (SLC-ENV-003). */
const REPLACED: ReadonlySet<string> = new Set([
  HEADER.spec,
  HEADER.retryCount,
  HEADER.retryAt,
  HEADER.retryPolicy,
  HEADER.group,
  HEADER.firstFailedAt,
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

/**
 * Kept with the origin they describe, and dropped with it: on a source topic a producer could aim a
 * replay elsewhere with them (SLC-SEC-001). A prefix each, so that later additions are covered.
 */
const WRITTEN_ONCE: readonly string[] = ["sluice-origin-", "sluice-replay", HEADER.truncated];

function failureHeaders({ group, cause }: DeadLetterInput, history: Headers): Header[] {
  const { error } = cause;
  const headers: Header[] = [
    textHeader(HEADER.spec, WIRE_VERSION),
    [HEADER.group, encodeBounded(group, LIMIT.groupBytes)],
    // SLC-DLQ-004: retries, not attempts; a reader adds one.
    integerHeader(HEADER.retryCount, Math.min(LIMIT.retryCount, cause.attempts - 1)),
    integerHeader(
      HEADER.firstFailedAt,
      readInteger(history, HEADER.firstFailedAt) ?? cause.firstFailedAt,
    ),
    integerHeader(HEADER.failedAt, cause.failedAt),
    textHeader(HEADER.dlqReason, cause.reason),
    textHeader(HEADER.errorKind, error.kind),
  ];
  if (error.class !== "") {
    headers.push(untrustedTextHeader(HEADER.errorClass, error.class, LIMIT.errorClassBytes));
  }
  if (error.code !== undefined && error.code !== "") {
    headers.push(untrustedTextHeader(HEADER.errorCode, error.code, LIMIT.errorCodeBytes));
  }
  headers.push(
    untrustedTextHeader(HEADER.errorMessage, error.message, LIMIT.errorMessageBytes),
    integerHeader(HEADER.hops, hopsAfter(history)),
  );
  return headers;
}

/** SLC-ENV-007: a counter that cannot be read has reached its limit, or one bad byte loops for ever. */
function hopsAfter(history: Headers): number {
  if (lastValue(history, HEADER.hops) === null) return 1;
  return Math.min(LIMIT.hops, (readInteger(history, HEADER.hops) ?? LIMIT.hops) + 1);
}
