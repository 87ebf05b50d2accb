import { setTimeout as sleep } from "node:timers/promises";
import { workload } from "../../runner/workload.ts";
import type { WorkloadRecord } from "../../runner/workload.ts";
import type { Scene } from "../scene.ts";

const TICK_MS = 200;
const KEYS = 60;
const SKEW = 0.5;
/** Of production, at most so much waits for its handlers: else a slow machine would show its own liveness. */
const BACKLOG_S = 3;
const VALUE_BYTES = [20, 200] as const;

/**
 * Produces at a steady rate while things go wrong, and pauses while too much waits to be handled. What is
 * not acknowledged, because no broker would, is given up: it may be in the topic or not, and who consumes
 * the topic has to handle what is there.
 */
export class Feeder {
  readonly #scene: Scene;
  readonly #records: readonly WorkloadRecord[];
  readonly #perSecond: number;
  readonly #done: Promise<void>;
  #stopped = false;
  #refused = 0;

  constructor(scene: Scene, perSecond: number, lastsMs: number) {
    const { run } = scene;
    this.#scene = scene;
    this.#perSecond = perSecond;
    this.#records = workload(run.seed + 1, {
      partitions: run.partitions,
      // The last faults may end late.
      records: Math.ceil((perSecond * lastsMs * 1.5) / 1_000),
      keys: KEYS,
      skew: SKEW,
      valueBytes: VALUE_BYTES,
    });
    this.#done = this.#feed();
  }

  /** Records that no broker has acknowledged. */
  get refused(): number {
    return this.#refused;
  }

  /** Resolves when nothing is on its way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #feed(): Promise<void> {
    const { run } = this.#scene;
    const most = BACKLOG_S * this.#perSecond;
    let last = run.now;
    let sent = 0;
    while (!this.#stopped && sent < this.#records.length) {
      const due = Math.round(((run.now - last) * this.#perSecond) / 1_000);
      const room = most - (run.produced.length - run.ledger.doneCount);
      last = run.now;
      const batch = this.#records.slice(sent, sent + Math.max(0, Math.min(due, room)));
      sent += batch.length;
      if (batch.length > 0) {
        try {
          await run.produce(batch);
        } catch {
          this.#refused += batch.length;
        }
      }
      await sleep(TICK_MS);
    }
  }
}
