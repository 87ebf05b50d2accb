import { LIMIT } from "@sluice/spec";
import { LaneScheduler } from "../lane/lane-scheduler.ts";
import type { LaneConfig, Slot } from "../lane/lane-scheduler.ts";
import { VectorInputError } from "./errors.ts";
import { bytesOf, decimalOf, VectorInput } from "./input.ts";

/** Appendix D.11. */
export function laneTrace(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const trace = new LaneTrace(fields.oneOf("ordering", ["key", "partition", "none"]));
  return {
    steps: fields.list("events", (event, path) => trace.step(new VectorInput(event, path))),
  };
}

const EVENTS = ["assigned", "fetched", "settled", "failed", "due", "revoked"] as const;

type Begun = [partition: number, offset: string, epoch: number];

interface Held {
  readonly partition: number;
  readonly offset: number;
  readonly epoch: number;
  isWaiting: boolean;
}

/** The scheduler with what the engine does around it: epochs, and letting go of a partition. */
class LaneTrace {
  readonly #lanes: LaneScheduler;
  /** The scheduler wants partitions numbered from 0. */
  readonly #numbers = new Map<number, number>();
  readonly #epochs = new Map<number, number>();
  readonly #assigned = new Set<number>();
  readonly #held = new Map<Slot, Held>();

  constructor(ordering: LaneConfig["ordering"]) {
    // Room for every handler. The seed is any.
    const budget = { records: Infinity, bytes: Infinity };
    this.#lanes = new LaneScheduler({ ordering, concurrency: Infinity, budget, seed: 1 });
  }

  step(event: VectorInput): Begun[] {
    const type = event.oneOf("type", EVENTS);
    const partition = event.integer("partition", 0, LIMIT.partition);
    switch (type) {
      case "assigned":
        this.#assign(partition);
        break;
      case "fetched":
        this.#fetch(partition, event.list("records", recordOf));
        break;
      case "revoked":
        this.#revoke(partition);
        break;
      default:
        this.#move(type, partition, event.decimal("offset"), event.integer("epoch", 1));
    }
    return this.#begin();
  }

  #assign(partition: number): void {
    if (!this.#numbers.has(partition)) this.#numbers.set(partition, this.#numbers.size);
    this.#epochs.set(partition, (this.#epochs.get(partition) ?? 0) + 1);
    this.#assigned.add(partition);
  }

  #fetch(partition: number, records: readonly [offset: number, key: Uint8Array | null][]): void {
    if (!this.#assigned.has(partition)) return;
    const epoch = this.#epochs.get(partition)!;
    for (const [offset, key] of records) {
      const slot = this.#lanes.enqueue(this.#numbers.get(partition)!, key, 0);
      this.#held.set(slot, { partition, offset, epoch, isWaiting: false });
    }
  }

  #move(type: "settled" | "failed" | "due", partition: number, at: number, epoch: number): void {
    for (const [slot, held] of this.#held) {
      if (held.partition !== partition || held.offset !== at || held.epoch !== epoch) continue;
      const isPresent = this.#assigned.has(partition) && epoch === this.#epochs.get(partition);
      if (type === "due") {
        if (held.isWaiting) held.isWaiting = !this.#lanes.unpark(slot);
      } else if (!held.isWaiting) {
        if (type === "failed" && isPresent) held.isWaiting = this.#lanes.park(slot);
        // Also the handler of an earlier epoch that has failed: nobody tries again here.
        else if (this.#lanes.finish(slot)) this.#held.delete(slot);
      }
      return;
    }
  }

  #revoke(partition: number): void {
    if (!this.#assigned.delete(partition)) return;
    this.#lanes.releaseQueued(
      this.#numbers.get(partition)!,
      () => true,
      (slot) => this.#held.delete(slot),
    );
    for (const [slot, held] of this.#held) {
      if (held.partition !== partition || !held.isWaiting) continue;
      this.#lanes.finish(slot);
      this.#held.delete(slot);
    }
  }

  /** Of one partition, since an event is, and in the order of arrival: ascending. */
  #begin(): Begun[] {
    const begun: Begun[] = [];
    for (let slot = this.#lanes.take(); slot >= 0; slot = this.#lanes.take()) {
      const { partition, offset, epoch } = this.#held.get(slot)!;
      begun.push([partition, String(offset), epoch]);
    }
    return begun;
  }
}

function recordOf(item: unknown, path: string): [offset: number, key: Uint8Array | null] {
  if (!Array.isArray(item) || item.length !== 2) {
    throw new VectorInputError(path, "expected [offset, key]");
  }
  const [offset, key] = item as readonly unknown[];
  return [decimalOf(offset, `${path}[0]`), key === null ? null : bytesOf(key, `${path}[1]`)];
}
