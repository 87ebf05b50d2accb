import type { TopicPartition } from "../port/record.ts";
import type { Assignment } from "./assignment.ts";

/**
 * Numbers topic-partitions, for good, and knows the current assignment of each. Lanes, user pauses
 * and remembered attempts go by the number because they outlive epochs.
 */
export class Ordinals {
  readonly #topics = new Map<string, Topic>();
  readonly #current: (Assignment | undefined)[] = [];
  /** Topics with partitions assigned. */
  #assignedTopics = 0;

  of({ topic, partition }: TopicPartition): number {
    const { partitions } = this.#topic(topic);
    let ordinal = partitions.get(partition);
    if (ordinal === undefined) {
      ordinal = this.#current.length;
      partitions.set(partition, ordinal);
      this.#current.push(undefined);
    }
    return ordinal;
  }

  /** The current assignment of a topic-partition, without numbering one that was never assigned. */
  find({ topic, partition }: TopicPartition): Assignment | undefined {
    const ordinal = this.#topics.get(topic)?.partitions.get(partition);
    return ordinal === undefined ? undefined : this.#current[ordinal];
  }

  /** Number of a topic, from 0 and for good. */
  ofTopic(topic: string): number {
    return this.#topic(topic).number;
  }

  current(ordinal: number): Assignment | undefined {
    return this.#current[ordinal];
  }

  add(assignment: Assignment): void {
    this.#current[assignment.ordinal] = assignment;
    if (this.#topic(assignment.topic).assigned++ === 0) this.#assignedTopics++;
  }

  /** @param assignment the current one of its topic-partition */
  remove(assignment: Assignment): void {
    this.#current[assignment.ordinal] = undefined;
    if (--this.#topic(assignment.topic).assigned === 0) this.#assignedTopics--;
  }

  /** In how many parts the whole is cut for one to be this assignment's: by topics, then partitions. */
  sharers(assignment: Assignment): number {
    return this.#assignedTopics * this.#topic(assignment.topic).assigned;
  }

  /** The assignments in force, in order of first appearance. */
  all(): readonly Assignment[] {
    return this.#current.filter((assignment) => assignment !== undefined);
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { number: this.#topics.size, partitions: new Map(), assigned: 0 };
      this.#topics.set(name, topic);
    }
    return topic;
  }
}

interface Topic {
  readonly number: number;
  /** Ordinals, by partition. */
  readonly partitions: Map<number, number>;
  /** Partitions of it that are assigned now. */
  assigned: number;
}
