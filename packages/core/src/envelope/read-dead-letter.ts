import { ERROR_KINDS, HEADER, LIMIT, ORIGIN_HEADERS } from "@sluice/spec";
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
  const malformed: string[] = [];
  /** Notes a header that is there though nothing could be read from it. */
  const noted = <T>(name: string, value: T | null): T | null => {
    if (value === null && lastValue(headers, name) !== null) malformed.push(name);
    return value;
  };
  const text = (name: string): string | null => noted(name, readText(headers, name));
  const integer = (name: string, max = Number.MAX_SAFE_INTEGER): number | null => {
    const value = readInteger(headers, name);
    return noted(name, value === null || value > max ? null : value);
  };

  const origin = readOrigin(headers);
  if (origin === null) for (const name of ORIGIN_HEADERS) noted(name, null);
  const retries = integer(HEADER.retryCount, LIMIT.retryCount);
  const kind = text(HEADER.errorKind);
  return {
    wireVersion,
    origin,
    group: text(HEADER.group),
    attempts: retries === null ? null : retries + 1,
    firstFailedAt: integer(HEADER.firstFailedAt),
    failedAt: integer(HEADER.failedAt),
    reason: text(HEADER.dlqReason),
    error: {
      kind: ERROR_KINDS.find((known) => known === kind) ?? "unknown",
      class: text(HEADER.errorClass),
      code: text(HEADER.errorCode),
      message: text(HEADER.errorMessage),
    },
    hops: integer(HEADER.hops),
    truncated: text(HEADER.truncated)?.split(",") ?? [],
    malformed,
  };
}
