import type { Membership } from "./assignment.ts";
import type { Coordinator } from "./coordinator.ts";
import { NoAnswer } from "./coordinator.ts";
import { delay } from "./waiting.ts";

export interface HeartbeatOptions {
  readonly group: string;
  readonly intervalMs: number;
  readonly sessionMs: number;
}

export interface HeartbeatEvents {
  /** The group moves; the membership, and what it owns, is valid until it joins. */
  rebalancing(): void;
  /** The membership is no longer valid, or can no longer be known to be. */
  gone(reason: string, memberIdIsValid: boolean): void;
  /** Before each heartbeat: the place for the watch over kafkajs' own loop. */
  tick(): void;
}

const OK = 0;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;

/**
 * Keeps a membership alive from the end of a join to the start of the next, also while a revoked
 * partition drains. kafkajs sends heartbeats only between two fetches: a fetch that is held up, or a
 * drain, would cost the member its partitions.
 */
export class Heartbeats {
  readonly #coordinator: Coordinator;
  readonly #options: HeartbeatOptions;
  readonly #membership: Membership;
  readonly #events: HeartbeatEvents;
  readonly #stop = new AbortController();
  #confirmedAt = performance.now();
  #over = false;

  constructor(
    coordinator: Coordinator,
    options: HeartbeatOptions,
    membership: Membership,
    events: HeartbeatEvents,
  ) {
    this.#coordinator = coordinator;
    this.#options = options;
    this.#membership = membership;
    this.#events = events;
    void this.#run();
  }

  stop(): void {
    this.#over = true;
    this.#stop.abort();
  }

  /** Any other answer that proves the membership. */
  confirmed(): void {
    this.#confirmedAt = performance.now();
  }

  /**
   * Asks now. Until a member has been told otherwise it must take an interrupted join for a plain
   * one: only the coordinator knows whether the partitions are still its own (T23).
   */
  async probe(timeoutMs: number): Promise<void> {
    if (!this.#over) await this.#beat(timeoutMs);
  }

  async #run(): Promise<void> {
    const { intervalMs, sessionMs } = this.#options;
    for (;;) {
      await delay(intervalMs, this.#stop.signal);
      if (this.#over) return;
      this.#events.tick();
      if (this.#over) return;
      await this.#beat(Math.max(intervalMs, this.#confirmedAt + sessionMs - performance.now()));
      if (this.#over) return;
      if (performance.now() - this.#confirmedAt >= sessionMs) {
        // The broker has given the partitions away, or will have by the time it is heard again.
        this.#gone(`no answer from the coordinator for the session timeout, ${sessionMs} ms`, true);
      }
    }
  }

  async #beat(timeoutMs: number): Promise<void> {
    const { generation, memberId } = this.#membership;
    let code: number;
    try {
      const response = await this.#coordinator.send(
        "Heartbeat",
        { groupId: this.#options.group, groupGenerationId: generation, memberId },
        ({ errorCode }) => errorCode,
        timeoutMs,
        this.#stop.signal,
      );
      code = response.errorCode;
    } catch (thrown) {
      if (thrown instanceof NoAnswer) return;
      return this.#gone(thrown instanceof Error ? thrown.message : String(thrown), true);
    }
    if (this.#over) return;
    if (code === OK) return this.confirmed();
    if (code === REBALANCE_IN_PROGRESS) {
      // It renews the session all the same.
      this.confirmed();
      return this.#events.rebalancing();
    }
    if (code === UNKNOWN_MEMBER_ID)
      return this.#gone("the coordinator does not know this member", false);
    if (code === ILLEGAL_GENERATION) return this.#gone("the group is a generation ahead", true);
    this.#gone(`heartbeat was refused with code ${code}`, true);
  }

  #gone(reason: string, memberIdIsValid: boolean): void {
    if (this.#over) return;
    this.stop();
    this.#events.gone(reason, memberIdIsValid);
  }
}
