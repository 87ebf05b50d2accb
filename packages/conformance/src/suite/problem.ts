/** What is wrong with a file of the suite, and where in it. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A file of the suite that cannot be used: exit code 3. The message names every problem and its place. */
export class SuiteFileError extends Error {
  override readonly name = "SuiteFileError";
}
