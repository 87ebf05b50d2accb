import type { Outcome, PortErrorKind } from "@sluice/core";
import { PortError } from "@sluice/core";
import { errorName } from "./internals.ts";

/** The port's error for a code that a broker answered. */
export function errorOfCode(code: number, doing: string, outcome: Outcome = "failed"): PortError {
  return new PortError(`${doing}: ${errorName(code)} (${code})`, {
    kind: kindOfCode(code),
    outcome,
    code,
  });
}

/**
 * The port's error for whatever kafkajs threw. kafkajs wraps: its `KafkaJSNonRetriableError` and
 * `KafkaJSNumberOfRetriesExceeded` say `retriable: false` over a cause that is (T15), so the
 * innermost error decides.
 */
export function toPortError(thrown: unknown, doing: string, outcome: Outcome): PortError {
  if (thrown instanceof PortError) return thrown;
  const chain = causes(thrown);
  const telling = chain.findLast((error) => isTelling(error)) ?? chain.at(-1);
  const code = telling === undefined ? undefined : codeOf(telling);
  const message = telling?.message ?? String(thrown);
  return new PortError(`${doing}: ${message}`, {
    kind: kindOf(telling),
    outcome,
    cause: thrown,
    ...(code === undefined ? {} : { code }),
  });
}

/** True when nothing can have reached the broker: it was never connected. */
export function wasNeverSent(thrown: unknown): boolean {
  return causes(thrown).some(
    (error) =>
      (error as { code?: unknown }).code === "ECONNREFUSED" ||
      /Connection timeout|Not connected|Broker not connected|^no connection to /.test(
        error.message,
      ),
  );
}

/** Kafka's code of the innermost protocol error, if there is one. */
export function kafkaCode(thrown: unknown): number | undefined {
  for (const error of causes(thrown).reverse()) {
    const code = codeOf(error);
    if (code !== undefined) return code;
  }
  return undefined;
}

const BY_CODE: ReadonlyMap<number, PortErrorKind> = new Map(
  Object.entries({
    retriable: [
      2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 71, 72, 74, 75, 77, 78, 79, 88, 89,
      100, 103,
    ],
    rebalancing: [27],
    fenced: [22, 25, 45, 46, 47, 59, 67, 82, 90, 110, 111, 113],
    rejected: [10, 18, 28, 32, 43, 68, 86, 87],
    "metadata-too-large": [12],
    authentication: [33, 34, 58],
    authorization: [29, 30, 31, 53, 54, 55, 65],
    configuration: [17, 21, 23, 24, 26, 35, 36, 37, 38, 39, 40, 42, 44, 76, 81],
  } satisfies Partial<Record<PortErrorKind, number[]>>).flatMap(([kind, codes]) =>
    codes.map((code) => [code, kind as PortErrorKind] as const),
  ),
);

const BY_NAME: ReadonlyMap<string, PortErrorKind> = new Map([
  ["KafkaJSSASLAuthenticationError", "authentication"],
  ["KafkaJSConnectionError", "retriable"],
  ["KafkaJSConnectionClosedError", "retriable"],
  ["KafkaJSRequestTimeoutError", "retriable"],
  ["KafkaJSBrokerNotFound", "retriable"],
  ["KafkaJSGroupCoordinatorNotFound", "retriable"],
  ["KafkaJSMetadataNotLoaded", "retriable"],
  ["KafkaJSTopicMetadataNotLoaded", "retriable"],
  ["KafkaJSStaleTopicMetadataAssignment", "retriable"],
  ["KafkaJSNoBrokerAvailableError", "retriable"],
  ["KafkaJSLockTimeout", "retriable"],
  ["KafkaJSNotImplemented", "configuration"],
  ["KafkaJSServerDoesNotSupportApiKey", "configuration"],
]);

const NETWORK = /^(E[A-Z]+|ERR_(SSL|TLS|SOCKET)_[A-Z_]+)$/;

function kindOfCode(code: number): PortErrorKind {
  return BY_CODE.get(code) ?? "fatal";
}

function kindOf(error: Error | undefined): PortErrorKind {
  if (error === undefined) return "fatal";
  const code = codeOf(error);
  if (code !== undefined) return kindOfCode(code);
  const byName = BY_NAME.get(error.name);
  if (byName !== undefined) return byName;
  const { code: system, retriable } = error as { code?: unknown; retriable?: unknown };
  if (typeof system === "string" && NETWORK.test(system)) return "retriable";
  if (/^no connection to |Broker not connected/.test(error.message)) return "retriable";
  return retriable === true ? "retriable" : "fatal";
}

function isTelling(error: Error): boolean {
  return codeOf(error) !== undefined || BY_NAME.has(error.name);
}

function codeOf(error: Error): number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "number" && code > 0 ? code : undefined;
}

/** The error and what caused it, outermost first. kafkajs gathers several in lists: the first. */
function causes(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 10; error = inner(error)) {
    chain.push(error);
  }
  return chain;
}

function inner(error: Error): unknown {
  const { errors, groups } = error as {
    errors?: readonly unknown[];
    groups?: readonly { readonly error?: unknown }[];
  };
  return error.cause ?? errors?.[0] ?? groups?.[0]?.error;
}
