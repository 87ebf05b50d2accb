import type { EpochPartition, TopicPartition } from "@sluice/core";

/** Who the group knows: what a commit must carry to be accepted. */
export interface Membership {
  readonly generation: number;
  readonly memberId: string;
}

/** A partition that this member holds, for as long as it holds it. */
export interface Held extends EpochPartition {
  readonly key: string;
  readonly membership: Membership;
  /** Next offset to fetch; null until the start is known. */
  position: number | null;
  paused: boolean;
  /** The driver has heard of it, and so must hear of its end. */
  announced: boolean;
  /** `revoking`: nothing more is delivered, commits still go out. */
  stage: "starting" | "consuming" | "revoking";
}

/**
 * The partitions held now. A partition that comes back is a new {@link Held} with a new epoch, so
 * that an answer to an old request can be told by identity.
 */
export class Assignment {
  readonly #held = new Map<string, Held>();
  #lastEpoch = 0;

  get size(): number {
    return this.#held.size;
  }

  all(): readonly Held[] {
    return [...this.#held.values()];
  }

  get({ topic, partition }: TopicPartition): Held | undefined {
    return this.#held.get(keyOf(topic, partition));
  }

  /** Takes partitions under new epochs, unpaused. */
  take(partitions: readonly TopicPartition[], membership: Membership): readonly Held[] {
    const taken = partitions.map(({ topic, partition }): Held => ({
      key: keyOf(topic, partition),
      topic,
      partition,
      epoch: ++this.#lastEpoch,
      membership,
      position: null,
      paused: false,
      announced: false,
      stage: "starting",
    }));
    for (const held of taken) this.#held.set(held.key, held);
    return taken;
  }

  /** False when it is held no more, or under another epoch. */
  holds(held: Held): boolean {
    return this.#held.get(held.key) === held;
  }

  /** Gives up those that are still held, and answers them. */
  drop(partitions: readonly Held[]): readonly Held[] {
    const dropped = partitions.filter((held) => this.holds(held));
    for (const held of dropped) this.#held.delete(held.key);
    return dropped;
  }
}

export function keyOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

export function epochPartition({ topic, partition, epoch }: EpochPartition): EpochPartition {
  return { topic, partition, epoch };
}
