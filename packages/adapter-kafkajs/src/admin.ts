import type {
  AdminPort,
  Committed,
  Logger,
  NewTopic,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { PortError } from "@sluice/core";
import type { Admin } from "kafkajs";
import { ClusterClient } from "./cluster.ts";
import { committedOffsets } from "./committed.ts";
import { Coordinator, NoAnswer } from "./coordinator.ts";
import { errorOfCode, kafkaCode, toPortError } from "./errors.ts";
import { byTopic, logOffsets } from "./log-offsets.ts";
import { toDecimal } from "./offsets.ts";
import type { Settings } from "./settings.ts";

const CLOSE_MARGIN_MS = 2000;
const UNKNOWN_MEMBER_ID = 25;
const NON_EMPTY_GROUP = 68;

/** The administrative calls. kafkajs' `setOffsets` is not among them: it joins the group (T25). */
export class KafkajsAdmin implements AdminPort {
  readonly #client: ClusterClient;
  readonly #admin: Admin;
  readonly #timeoutMs: number;
  #closing: Promise<void> | null = null;

  constructor(settings: Settings, logger: Logger) {
    const clientId = `${settings.clientId}-admin`;
    this.#client = new ClusterClient(settings, logger, clientId, { groupId: clientId });
    this.#admin = this.#client.kafka.admin();
    this.#timeoutMs = settings.timeouts.requestMs;
  }

  async connect(): Promise<void> {
    await this.#client.connect();
    await this.#do("connecting", () => this.#admin.connect());
  }

  createTopic({ topic, partitions, replicationFactor, config = {} }: NewTopic): Promise<boolean> {
    return this.#do(`creating topic ${topic}`, () =>
      this.#admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    );
  }

  deleteTopic(topic: string): Promise<void> {
    return this.#do(`deleting topic ${topic}`, () => this.#admin.deleteTopics({ topics: [topic] }));
  }

  topicPartitions(topics: readonly string[]): Promise<readonly (number | null)[]> {
    return this.#do("asking for topics", () => this.#client.partitionCounts(topics));
  }

  watermarks(partitions: readonly TopicPartition[]): Promise<readonly Watermarks[]> {
    return this.#do("asking for log offsets", async () => {
      await this.#client.cluster.addMultipleTargetTopics(partitions.map(({ topic }) => topic));
      return logOffsets(this.#client.cluster, partitions, 1, this.#timeoutMs);
    });
  }

  groupOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (Committed | null)[]> {
    return this.#do(`reading the offsets of group ${group}`, () =>
      committedOffsets(this.#coordinator(group), group, partitions, this.#timeoutMs),
    );
  }

  setGroupOffsets(group: string, offsets: readonly (TopicPartition & Committed)[]): Promise<void> {
    return this.#do(`setting the offsets of group ${group}`, async () => {
      const topics = byTopic(offsets, ({ topic, partition, offset, metadata }) => ({
        partition,
        offset: toDecimal(offset, `${topic}-${partition}`),
        metadata,
      }));
      // The commit of nobody: a group with members refuses it.
      const args = { groupId: group, groupGenerationId: -1, memberId: "", topics };
      const { responses } = await this.#coordinator(group).send(
        "OffsetCommit",
        args,
        (response) => response.responses[0]?.partitions[0]?.errorCode ?? 0,
        this.#timeoutMs,
      );
      for (const { topic, partitions } of responses) {
        for (const { partition, errorCode } of partitions) {
          if (errorCode === 0) continue;
          if (errorCode === UNKNOWN_MEMBER_ID) throw hasMembers(group, errorCode);
          throw errorOfCode(errorCode, `setting ${topic}-${partition} of group ${group}`);
        }
      }
    });
  }

  deleteGroup(group: string): Promise<void> {
    return this.#do(`deleting group ${group}`, async () => {
      try {
        await this.#admin.deleteGroups([group]);
      } catch (thrown) {
        if (kafkaCode(thrown) === NON_EMPTY_GROUP) throw hasMembers(group, NON_EMPTY_GROUP);
        throw thrown;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#client.close(CLOSE_MARGIN_MS);
      await this.#admin.disconnect().catch(() => {});
    })();
    return this.#closing;
  }

  #coordinator(group: string): Coordinator {
    const find = (): ReturnType<ClusterClient["cluster"]["findGroupCoordinator"]> =>
      this.#client.cluster.findGroupCoordinator({ groupId: group });
    return new Coordinator(find, this.#timeoutMs);
  }

  async #do<T>(doing: string, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (thrown) {
      if (thrown instanceof NoAnswer) {
        const outcome = thrown.mayHaveArrived ? "unknown" : "failed";
        throw new PortError(`${doing}: ${thrown.message}`, { kind: "retriable", outcome });
      }
      throw toPortError(thrown, doing, "unknown");
    }
  }
}

function hasMembers(group: string, code: number): PortError {
  return new PortError(`group ${group} has members: stop them first`, {
    kind: "rejected",
    outcome: "failed",
    code,
  });
}
