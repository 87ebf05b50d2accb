import { UnsupportedOperationError } from "./errors.ts";
import { partition } from "./partition.ts";

/** From JSON to JSON, as Appendix D of the specification describes it. */
type Operation = (input: unknown) => Record<string, unknown>;

/** One line an operation; each lives in the file named for it. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  Partition: partition,
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
