import type { EngineSnapshot, TopicPartition, Watermarks } from "@sluice/core";
import { keyOf } from "./partitions.ts";
import type { Time, Timer } from "./time.ts";

export interface WatchdogHost {
  snapshot(): EngineSnapshot;
  /** @throws PortError */
  watermarks(partitions: readonly TopicPartition[]): Promise<readonly Watermarks[]>;
  notDelivering(at: TopicPartition, position: number, end: number, idleMs: number): void;
  /** What `notDelivering` told is over. */
  deliveringAgain(at: TopicPartition): void;
}

/**
 * Finds partitions whose client has gone quiet while records wait: assigned, not paused, position
 * below the end of the log, nothing delivered for `idleMs`. Clients do stall silently, for hours.
 * Asks the broker only about partitions that have been quiet so long.
 */
export class Watchdog {
  readonly #host: WatchdogHost;
  readonly #time: Time;
  readonly #idleMs: number;
  readonly #progress = new Map<string, Progress>();
  #timer: Timer | undefined;
  #asking = false;

  constructor(host: WatchdogHost, time: Time, idleMs: number) {
    this.#host = host;
    this.#time = time;
    this.#idleMs = idleMs;
  }

  start(): void {
    const look = (): void => {
      this.start();
      void this.look();
    };
    this.#timer = this.#time.setTimer(look, Math.max(this.#idleMs / 2, 10), true);
  }

  stop(): void {
    this.#time.clearTimer(this.#timer);
  }

  /** One look at everything; called by the timer. */
  async look(): Promise<void> {
    if (this.#asking) return;
    const quiet = this.#quiet();
    if (quiet.length === 0) return;
    this.#asking = true;
    try {
      const marks = await this.#host.watermarks(quiet.map(({ at }) => at));
      for (const progress of quiet) {
        const { at, key, position, since } = progress;
        const mark = marks.find((found) => keyOf(found) === keyOf(at));
        if (mark === undefined || mark.end <= position) continue;
        // It may have moved, or gone, while the broker was asked.
        this.#quiet();
        if (this.#progress.get(key) !== progress) continue;
        progress.reportedAt = this.#time.now();
        this.#host.notDelivering(at, position, mark.end, progress.reportedAt - since);
      }
    } catch {
      // No answer says nothing about delivery; the client reports its own connection.
    } finally {
      this.#asking = false;
    }
  }

  /** Notes what has moved; answers what has not for long, and was not reported lately. */
  #quiet(): Progress[] {
    const now = this.#time.now();
    const quiet: Progress[] = [];
    const seen = new Set<string>();
    for (const found of this.#host.snapshot().partitions) {
      const { topic, partition, position } = found;
      const key = `${keyOf(found)}#${found.epoch}`;
      seen.add(key);
      const known = this.#progress.get(key);
      if (known?.position !== position || found.pausedFor.length > 0 || found.draining) {
        this.#over(known);
        this.#progress.set(key, { key, at: { topic, partition }, position, since: now });
      } else if (now - (known.reportedAt ?? known.since) >= this.#idleMs) {
        quiet.push(known);
      }
    }
    for (const [key, known] of this.#progress) {
      if (seen.has(key)) continue;
      this.#over(known);
      this.#progress.delete(key);
    }
    return quiet;
  }

  #over(known: Progress | undefined): void {
    if (known?.reportedAt !== undefined) this.#host.deliveringAgain(known.at);
  }
}

interface Progress {
  readonly key: string;
  readonly at: TopicPartition;
  readonly position: number;
  readonly since: number;
  reportedAt?: number;
}
