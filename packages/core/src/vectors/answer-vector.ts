import { commitMetadataDecode, commitMetadataEncode } from "./commit-metadata.ts";
import { deadLetterRead } from "./dead-letter-read.ts";
import { envelopeDecode } from "./envelope-decode.ts";
import { UnsupportedOperationError } from "./errors.ts";
import { gateTrace } from "./gate-trace.ts";
import { laneTrace } from "./lane-trace.ts";
import { move } from "./move.ts";
import { partition } from "./partition.ts";
import { replayPlan } from "./replay.ts";
import { backoffDelay, retryDecision, retryPolicyCheck } from "./retry.ts";
import { boundText, stampTraceId } from "./text.ts";

/** From JSON to JSON, as Appendix D of the specification describes it. */
type Operation = (input: unknown) => Record<string, unknown>;

/** One line an operation; each lives in the file named for it. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  Partition: partition,
  RetryPolicyCheck: retryPolicyCheck,
  BackoffDelay: backoffDelay,
  RetryDecision: retryDecision,
  BoundText: boundText,
  StampTraceId: stampTraceId,
  EnvelopeDecode: envelopeDecode,
  Move: move,
  ReplayPlan: replayPlan,
  DeadLetterRead: deadLetterRead,
  CommitMetadataEncode: commitMetadataEncode,
  CommitMetadataDecode: commitMetadataDecode,
  GateTrace: gateTrace,
  LaneTrace: laneTrace,
};

/** The operations that {@link answerVector} has, for a subject's `hello`. */
export const VECTOR_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/**
 * What this implementation answers to a vector.
 *
 * @throws UnsupportedOperationError for an operation that it does not have
 * @throws VectorInputError for an input that has not the form of Appendix D
 */
export function answerVector(op: string, input: unknown): Record<string, unknown> {
  if (!Object.hasOwn(OPERATIONS, op)) throw new UnsupportedOperationError(op, VECTOR_OPERATIONS);
  return (OPERATIONS[op] as Operation)(input);
}
