/** The code that a subject answers with. */
export type VectorErrorCode = "unsupported" | "input";

/** No such operation here. */
export class UnsupportedOperationError extends Error {
  override readonly name = "UnsupportedOperationError";
  readonly code = "unsupported";

  constructor(op: string, known: readonly string[]) {
    super(`there is no operation ${JSON.stringify(op)}; known: ${known.join(", ")}`);
  }
}

/** An input that has not the form of Appendix D. */
export class VectorInputError extends Error {
  override readonly name = "VectorInputError";
  readonly code = "input";

  /**
   * @param path where it stands, e.g. `record.headers[1]`
   * @param problem what is wrong, without the path and without a full stop
   */
  constructor(path: string, problem: string) {
    super(`${path === "" ? "the input" : path}: ${problem}`);
  }
}
