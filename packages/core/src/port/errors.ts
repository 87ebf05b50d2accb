/**
 * What a driver should do about a client's failure. The clients' own flags are not enough: kafkajs
 * calls error 27 "not retriable", rdkafka leaves `isRetriable` undefined on delivery reports.
 *
 * - `retriable`: nothing is known to be broken; try again later.
 * - `backpressure`: the client's own queue is full; wait for `writable()`.
 * - `rebalancing`: the group is moving; the commit may be sent again in the next assignment.
 * - `fenced`: the member, generation or epoch is no longer valid; drop the epoch.
 * - `rejected`: this record will never be accepted (too large, invalid); others may.
 * - `metadata-too-large`: the commit's metadata exceeds the broker's limit (error 12).
 * - `authentication`, `authorization`, `configuration`: a person must act.
 * - `fatal`: the client object is dead.
 */
export type PortErrorKind =
  | "retriable"
  | "backpressure"
  | "rebalancing"
  | "fenced"
  | "rejected"
  | "metadata-too-large"
  | "authentication"
  | "authorization"
  | "configuration"
  | "fatal";

/**
 * Whether the request took effect: `failed` = certainly not, `unknown` = it may have (the answer
 * was lost).
 */
export type Outcome = "failed" | "unknown";

export interface PortErrorOptions {
  readonly kind: PortErrorKind;
  readonly outcome: Outcome;
  /** Kafka's error code, or librdkafka's negative one. */
  readonly code?: number;
  readonly cause?: unknown;
}

/** The one error class that crosses the port. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly kind: PortErrorKind;
  readonly outcome: Outcome;
  readonly code: number | undefined;

  constructor(message: string, options: PortErrorOptions) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.outcome = options.outcome;
    this.code = options.code;
  }
}
