import type { Committed, ConsumerEvents, Watermarks } from "@sluice/core";
import { PortError } from "@sluice/core";
import type { Held } from "./assignment.ts";
import { epochPartition } from "./assignment.ts";
import { committedOffsets } from "./committed.ts";
import type { Coordinator } from "./coordinator.ts";
import { NoAnswer } from "./coordinator.ts";
import { toPortError } from "./errors.ts";
import type { Cluster } from "./internals.ts";
import { logOffsets } from "./log-offsets.ts";
import type { MemberSettings } from "./settings.ts";
import { isolationLevel } from "./settings.ts";
import { Backoff, delay, untilAborted } from "./waiting.ts";

export interface StartingOwner {
  readonly events: ConsumerEvents;
  trouble(error: PortError): void;
}

/** Finds out where an assignment starts: what is committed, where the logs lie, what is wanted. */
export class Starting {
  readonly #cluster: Cluster;
  readonly #settings: MemberSettings;
  readonly #coordinator: Coordinator;
  readonly #owner: StartingOwner;

  constructor(
    cluster: Cluster,
    settings: MemberSettings,
    coordinator: Coordinator,
    owner: StartingOwner,
  ) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#coordinator = coordinator;
    this.#owner = owner;
  }

  /**
   * One position for each partition, or null when `signal` fired first. Waits for as long as the
   * cluster cannot answer.
   * @throws PortError for what no waiting mends
   */
  async positions(taken: readonly Held[], signal: AbortSignal): Promise<readonly number[] | null> {
    const found = await this.#whereTheyStand(taken, signal);
    if (found === null || signal.aborted) return null;
    for (const held of taken) held.announced = true;
    const partitions = taken.map((held, i) => ({
      ...epochPartition(held),
      committed: found.committed[i] ?? null,
      low: found.marks[i]?.low ?? 0,
      high: found.marks[i]?.end ?? 0,
    }));
    const answer = await untilAborted(this.#owner.events.assigned({ partitions }), signal);
    if (answer === null) return null;
    return this.#withinTheLog(taken, answer, found.marks, signal);
  }

  async #whereTheyStand(
    taken: readonly Held[],
    signal: AbortSignal,
  ): Promise<{ committed: readonly (Committed | null)[]; marks: readonly Watermarks[] } | null> {
    const { group, isolation, config } = this.#settings;
    const limit = config.timeouts.requestMs;
    const backoff = new Backoff(100, 1000);
    while (!signal.aborted) {
      try {
        const [committed, marks] = await Promise.all([
          committedOffsets(this.#coordinator, group, taken, limit, signal),
          logOffsets(this.#cluster, taken, isolationLevel(isolation), limit, signal),
        ]);
        return { committed, marks };
      } catch (thrown) {
        if (signal.aborted) return null;
        const error =
          thrown instanceof NoAnswer
            ? new PortError(thrown.message, RETRIABLE)
            : toPortError(thrown, "reading what is committed", "failed");
        if (error.kind !== "retriable") throw error;
        this.#owner.trouble(error);
        await delay(backoff.next(), signal);
      }
    }
    return null;
  }

  /** The answered starts, moved to the nearest offset that exists. A fetch out of range is T05. */
  async #withinTheLog(
    taken: readonly Held[],
    starts: readonly number[],
    marks: readonly Watermarks[],
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const positions = taken.map(({ key }, i) => {
      const start = starts[i];
      if (start === undefined || !Number.isSafeInteger(start) || start < 0) {
        throw new PortError(`${key}: ${String(start)} is no offset to start at`, FATAL);
      }
      const low = marks[i]?.low ?? 0;
      if (start < low) this.#moved(key, start, low, "retention has deleted what is before it");
      return Math.max(start, low);
    });
    const beyond = taken.filter((_, i) => (positions[i] ?? 0) > (marks[i]?.end ?? 0));
    if (beyond.length === 0) return positions;
    // The end seen so far may be the last stable offset: records of an open transaction lie beyond.
    const ends = await logOffsets(
      this.#cluster,
      beyond,
      0,
      this.#settings.config.timeouts.requestMs,
      signal,
    );
    return positions.map((position, i) => {
      const end = ends[beyond.indexOf(taken[i] as Held)]?.end;
      if (end === undefined || position <= end) return position;
      this.#moved(taken[i]?.key ?? "", position, end, "the log ends there");
      return end;
    });
  }

  #moved(where: string, from: number, to: number, why: string): void {
    this.#settings.logger.warn(`${where}: starting at ${to} instead of ${from}: ${why}`);
  }
}

const RETRIABLE = { kind: "retriable", outcome: "failed" } as const;
const FATAL = { kind: "fatal", outcome: "failed" } as const;
