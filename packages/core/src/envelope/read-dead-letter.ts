import { ERROR_KINDS, HEADER, LIMIT } from "@sluice/spec";
import type { ErrorKind } from "../engine/outcome.ts";
import type { Headers } from "../port/record.ts";
import { lastValue, readInteger, readText } from "./header-values.ts";
import { readOrigin } from "./origin.ts";
import type { Origin } from "./origin.ts";

/** What the headers of a dead letter say. A field is null when its header is absent or malformed. */
export interface DeadLetterInfo {
  /** Value of `sluice-spec`; another major version than "1" must not be taken for a fresh record. */
  readonly wireVersion: string;
  readonly origin: Origin | null;
  readonly group: string | null;
  /** Attempts made: `sluice-retry-count` plus one (SLC-DLQ-004). */
  readonly attempts: number | null;
  readonly firstFailedAt: number | null;
  readonly failedAt: number | null;
  /** One of `DLQ_REASONS`, or what a later version wrote. */
  readonly reason: string | null;
  readonly error: {
    /** `unknown` also for a kind that this version does not know. */
    readonly kind: ErrorKind;
    readonly class: string | null;
    readonly code: string | null;
    readonly message: string | null;
  };
  readonly hops: number | null;
  /** Parts that a writer had to drop, see `TRUNCATED_PARTS`. */
  readonly truncated: readonly string[];
  /** Names of headers that are there but cannot be read. */
  readonly malformed: readonly string[];
}

/** Reads a dead letter; null when no Sluice wrote it. Never throws. */
export function readDeadLetter(headers: Headers): DeadLetterInfo | null {
  const wireVersion = readText(headers, HEADER.spec);
  if (wireVersion === null) return null;
  const retries = readCount(headers, HEADER.retryCount, LIMIT.retryCount);
  return {
    wireVersion,
    origin: readOrigin(headers),
    group: readText(headers, HEADER.group),
    attempts: retries === null ? null : retries + 1,
    firstFailedAt: readInteger(headers, HEADER.firstFailedAt),
    failedAt: readInteger(headers, HEADER.failedAt),
    reason: readText(headers, HEADER.dlqReason),
    error: {
      kind: readKind(headers),
      class: readText(headers, HEADER.errorClass),
      code: readText(headers, HEADER.errorCode),
      message: readText(headers, HEADER.errorMessage),
    },
    hops: readInteger(headers, HEADER.hops),
    truncated: readText(headers, HEADER.truncated)?.split(",") ?? [],
    malformed: malformedHeaders(headers),
  };
}

function readKind(headers: Headers): ErrorKind {
  const text = readText(headers, HEADER.errorKind);
  return ERROR_KINDS.find((kind) => kind === text) ?? "unknown";
}

function readCount(headers: Headers, name: string, max: number): number | null {
  const count = readInteger(headers, name);
  return count === null || count > max ? null : count;
}

const INTEGERS = [
  HEADER.retryCount,
  HEADER.firstFailedAt,
  HEADER.failedAt,
  HEADER.hops,
  HEADER.originPartition,
  HEADER.originOffset,
  HEADER.originTimestamp,
];
const TEXTS = [
  HEADER.group,
  HEADER.dlqReason,
  HEADER.errorKind,
  HEADER.errorClass,
  HEADER.errorCode,
  HEADER.errorMessage,
  HEADER.truncated,
];

function malformedHeaders(headers: Headers): string[] {
  const present = (name: string): boolean => lastValue(headers, name) !== null;
  const malformed: string[] = [
    ...INTEGERS.filter((name) => present(name) && readInteger(headers, name) === null),
    ...TEXTS.filter((name) => present(name) && readText(headers, name) === null),
  ];
  if (present(HEADER.originTopic) && readOrigin(headers) === null) {
    malformed.push(HEADER.originTopic);
  }
  return malformed;
}
