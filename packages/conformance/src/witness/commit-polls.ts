import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";

/** What the coordinator said that a group has committed; partitions without a commit are left out. */
export interface CommitPoll {
  /** When the question was sent, by the runner's clock. */
  readonly asked: number;
  readonly offsets: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
    readonly metadata: string | null;
  }[];
}

/**
 * Asks the coordinator over and over what a group has committed: the witness of a cluster on which neither the
 * wire nor the commit log can be seen. One question at a time, each sent when the one before was answered, so
 * that the order of the answers is the order of what they show. A question without an answer leaves no trace.
 */
export class CommitPolls {
  readonly #admin: Pick<Admin, "fetchOffsets">;
  readonly #group: string;
  readonly #topic: string;
  readonly #onPoll: (poll: CommitPoll) => void;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    admin: Pick<Admin, "fetchOffsets">,
    of: { readonly group: string; readonly topic: string; readonly everyMs: number },
    onPoll: (poll: CommitPoll) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#admin = admin;
    this.#group = of.group;
    this.#topic = of.topic;
    this.#onPoll = onPoll;
    this.#now = now;
    this.#done = this.#poll(of.everyMs);
  }

  /** Asks once more when nobody asks any more, so that the last poll shows the end. @throws Error */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    await this.#ask();
  }

  async #poll(everyMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#ask().catch(() => {});
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async #ask(): Promise<void> {
    const asked = this.#now();
    const found = await this.#admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic] });
    this.#onPoll({
      asked,
      offsets: found.flatMap(({ topic, partitions }) =>
        partitions
          .filter(({ offset }) => Number(offset) >= 0)
          .map(({ partition, offset, metadata }) => ({
            topic,
            partition,
            offset,
            metadata: metadata ?? null,
          })),
      ),
    });
  }
}
