/** A user's mistake in the configuration: says where, what is wrong and what to do instead. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** Where in the configuration, e.g. `retry.backoff.maxMs` or `brokers[0]`. */
  readonly path: string;

  /**
   * @param problem what is wrong, without the path and without a full stop
   * @param advice what to do, a sentence
   */
  constructor(path: string, problem: string, advice?: string) {
    super(`${path}: ${problem}.${advice === undefined ? "" : ` ${advice}`}`);
    this.path = path;
  }
}
