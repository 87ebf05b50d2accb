import type { Logger } from "@sluice/core";

import { describe, type Assignments } from "./assignments.ts";
import { asNative, ERR } from "./errors.ts";
import type { OffsetReader } from "./offset-reader.ts";
import { delay, monotonic } from "./timing.ts";

export interface MembershipParts {
  readonly reader: OffsetReader;
  readonly assignments: Assignments;
  readonly logger: Logger;
  /** With KIP-848 what the broker's group.consumer.session.timeout.ms is taken to be. */
  readonly sessionTimeoutMs: number;
  /** A classic group: librdkafka ends a session itself, except while a drain lasts. */
  readonly whileDrainingOnly: boolean;
  /** No answer for a whole session, or thrown out: whatever is still held may be another's. */
  readonly onLost: (reason: string) => void;
  /** The coordinator answers this member again; never called for a classic group. */
  readonly onBack: () => void;
}

/**
 * Notices when a member has been thrown out and librdkafka does not. With KIP-848 that is always: it
 * goes on believing that it owns its partitions for as long as no heartbeat is answered (trap T12).
 * In a classic group it ends the session itself, but not while a revocation waits for its answer.
 * So the coordinator is asked for a committed offset, which with KIP-848 it answers only to a
 * member: that request carries member id and epoch.
 */
export class Membership {
  readonly #parts: MembershipParts;
  readonly #stop = new AbortController();
  #lastAnswer = monotonic();
  #lost = false;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#run();
  }

  /** An acknowledged commit is as good an answer as any. */
  answered(): void {
    this.#lastAnswer = monotonic();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { sessionTimeoutMs } = this.#parts;
    const interval = Math.max(250, Math.floor(sessionTimeoutMs / 4));
    while (!this.#stop.signal.aborted) {
      await delay(interval, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      await this.#probe(interval);
    }
  }

  async #probe(timeoutMs: number): Promise<void> {
    const { reader, assignments, sessionTimeoutMs, whileDrainingOnly, logger, onLost, onBack } =
      this.#parts;
    const all = assignments.all();
    const watched = whileDrainingOnly ? all.filter(({ state }) => state === "revoking") : all;
    const [holding] = watched;
    if (holding === undefined) {
      this.#lost = false;
      this.answered();
      return;
    }
    if (!this.#lost && monotonic() - this.#lastAnswer < timeoutMs) return;
    try {
      await reader.committed([holding], timeoutMs);
    } catch (error) {
      const { code, message } = asNative(error);
      if (this.#stop.signal.aborted) return;
      logger.debug(`membership probe: ${message}`, { code });
      // Out of step by one epoch: a member all the same.
      if (code !== ERR.staleMemberEpoch) {
        const silentMs = monotonic() - this.#lastAnswer;
        if (this.#lost) return;
        if (code === ERR.unknownMemberId) this.#lose(message, onLost);
        else if (silentMs > sessionTimeoutMs) {
          this.#lose(`no answer from the coordinator for ${Math.round(silentMs)} ms`, onLost);
        }
        return;
      }
    }
    this.answered();
    if (!this.#lost) return;
    this.#lost = false;
    logger.info(`the coordinator answers again; taking back ${describe(assignments.all())}`);
    onBack();
  }

  #lose(reason: string, onLost: (reason: string) => void): void {
    this.#lost = true;
    onLost(reason);
  }
}
