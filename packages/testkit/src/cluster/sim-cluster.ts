import type { KafkaRecord, OutgoingRecord, TopicPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";
import type { VirtualTime } from "../virtual-time.ts";
import { ClassicGroup } from "./classic-group.ts";
import type { GroupSettings } from "./classic-group.ts";
import { ConsumerGroup } from "./consumer-group.ts";
import { ERROR } from "./error-code.ts";
import { GroupOffsets, METADATA_BYTES } from "./group-offsets.ts";
import type { CommittedOffset } from "./group-offsets.ts";
import { PartitionLog } from "./partition-log.ts";

/** How a group's partitions move. */
export type Protocol = "eager" | "cooperative" | "consumer";

export interface SimGroup {
  readonly offsets: GroupOffsets;
  readonly coordinator: ClassicGroup | ConsumerGroup;
  /** Topics that somebody has ever subscribed to. */
  readonly topics: Set<string>;
}

/**
 * Kafka's side: logs, committed offsets and group coordinators of one broker. Requests are served
 * where they arrive; what gets lost on the way is the network's affair.
 */
export class SimCluster {
  readonly time: VirtualTime;
  readonly protocol: Protocol;
  readonly settings: GroupSettings;
  /** Told of each commit that takes effect. */
  onCommitted: (group: string, committed: CommittedOffset) => void = () => {};
  readonly #topics = new Map<string, readonly PartitionLog[]>();
  readonly #groups = new Map<string, SimGroup>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #up = true;

  constructor(time: VirtualTime, protocol: Protocol, settings: GroupSettings) {
    this.time = time;
    this.protocol = protocol;
    this.settings = settings;
  }

  get isUp(): boolean {
    return this.#up;
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  get groups(): ReadonlyMap<string, SimGroup> {
    return this.#groups;
  }

  /** False when it exists. */
  createTopic(topic: string, partitions: number): boolean {
    if (this.#topics.has(topic)) return false;
    const logs = Array.from({ length: partitions }, (_, i) => new PartitionLog(topic, i));
    this.#topics.set(topic, logs);
    return true;
  }

  deleteTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Null for a topic that does not exist. */
  logs(topic: string): readonly PartitionLog[] | null {
    return this.#topics.get(topic) ?? null;
  }

  /** @throws RangeError for a partition that does not exist */
  log({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.#topics.get(topic)?.[partition];
    if (log === undefined) throw new RangeError(`there is no partition ${topic}-${partition}`);
    return log;
  }

  append(record: OutgoingRecord): KafkaRecord {
    const log = this.log(record);
    const appended = log.append(record, this.time.now());
    this.wake(log);
    return appended;
  }

  /** Something was appended or has become stable. */
  wake(partition: TopicPartition): void {
    for (const watcher of this.#watchers.get(keyOf(partition)) ?? []) watcher();
  }

  /** Calls `appended` after each append to these partitions, until the answer is called. */
  watch(partitions: readonly TopicPartition[], appended: () => void): () => void {
    const keys = partitions.map(keyOf);
    for (const key of keys) {
      const watchers = this.#watchers.get(key);
      if (watchers === undefined) this.#watchers.set(key, new Set([appended]));
      else watchers.add(appended);
    }
    return () => {
      for (const key of keys) this.#watchers.get(key)?.delete(appended);
    };
  }

  group(name: string): SimGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      const partitionsOf = (topics: readonly string[]): readonly TopicPartition[] =>
        topics.flatMap((topic) =>
          (this.#topics.get(topic) ?? []).map(({ partition }) => ({ topic, partition })),
        );
      group = {
        offsets: new GroupOffsets(this.settings.metadataBytes ?? METADATA_BYTES),
        topics: new Set(),
        coordinator:
          this.protocol === "consumer"
            ? new ConsumerGroup(this.time, this.settings, partitionsOf)
            : new ClassicGroup(
                this.time,
                this.protocol === "cooperative",
                this.settings,
                partitionsOf,
              ),
      };
      this.#groups.set(name, group);
    }
    return group;
  }

  /** False when it has members. */
  deleteGroup(name: string): boolean {
    const isEmpty = this.#groups.get(name)?.coordinator.isEmpty ?? true;
    if (isEmpty) this.#groups.delete(name);
    return isEmpty;
  }

  /** Kafka's error code for each offset: by member and generation, never by ownership. */
  commit(
    name: string,
    memberId: string,
    generation: number,
    offsets: readonly CommittedOffset[],
  ): readonly number[] {
    const group = this.group(name);
    const error = group.coordinator.commitError(memberId, generation);
    if (error !== ERROR.none) return offsets.map(() => error);
    return offsets.map((offset) => this.#store(name, group, offset));
  }

  /** As an administrator sets them. */
  setOffsets(name: string, offsets: readonly CommittedOffset[]): void {
    const group = this.group(name);
    for (const offset of offsets) this.#store(name, group, offset);
  }

  stop(): void {
    this.#up = false;
    for (const { coordinator } of this.#groups.values()) coordinator.halt();
  }

  start(): void {
    if (this.#up) return;
    this.#up = true;
    for (const { coordinator } of this.#groups.values()) coordinator.restart();
  }

  #store(name: string, group: SimGroup, offset: CommittedOffset): number {
    const error = group.offsets.set(offset);
    if (error === ERROR.none) this.onCommitted(name, offset);
    return error;
  }
}
