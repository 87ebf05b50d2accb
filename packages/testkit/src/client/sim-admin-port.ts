import type { AdminPort, Committed, NewTopic, TopicPartition, Watermarks } from "@sluice/core";
import { portError } from "./sim-client.ts";
import type { SimClient } from "./sim-client.ts";
import { Connection } from "./sim-network.ts";

export class SimAdminPort implements AdminPort {
  readonly #client: SimClient;
  readonly #connection: Connection;

  constructor(client: SimClient) {
    this.#client = client;
    this.#connection = new Connection(client.process);
  }

  connect(): Promise<void> {
    return this.#ask(() => {});
  }

  createTopic({ topic, partitions }: NewTopic): Promise<boolean> {
    return this.#ask(() => this.#client.cluster.createTopic(topic, partitions));
  }

  deleteTopic(topic: string): Promise<void> {
    return this.#ask(() => this.#client.cluster.deleteTopic(topic));
  }

  topicPartitions(topics: readonly string[]): Promise<readonly (number | null)[]> {
    return this.#ask(() => topics.map((topic) => this.#client.cluster.logs(topic)?.length ?? null));
  }

  watermarks(partitions: readonly TopicPartition[]): Promise<readonly Watermarks[]> {
    return this.#ask(() =>
      partitions.map(({ topic, partition }) => {
        const { low, lastStableOffset } = this.#client.cluster.log({ topic, partition });
        return { topic, partition, low, end: lastStableOffset };
      }),
    );
  }

  groupOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (Committed | null)[]> {
    return this.#ask(() => {
      const { offsets } = this.#client.cluster.group(group);
      return partitions.map((partition) => offsets.get(partition));
    });
  }

  async setGroupOffsets(
    group: string,
    offsets: readonly (TopicPartition & Committed)[],
  ): Promise<void> {
    const isEmpty = await this.#ask(() => {
      const empty = this.#client.cluster.group(group).coordinator.isEmpty;
      if (empty) this.#client.cluster.setOffsets(group, offsets);
      return empty;
    });
    if (!isEmpty) throw portError("rejected", `the group ${group} has members`);
  }

  async deleteGroup(group: string): Promise<void> {
    if (!(await this.#ask(() => this.#client.cluster.deleteGroup(group)))) {
      throw portError("rejected", `the group ${group} has members`);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #ask<A>(serve: () => A): Promise<A> {
    return this.#client.network.send<A>(this.#connection, "admin", (answer) => answer(serve()));
  }
}
