import type {
  AssignedPartition,
  CommitOffset,
  CommitResult,
  ConsumerPort,
  EpochPartition,
  KafkaRecord,
  Logger,
  PortError,
  Revocation,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { asPortError, messageOf } from "./errors.ts";
import { FENCED, PortSession } from "./port-session.ts";
import type { Time } from "./time.ts";
import { pauseFor, settlesWithin } from "./timing.ts";

/** What the consumer hears. Epochs hold over all ports there ever are. */
export interface ClientOwner {
  assigned(partitions: readonly AssignedPartition[]): Promise<readonly number[]>;
  revoked(revocation: Revocation): Promise<void>;
  lost(partitions: readonly EpochPartition[]): void;
  records(partition: EpochPartition, records: readonly KafkaRecord[], nextPosition: number): void;
  /** The client is down; it, or a new one in its place, comes back. */
  interrupted(error: PortError): void;
  /** It will not come back. */
  failed(error: PortError): void;
}

/** A group member that survives the death of its port: a dead one is replaced, with backoff. */
export class SupervisedClient {
  readonly #createPort: () => ConsumerPort;
  readonly #topics: readonly string[];
  readonly #owner: ClientOwner;
  readonly #logger: Logger;
  readonly #time: Time;
  #session: PortSession | null = null;
  #state: "new" | "starting" | "running" | "closed" = "new";
  readonly #closed = new AbortController();
  #closing: Promise<boolean> | null = null;
  #highestEpoch = 0;
  /** Restarts in a row that found the door closed: wrong credentials, a missing right. */
  #refusals = 0;

  constructor(
    createPort: () => ConsumerPort,
    topics: readonly string[],
    owner: ClientOwner,
    logger: Logger,
    time: Time,
  ) {
    this.#time = time;
    this.#logger = logger;
    this.#createPort = createPort;
    this.#topics = topics;
    this.#owner = owner;
  }

  /** May be called again after it failed. @throws PortError */
  async start(): Promise<void> {
    this.#state = "starting";
    try {
      await this.#open();
    } catch (error) {
      if (this.#state === "starting") this.#state = "new";
      throw error;
    }
    if (this.#state === "starting") this.#state = "running";
  }

  /**
   * Leaves the group; `revoked` is heard for what is still held. Idempotent; never rejects.
   * Answers whether the port closed in time.
   */
  close(drainMs: number): Promise<boolean> {
    return (this.#closing ??= this.#close(drainMs));
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#try("pause", () => this.#session?.pause(partitions));
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#try("resume", () => this.#session?.resume(partitions));
  }

  /** Never rejects. */
  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    const answer = this.#session?.commit(offsets, timeoutMs);
    return (await answer) ?? offsets.map((offset) => ({ ...offset, error: FENCED }));
  }

  /** @throws PortError */
  async watermarks(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<readonly Watermarks[]> {
    return (await this.#session?.watermarks(partitions, timeoutMs)) ?? [];
  }

  async #open(): Promise<void> {
    const session: PortSession = new PortSession(
      this.#createPort(),
      {
        assigned: (partitions) => {
          this.#refusals = 0;
          for (const { epoch } of partitions) {
            this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
          }
          return this.#owner.assigned(partitions);
        },
        revoked: (revocation) => this.#owner.revoked(revocation),
        lost: (partitions) => this.#owner.lost(partitions),
        records: (partition, records, next) => this.#owner.records(partition, records, next),
        down: (error, willRestart) => this.#down(session, error, willRestart),
      },
      this.#highestEpoch,
    );
    this.#session = session;
    try {
      await session.start(this.#topics);
    } catch (error) {
      await this.#drop(session);
      throw error;
    }
  }

  #down(session: PortSession, error: PortError, willRestart: boolean): void {
    if (session !== this.#session || this.#state === "closed") return;
    // A client that retries wrong credentials for ever tells nobody.
    if (willRestart && !needsAPerson(error)) {
      this.#owner.interrupted(error);
      return;
    }
    void this.#replace(session, error);
  }

  async #replace(dead: PortSession, cause: PortError): Promise<void> {
    let error = cause;
    const gone = this.#drop(dead);
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS)) {
      this.#refusals = needsAPerson(error) ? this.#refusals + 1 : 0;
      if (this.#refusals > REFUSALS_BORNE) {
        this.#state = "closed";
        this.#owner.failed(error);
        return;
      }
      this.#owner.interrupted(error);
      await gone;
      await pauseFor(this.#time, backoffMs, this.#closed.signal);
      if (this.#state === "closed") return;
      try {
        await this.#open();
        return;
      } catch (thrown) {
        if (this.#isClosed()) return;
        error = asPortError(thrown, "restarting the client");
      }
    }
  }

  /** Gives up a session without a drain: what it held is lost. */
  async #drop(session: PortSession): Promise<void> {
    if (this.#session === session && !this.#isClosed()) this.#session = null;
    const held = session.abandon();
    if (held.length > 0) this.#owner.lost(held);
    await settlesWithin(this.#time, session.close(0), CLOSE_SLACK_MS);
  }

  async #close(drainMs: number): Promise<boolean> {
    this.#state = "closed";
    this.#closed.abort();
    const session = this.#session;
    if (session === null) return true;
    const inTime = await settlesWithin(
      this.#time,
      session.close(drainMs),
      drainMs + CLOSE_SLACK_MS,
    );
    this.#session = null;
    const held = session.abandon();
    if (held.length > 0) this.#owner.lost(held);
    return inTime;
  }

  /** What is paused is desired state, which the adapter applies again; failing once is no disaster. */
  #try(what: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#logger.error(`the client refused to ${what}: ${messageOf(error)}`, { error });
    }
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}

function needsAPerson({ kind }: PortError): boolean {
  return kind === "authentication" || kind === "authorization" || kind === "configuration";
}

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;
/** Credentials and rights may be missing for a moment while a broker starts; not for longer. */
const REFUSALS_BORNE = 2;
/** Beyond the drain, for leaving the group and disconnecting. */
const CLOSE_SLACK_MS = 5000;
