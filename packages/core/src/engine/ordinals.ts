import type { TopicPartition } from "../port/record.ts";
import type { Assignment } from "./assignment.ts";

/**
 * Numbers topic-partitions, for good, and knows the current assignment of each. Lanes, user pauses
 * and remembered attempts go by the number because they outlive epochs.
 */
export class Ordinals {
  readonly #ordinals = new Map<string, Map<number, number>>();
  readonly #current: (Assignment | undefined)[] = [];

  of({ topic, partition }: TopicPartition): number {
    let partitions = this.#ordinals.get(topic);
    if (partitions === undefined) this.#ordinals.set(topic, (partitions = new Map()));
    let ordinal = partitions.get(partition);
    if (ordinal === undefined) {
      ordinal = this.#current.length;
      partitions.set(partition, ordinal);
      this.#current.push(undefined);
    }
    return ordinal;
  }

  current(ordinal: number): Assignment | undefined {
    return this.#current[ordinal];
  }

  add(assignment: Assignment): void {
    this.#current[assignment.ordinal] = assignment;
  }

  remove(assignment: Assignment): void {
    if (this.#current[assignment.ordinal] === assignment) {
      this.#current[assignment.ordinal] = undefined;
    }
  }

  /** The assignments in force, in order of first appearance. */
  all(): readonly Assignment[] {
    return this.#current.filter((assignment) => assignment !== undefined);
  }
}
