import { PortError, type Outcome, type PortErrorKind } from "@sluice/core";

/** Codes by name where the adapter decides on them. */
export const ERR = {
  assignPartitions: -175,
  revokePartitions: -174,
  fatal: -150,
  maxPollExceeded: -147,
  queueFull: -184,
  unknownPartition: -190,
  transport: -195,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  recordListTooLarge: 18,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  topicAlreadyExists: 36,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  staleMemberEpoch: 113,
} as const;

const kinds: ReadonlyMap<number, PortErrorKind> = new Map<number, PortErrorKind>([
  ...each("backpressure", [-184]),
  // 22 and 113 arrive also while the next generation is on its way: the member may still own the
  // partition, and whether it does is known from the assignment, not from the code.
  ...each("rebalancing", [16, 22, 27, 113]),
  ...each("fenced", [25, 47, 82, 90, 110, 111, -144, -147]),
  ...each("rejected", [2, 10, 18, 32, 87, 68]),
  ...each("metadata-too-large", [12]),
  ...each("authentication", [33, 34, 58, -169, -181]),
  ...each("authorization", [29, 30, 31, 53]),
  ...each("configuration", [3, 17, 37, 38, 44, -186, -188, -190]),
  ...each("fatal", [-150]),
]);

/** Codes with which a record or a commit certainly did not take effect, whatever was retried. */
const certainlyFailed: ReadonlySet<number> = new Set([
  2, 3, 10, 12, 16, 17, 18, 22, 25, 27, 29, 30, 32, 38, 68, 82, 87, 110, 111, 113, -152, -184, -190,
]);

/** What a driver should do about an error code; an unknown one is worth trying again. */
export function kindOf(code: number): PortErrorKind {
  return kinds.get(code) ?? "retriable";
}

/**
 * librdkafka sends again by itself, so a last error says nothing about the first attempt (a lost
 * acknowledgement ends as "timed out"): only what the broker or the local queue refuses for the
 * record's own sake is certain.
 */
export function outcomeOf(code: number): Outcome {
  return certainlyFailed.has(code) ? "failed" : "unknown";
}

/** @param what what was being done, e.g. `committing payments-3@17` */
export function portError(what: string, cause: unknown, outcome?: Outcome): PortError {
  const { code, message } = asNative(cause);
  return new PortError(`rdkafka: ${what}: ${message}`, {
    kind: kindOf(code),
    outcome: outcome ?? outcomeOf(code),
    code,
    cause,
  });
}

/** Errors of whole partitions come without a code, but with librdkafka's fixed text for it. */
export function asNative(error: unknown): { code: number; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === "string" ? message : String(error);
  if (typeof code === "number" && code !== -1) return { code, message: text };
  return { code: codeOf(text), message: text };
}

function codeOf(text: string): number {
  if (/unknown member/i.test(text)) return ERR.unknownMemberId;
  if (/member epoch is stale|stale member epoch/i.test(text)) return ERR.staleMemberEpoch;
  if (/authentication/i.test(text)) return -169;
  return -1;
}

function each(kind: PortErrorKind, codes: readonly number[]): [number, PortErrorKind][] {
  return codes.map((code) => [code, kind]);
}
