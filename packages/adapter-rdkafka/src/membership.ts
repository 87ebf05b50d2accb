import type { Logger } from "@sluice/core";

import { describe, type Assignments } from "./assignments.ts";
import { asNative, ERR } from "./errors.ts";
import type { OffsetReader } from "./offset-reader.ts";
import { delay, monotonic } from "./timing.ts";

export interface MembershipParts {
  readonly reader: OffsetReader;
  readonly assignments: Assignments;
  readonly logger: Logger;
  /** What the broker's group.consumer.session.timeout.ms is taken to be. */
  readonly sessionTimeoutMs: number;
  /** No answer for a whole session, or thrown out: whatever is still held may be another's. */
  readonly onLost: (reason: string) => void;
  /** The coordinator answers this member again. */
  readonly onBack: () => void;
}

/**
 * Notices when a KIP-848 member has been thrown out. In classic groups librdkafka ends the session
 * itself; in this protocol it goes on believing that it owns its partitions for as long as no
 * heartbeat is answered (trap T12). So the coordinator is asked something that it answers only to a
 * member: committed offsets, whose request carries member id and epoch.
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
    const { reader, assignments, sessionTimeoutMs, logger, onLost, onBack } = this.#parts;
    const [holding] = assignments.all();
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
