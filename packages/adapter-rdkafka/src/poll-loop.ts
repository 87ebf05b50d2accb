import type { NativeConsumer, NativeMessage, PartitionEnd } from "./client.ts";
import { delay, monotonic } from "./timing.ts";

/**
 * Longest wait of one `consume` for its first message. It holds one of libuv's threads for that
 * time (trap T13): four consumers with a second each would stop every file read of the process.
 */
const WAIT_MS = 50;
/** Best in performance runs; more only makes the pauses longer. */
const BATCH = 1000;
const ERROR_BACKOFF_MS = 50;

/**
 * Calls `consume` again and again, one at a time, until stopped: also with everything paused and
 * while a rebalance waits for us, since membership, commit answers and rebalances are only served
 * inside it.
 */
export class PollLoop {
  readonly #client: NativeConsumer;
  readonly #onBatch: (messages: readonly NativeMessage[], ends: readonly PartitionEnd[]) => void;
  readonly #onError: (error: Error) => void;
  #waiting: (() => Promise<void>)[] = [];
  #ends: PartitionEnd[] = [];
  #ended: Promise<void> | undefined;
  #stopping = false;
  #stopped = false;
  /** When the last `consume` that has come back was begun. */
  #lastBegun = 0;
  /** How long after the one before that was. */
  #lastGapMs = 0;

  constructor(
    client: NativeConsumer,
    onBatch: (messages: readonly NativeMessage[], ends: readonly PartitionEnd[]) => void,
    onError: (error: Error) => void,
  ) {
    this.#client = client;
    this.#onBatch = onBatch;
    this.#onError = onError;
  }

  start(): void {
    this.#client.setDefaultConsumeTimeout(WAIT_MS);
    // Else every further message is waited for as long as the first.
    this.#client.setDefaultIsTimeoutOnlyForFirstMessage(true);
    this.#client.on("partition.eof", (end: PartitionEnd) => this.#ends.push(end));
    this.#lastBegun = monotonic();
    this.#ended = this.#run();
  }

  /**
   * For how long the client was left alone, milliseconds: never less than `max.poll.interval.ms` has
   * counted. A gap that is over still counts until the `consume` after it has come back, since what
   * the client said meanwhile may be heard after its own:
   *
   *     a consume -> the event loop is blocked -> the client revokes, and its time runs out -> a consume that takes
   *     the revocation along and comes back -> rebalance_cb
   */
  get neglectedMs(): number {
    return Math.max(this.#lastGapMs, monotonic() - this.#lastBegun);
  }

  /**
   * Runs `work` while no `consume` is under way. What a batch in flight holds was fetched before
   * any assignment that `work` makes, and has been dealt with when `work` runs: no record can be
   * taken for one of another epoch.
   */
  between<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#ended === undefined || this.#stopped) return Promise.resolve().then(work);
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => Promise.resolve().then(work).then(resolve, reject));
    });
  }

  /** Resolves when the last `consume` has come back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#serve();
      await this.#consume();
    }
    this.#stopped = true;
    await this.#serve();
  }

  async #serve(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) await work();
  }

  async #consume(): Promise<void> {
    const begun = monotonic();
    const error = await new Promise<Error | null>((resolve) => {
      this.#client.consume(BATCH, (failure, messages) => {
        this.#lastGapMs = begun - this.#lastBegun;
        this.#lastBegun = begun;
        const ends = this.#ends;
        this.#ends = [];
        if (failure === null || failure === undefined) this.#onBatch(messages, ends);
        resolve(failure ?? null);
      });
    });
    if (error === null) return;
    this.#onError(error);
    // Some errors come back at once, every time.
    await delay(ERROR_BACKOFF_MS);
  }
}
