import type { ApiName, Broker, ResponseOf } from "./internals.ts";
import { breakConnection, call } from "./internals.ts";
import { wasNeverSent } from "./errors.ts";
import { Backoff, delay, TIMED_OUT, within } from "./waiting.ts";

/** No answer from the coordinator in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** True when a request may have reached it all the same. */
  readonly mayHaveArrived: boolean;

  constructor(mayHaveArrived: boolean, ms: number, cause: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    super(`the group's coordinator did not answer within ${Math.round(ms)} ms${why}`, { cause });
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
const MOVED: ReadonlySet<number> = new Set([14, 15, 16]);

/**
 * Requests to the group's coordinator, wherever it is now. kafkajs looks it up once per join: after
 * a coordinator's restart its commits and heartbeats fail for ever (kafkajs#1152).
 */
export class Coordinator {
  readonly #find: () => Promise<Broker>;
  /** A connection that has been silent for this long is broken and made anew. */
  readonly #attemptMs: number;
  #broker: Broker | null = null;
  #finding: Promise<Broker> | null = null;

  /** @param find looks the coordinator up; must be kafkajs' own, not the one that is the revoke point */
  constructor(find: () => Promise<Broker>, attemptMs: number) {
    this.#find = find;
    this.#attemptMs = attemptMs;
  }

  /** kafkajs has found it. */
  found(broker: Broker): void {
    this.#broker = broker;
  }

  /**
   * Sends until there is an answer from the one broker that can give it.
   * @param codeOf the code that concerns the whole request
   * @param signal once it fires nothing is sent any more; what has been sent is still waited for
   * @throws NoAnswer after `timeoutMs`, or when there is none and `signal` has fired
   */
  async send<A extends ApiName>(
    api: A,
    args: object,
    codeOf: (response: ResponseOf<A>) => number,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<ResponseOf<A>> {
    const deadline = performance.now() + timeoutMs;
    const left = (): number => deadline - performance.now();
    const backoff = new Backoff(50, 500);
    let mayHaveArrived = false;
    let last: unknown;
    do {
      let broker: Broker | null = null;
      try {
        const found = await within(this.#locate(), left());
        if (found === TIMED_OUT) break;
        if (signal?.aborted === true) break;
        broker = found;
        const limit = Math.min(left(), this.#attemptMs);
        const response = await within(call(broker, api, args), limit);
        if (response !== TIMED_OUT) {
          const code = codeOf(response);
          if (!MOVED.has(code)) return response;
          last = new Error(`code ${code}`);
        } else {
          mayHaveArrived = true;
          last = new Error(`no answer from ${address(broker)}`);
          // Silent for long enough: whatever else waits there is better off on a new connection.
          if (limit >= this.#attemptMs) breakConnection(broker, 0, "no answer in time");
        }
      } catch (thrown) {
        last = thrown;
        if (broker !== null && !wasNeverSent(thrown)) mayHaveArrived = true;
      }
      if (this.#broker === broker) this.#broker = null;
      if (left() > 0) await delay(Math.min(left(), backoff.next()), signal);
    } while (left() > 0 && signal?.aborted !== true);
    throw new NoAnswer(mayHaveArrived, timeoutMs, last);
  }

  #locate(): Promise<Broker> {
    if (this.#broker !== null) return Promise.resolve(this.#broker);
    // A broker that is silent must not be waited for: the next attempt asks another one.
    this.#finding ??= within(this.#find(), this.#attemptMs)
      .then((broker) => {
        if (broker === TIMED_OUT) throw new Error("no broker said who coordinates the group");
        return (this.#broker = broker);
      })
      .finally(() => (this.#finding = null));
    return this.#finding;
  }
}

function address({ connectionPool }: Broker): string {
  return `${connectionPool.host}:${connectionPool.port}`;
}
