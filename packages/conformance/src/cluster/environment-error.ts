/**
 * Something outside the project is missing or unfit: a JDK, Maven, a reachable broker. It is no
 * verdict about a subject; the command line ends with 4 and prints the remedy instead of a stack.
 */
export class EnvironmentError extends Error {
  override readonly name: string = "EnvironmentError";
  /** What to install or to change, in one or two sentences. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
