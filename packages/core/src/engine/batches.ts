import { checkInteger, checkOneOf } from "../check-config.ts";
import { ConfigurationError } from "../configuration-error.ts";
import type { LaneScheduler, Slot } from "../lane/lane-scheduler.ts";
import type { Assignment } from "./assignment.ts";
import { DueHeap } from "./due-heap.ts";
import type { WorkTable } from "./work-table.ts";

export interface BatchConfig {
  /** Records in a full batch, 1 to 100,000. */
  readonly size: number;
  /** How long after its fetch a record may wait for others to come with it; 0 for not at all. */
  readonly lingerMs: number;
  /** Whose records a batch may hold: those of one lane, or of all lanes of one partition. */
  readonly by: "lane" | "partition";
}

/** @throws ConfigurationError naming the field */
export function validateBatchConfig(
  config: BatchConfig,
  ordering: "key" | "partition" | "none",
): BatchConfig {
  checkInteger(config.size, "batch.size", 1, 100_000);
  checkInteger(config.lingerMs, "batch.lingerMs", 0, 2_147_483_647);
  checkOneOf(config.by, "batch.by", ["lane", "partition"]);
  if (config.by === "lane" && ordering === "none") {
    throw new ConfigurationError(
      "batch.by",
      `with ordering "none" each record is a lane of its own, and would be a batch of its own`,
      'Set batch.by to "partition".',
    );
  }
  return config;
}

/**
 * Decides which records run together, and when.
 *
 * A batch takes whatever may run, lowest offsets first: the heads of free lanes, and behind each as
 * much of its lane as waits for nothing else. So a batch may hold many records of a lane, in their
 * order, and no lane is in two batches at once.
 *
 * A batch that is not full waits for company, no longer than `lingerMs` after its oldest record was
 * fetched, and not at all when no more can come: in a drain, closed for the budget, or of a record
 * that has its lane to itself. What waits is looked at again when something joins it.
 *
 * A record that is to run alone is a batch of its own. It ends the one before it: records may run
 * only as a whole row from the front of what is ready.
 */
export class Batches {
  readonly #config: BatchConfig;
  readonly #scheduler: LaneScheduler;
  readonly #work: WorkTable;
  /** Until when what waits does wait: by the head of its lane, or by its partition. */
  readonly #waiting = new Map<number, number>();
  /** Nothing more can come to the batch put together last: it is full, or cut off. */
  #isComplete = false;
  /** Not after the earliest of these. */
  #dueAt = Infinity;

  constructor(config: BatchConfig, scheduler: LaneScheduler, work: WorkTable) {
    this.#config = config;
    this.#scheduler = scheduler;
    this.#work = work;
  }

  /** When `timePassed` has something to do, Infinity for never. */
  get dueAt(): number {
    return this.#waiting.size === 0 ? Infinity : this.#dueAt;
  }

  /** The next batch, now running, in order of offset; null when there is none. */
  next(now: number): readonly Slot[] | null {
    const scheduler = this.#scheduler;
    for (;;) {
      const partition = scheduler.takeTurn();
      if (partition === -1) return null;
      const slots = this.#config.by === "lane" ? this.#lane(partition) : this.#all(partition);
      const until = this.#goesAt(slots);
      if (until <= now) {
        scheduler.runTogether(partition, slots);
        scheduler.giveTurn(partition);
        return slots;
      }
      this.#dueAt = Math.min(this.dueAt, until);
      if (this.#config.by === "partition") {
        this.#waiting.set(partition, until);
      } else {
        this.#waiting.set(slots[0]!, until);
        scheduler.setAside(partition);
        scheduler.giveTurn(partition);
      }
    }
  }

  /** The record has come, or does not stand in the way of those behind it any more. */
  changed(slot: Slot): void {
    if (this.#waiting.size === 0) return;
    const group = this.#groupOf(slot);
    if (this.#waiting.has(group)) this.#wakeOne(group);
  }

  /** Until when a record that may run waits for others; Infinity when it does not. */
  waitsUntil(slot: Slot): number {
    return this.#waiting.get(this.#groupOf(slot)) ?? Infinity;
  }

  /** Nothing of the assignment waits any longer. */
  hurry(assignment: Assignment): void {
    this.#wake((group) =>
      this.#config.by === "lane"
        ? this.#work.assignment(group) === assignment
        : group === assignment.ordinal,
    );
  }

  timePassed(now: number): void {
    if (now < this.dueAt) return;
    this.#wake((_, until) => until <= now);
    this.#dueAt = Math.min(...this.#waiting.values());
  }

  /** The first ready record of the partition and what may run behind it. */
  #lane(partition: number): Slot[] {
    const { alone } = this.#work;
    let slot = this.#scheduler.readyAfter(partition, -1);
    const slots = [slot];
    this.#isComplete = alone[slot] === 1;
    while (!this.#isComplete && slots.length < this.#config.size) {
      slot = this.#scheduler.behind(slot);
      if (slot === -1) return slots;
      this.#isComplete = alone[slot] === 1;
      if (!this.#isComplete) slots.push(slot);
    }
    this.#isComplete = true;
    return slots;
  }

  /** Merges the ready records of the partition with what may run behind those taken. */
  #all(partition: number): Slot[] {
    const offsetOf = (slot: Slot): number => this.#work.record(slot).offset;
    const { alone } = this.#work;
    const slots: Slot[] = [];
    this.#isComplete = true;
    // By offset instead of time.
    const behind = new DueHeap();
    let ready = this.#scheduler.readyAfter(partition, -1);
    while (slots.length < this.#config.size) {
      let slot: Slot;
      if (ready !== -1 && offsetOf(ready) < behind.earliest) {
        if (alone[ready] === 1) {
          if (slots.length === 0) return [ready];
          break;
        }
        slot = ready;
        ready = this.#scheduler.readyAfter(partition, slot);
      } else if (behind.size > 0) {
        slot = behind.take();
      } else {
        this.#isComplete = false;
        break;
      }
      slots.push(slot);
      const next = this.#scheduler.behind(slot);
      if (next !== -1 && alone[next] === 0) behind.add(next, offsetOf(next));
    }
    // A record becomes ready when its lane is free, which may be after later ones.
    return slots.sort((a, b) => offsetOf(a) - offsetOf(b));
  }

  #goesAt(slots: readonly Slot[]): number {
    const { lingerMs, by } = this.#config;
    const oldest = slots[0]!;
    if (lingerMs === 0 || this.#isComplete) return -Infinity;
    const { draining, pausedFor } = this.#work.assignment(oldest);
    if (draining || pausedFor.budget) return -Infinity;
    if (by === "lane" && !this.#scheduler.hasLane(oldest)) return -Infinity;
    return this.#work.heldSince(oldest) + lingerMs;
  }

  #groupOf(slot: Slot): number {
    return this.#config.by === "lane"
      ? this.#scheduler.laneHead(slot)
      : this.#work.assignment(slot).ordinal;
  }

  #wake(which: (group: number, until: number) => boolean): void {
    for (const [group, until] of this.#waiting) if (which(group, until)) this.#wakeOne(group);
  }

  #wakeOne(group: number): void {
    this.#waiting.delete(group);
    if (this.#config.by === "lane") this.#scheduler.takeBack(group);
    else this.#scheduler.giveTurn(group);
  }
}
