import {
  PortError,
  type AdminPort,
  type Committed,
  type Logger,
  type NewTopic,
  type TopicPartition,
  type Watermarks,
} from "@sluice/core";

import { Assignments } from "./assignments.ts";
import {
  call,
  type ClientModule,
  type LogEvent,
  type NativeAdmin,
  type NativeConsumer,
  type NativeOffset,
} from "./client.ts";
import { Commits } from "./commits.ts";
import { consumerConf, type ResolvedRdkafkaConfig } from "./config.ts";
import { connect, createClient } from "./connect.ts";
import { asNative, ERR, portError } from "./errors.ts";
import { routeLog } from "./logger.ts";
import { OffsetReader } from "./offset-reader.ts";
import { PollLoop } from "./poll-loop.ts";
import { settlesWithin } from "./timing.ts";
import { topicPartitions } from "./topics.ts";

const DISCONNECT_MS = 3000;
/** Never joined and never committed to: it only names the client that admin calls go through. */
const OWN_GROUP = "sluice-admin";

export interface AdminParts {
  readonly module: ClientModule;
  readonly config: ResolvedRdkafkaConfig;
  readonly logger: Logger;
}

/**
 * The admin calls. Group offsets are read and written by a consumer of that group that subscribes
 * to nothing: the client's own `listConsumerGroupOffsets` reads past the end of metadata that has
 * no NUL (trap T01), and it has no call to write them.
 */
export class RdkafkaAdmin implements AdminPort {
  readonly #parts: AdminParts;
  #client: NativeConsumer | undefined;
  #admin: NativeAdmin | undefined;
  #reader: OffsetReader | undefined;
  #closed: Promise<void> | undefined;

  constructor(parts: AdminParts) {
    this.#parts = parts;
  }

  async connect(): Promise<void> {
    const { module } = this.#parts;
    const { client } = await this.#member(OWN_GROUP);
    this.#client = client;
    this.#admin = module.AdminClient.createFrom(client);
    this.#reader = new OffsetReader(module, client, "read_uncommitted");
  }

  async createTopic({ topic, partitions, replicationFactor, config }: NewTopic): Promise<boolean> {
    const wanted = {
      topic,
      num_partitions: partitions,
      replication_factor: replicationFactor,
      ...(config === undefined ? {} : { config }),
    };
    try {
      await call((done) => this.#open().createTopic(wanted, this.#timeoutMs, done));
      return true;
    } catch (error) {
      if (asNative(error).code === ERR.topicAlreadyExists) return false;
      throw wrap(`creating topic ${topic}`, error);
    }
  }

  async deleteTopic(topic: string): Promise<void> {
    try {
      await call((done) => this.#open().deleteTopic(topic, this.#timeoutMs, done));
    } catch (error) {
      throw wrap(`deleting topic ${topic}`, error);
    }
  }

  async topicPartitions(topics: readonly string[]): Promise<readonly (number | null)[]> {
    try {
      return await topicPartitions(this.#open(), topics, this.#timeoutMs);
    } catch (error) {
      throw wrap("describing topics", error);
    }
  }

  async watermarks(partitions: readonly TopicPartition[]): Promise<readonly Watermarks[]> {
    this.#open();
    try {
      return (await this.#reader?.watermarks(partitions, this.#timeoutMs)) ?? [];
    } catch (error) {
      throw wrap("reading watermarks", error);
    }
  }

  async groupOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (Committed | null)[]> {
    return this.#asMember(group, `reading offsets of group ${group}`, async (client) => {
      const reader = new OffsetReader(this.#parts.module, client, "read_uncommitted");
      return reader.committed(partitions, this.#timeoutMs);
    });
  }

  async setGroupOffsets(
    group: string,
    offsets: readonly (TopicPartition & Committed)[],
  ): Promise<void> {
    const what = `setting offsets of group ${group}`;
    await this.#asMember(group, what, async (client, commits, assignments) => {
      const holdings = assignments.begin(offsets);
      for (const holding of holdings) holding.state = "active";
      const loop = new PollLoop(
        client,
        () => {},
        () => {},
      );
      loop.start();
      try {
        const results = await commits.commit(
          offsets.map(({ offset, metadata }, index) => ({
            ...holdings[index]!.id,
            offset,
            metadata,
          })),
          this.#timeoutMs,
        );
        const failed = results.find(({ error }) => error !== undefined)?.error;
        if (failed === undefined) return;
        if (failed.code !== ERR.unknownMemberId) throw failed;
        throw new PortError(`rdkafka: ${what}: the group has members; stop them first`, {
          kind: "rejected",
          outcome: "failed",
          code: failed.code,
        });
      } finally {
        await loop.stop();
      }
    });
  }

  async deleteGroup(group: string): Promise<void> {
    const what = `deleting group ${group}`;
    try {
      const [report] = await call<readonly { errorCode?: number; error?: Error }[]>((done) =>
        this.#open().deleteGroups([group], { timeout: this.#timeoutMs }, done),
      );
      if (report?.error !== undefined) throw report.error;
    } catch (error) {
      throw wrap(what, error);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#client === undefined ? Promise.resolve() : disconnect(this.#client);
    return this.#closed;
  }

  get #timeoutMs(): number {
    return this.#parts.config.timeouts.requestMs;
  }

  #open(): NativeAdmin {
    if (this.#admin !== undefined && this.#closed === undefined) return this.#admin;
    throw new PortError(
      `rdkafka: the admin client is ${this.#closed === undefined ? "not connected" : "closed"}`,
      { kind: "fatal", outcome: "failed" },
    );
  }

  async #asMember<T>(
    group: string,
    what: string,
    work: (client: NativeConsumer, commits: Commits, assignments: Assignments) => Promise<T>,
  ): Promise<T> {
    this.#open();
    const { client, commits, assignments } = await this.#member(group);
    try {
      return await work(client, commits, assignments);
    } catch (error) {
      throw wrap(what, error);
    } finally {
      await disconnect(client);
    }
  }

  /** A connected consumer of `group` that never subscribes, and so is no member to the broker. */
  async #member(
    group: string,
  ): Promise<{ client: NativeConsumer; commits: Commits; assignments: Assignments }> {
    const { module, config, logger } = this.#parts;
    const assignments = new Assignments();
    const conf = consumerConf(
      // Static ids and KIP-848 are for members.
      {
        ...config,
        clientId: `${config.clientId}-admin`,
        groupProtocol: "classic",
        instanceId: null,
      },
      { group, isolation: "read_uncommitted" },
    );
    const client = createClient(
      () =>
        new module.KafkaConsumer({
          ...conf,
          offset_commit_cb: (error: Error | undefined, offsets: NativeOffset[]) => {
            commits.onCallback(error, offsets);
          },
        }),
    );
    const commits = new Commits(client, assignments, {
      member: false,
      onAcknowledged: () => {},
    });
    let onAuthentication: ((message: string) => void) | undefined;
    const log = routeLog(logger, {
      authentication: (message) => onAuthentication?.(message),
      fatal: () => {},
    });
    client.on("event.log", (event: LogEvent) => log(event));
    client.on("event.error", () => {});
    await connect(client, config, (listener) => {
      onAuthentication = listener;
    });
    return { client, commits, assignments };
  }
}

async function disconnect(client: NativeConsumer): Promise<void> {
  await settlesWithin(
    call((done) => client.disconnect(done)),
    DISCONNECT_MS,
  );
}

function wrap(what: string, error: unknown): PortError {
  return error instanceof PortError ? error : portError(what, error);
}
