export { answerVector, VECTOR_OPERATIONS } from "./answer-vector.ts";
export { UnsupportedOperationError, VectorInputError } from "./errors.ts";
export type { VectorErrorCode } from "./errors.ts";
