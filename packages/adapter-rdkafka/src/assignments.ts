import type { EpochPartition } from "@sluice/core";

import type { NativePartition } from "./client.ts";
import { HeaderBytes } from "./header-bytes.ts";

/**
 * What the port has said about a partition that the client holds:
 *
 * - `starting`: `assigned` is being awaited;
 * - `active`: records flow;
 * - `revoking`: `revoked` is being awaited; commits are accepted, records are not passed on;
 * - `disowned`: reported lost, or never announced, though the client still holds it.
 */
export type HoldingState = "starting" | "active" | "revoking" | "disowned";

/** One assignment of one partition. */
export interface Holding extends EpochPartition {
  /** What crosses the port. */
  readonly id: EpochPartition;
  state: HoldingState;
  /** What the client fetches next, as last told. */
  position: number;
  /** Desired by the port's user. */
  paused: boolean;
  /** The client delivered from before the position, and it has been said. */
  wentBack: boolean;
  /** Number of the latest commit sent: an older one must not be sent again after it. */
  latestCommit: number;
  readonly headerBytes: HeaderBytes;
}

/** The partitions that the client holds, each with the epoch under which the port knows it. */
export class Assignments {
  readonly #topics = new Map<string, Map<number, Holding>>();
  #lastEpoch = 0;

  /** A new epoch for each of `partitions`, of which the port has not been told yet. */
  begin(partitions: readonly NativePartition[]): Holding[] {
    return partitions.map(({ topic, partition }) => {
      this.#lastEpoch += 1;
      const id = { topic, partition, epoch: this.#lastEpoch };
      const holding: Holding = {
        ...id,
        id,
        state: "disowned",
        position: -1,
        paused: false,
        wentBack: false,
        latestCommit: 0,
        headerBytes: new HeaderBytes(),
      };
      let partitionsOfTopic = this.#topics.get(topic);
      if (partitionsOfTopic === undefined) {
        partitionsOfTopic = new Map();
        this.#topics.set(topic, partitionsOfTopic);
      }
      partitionsOfTopic.set(partition, holding);
      return holding;
    });
  }

  get(topic: string, partition: number): Holding | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  /** Those of `partitions` that are held; the client may name others after an error. */
  of(partitions: readonly NativePartition[]): Holding[] {
    return partitions.flatMap(({ topic, partition }) => this.get(topic, partition) ?? []);
  }

  all(): Holding[] {
    return [...this.#topics.values()].flatMap((partitions) => [...partitions.values()]);
  }

  /** The assignment that a commit speaks of, if the port still stands by it (trap T06). */
  current({ topic, partition, epoch }: EpochPartition): Holding | undefined {
    const holding = this.get(topic, partition);
    if (holding === undefined || holding.epoch !== epoch) return undefined;
    return holding.state === "disowned" ? undefined : holding;
  }

  end(holdings: readonly Holding[]): void {
    for (const holding of holdings) {
      if (this.get(holding.topic, holding.partition) === holding) {
        this.#topics.get(holding.topic)?.delete(holding.partition);
      }
    }
  }

  get size(): number {
    let size = 0;
    for (const partitions of this.#topics.values()) size += partitions.size;
    return size;
  }
}

/** What crosses the port: no state of ours. */
export function named(holdings: readonly Holding[]): EpochPartition[] {
  return holdings.map(({ id }) => id);
}

/** `orders-3, orders-4` for messages. */
export function describe(partitions: readonly NativePartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(", ");
}
