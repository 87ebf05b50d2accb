import { PortError, type AssignedPartition, type Watermarks } from "@sluice/core";

import type { Holding } from "./assignments.ts";
import {
  call,
  type ListedOffset,
  type ClientModule,
  type CommittedOffset,
  type NativeAdmin,
  type NativeConsumer,
  type NativePartition,
  type OffsetSpec,
} from "./client.ts";
import { asNative } from "./errors.ts";
import { isOffset } from "./offsets.ts";

/** Reads committed offsets and log boundaries through the consumer's own connections. */
export class OffsetReader {
  readonly #module: ClientModule;
  readonly #client: NativeConsumer;
  readonly #admin: NativeAdmin;
  readonly #isolationLevel: number;

  constructor(
    module: ClientModule,
    client: NativeConsumer,
    isolation: "read_committed" | "read_uncommitted",
  ) {
    this.#module = module;
    this.#client = client;
    this.#admin = module.AdminClient.createFrom(client);
    this.#isolationLevel = isolation === "read_committed" ? 1 : 0;
  }

  /** @throws NativeError or Error of the first partition that could not be read */
  async assigned(holdings: readonly Holding[], timeoutMs: number): Promise<AssignedPartition[]> {
    const [committed, watermarks] = await Promise.all([
      this.committed(holdings, timeoutMs),
      this.watermarks(holdings, timeoutMs),
    ]);
    return holdings.map(({ topic, partition, epoch }, index) => ({
      topic,
      partition,
      epoch,
      committed: committed[index] ?? null,
      low: watermarks[index]?.low ?? 0,
      high: watermarks[index]?.end ?? 0,
    }));
  }

  async committed(
    partitions: readonly NativePartition[],
    timeoutMs: number,
  ): Promise<({ offset: number; metadata: string } | null)[]> {
    if (partitions.length === 0) return [];
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition }));
    const found = await call<readonly (CommittedOffset | Error)[]>((done) =>
      this.#client.committed(wanted, timeoutMs, done),
    );
    return found.map((item) => {
      if (item instanceof Error) throw item;
      const { topic, partition, offset, metadata } = item;
      if (offset === undefined || offset < 0) return null;
      return { offset: exact(topic, partition, offset), metadata: metadata ?? "" };
    });
  }

  /** `end` is the last stable offset under read_committed, else the high watermark. */
  async watermarks(
    partitions: readonly NativePartition[],
    timeoutMs: number,
  ): Promise<Watermarks[]> {
    try {
      return await this.#list(partitions, timeoutMs);
    } catch (error) {
      if (!LEADERSHIP.has(asNative(error).code)) throw error;
      // The admin API goes on asking by the leaders it remembers, and while nothing is fetched
      // nothing else corrects them: after a broker's restart it would fail for minutes.
      await this.#refreshLeaders(partitions, timeoutMs);
      return await this.#list(partitions, timeoutMs);
    }
  }

  async #list(partitions: readonly NativePartition[], timeoutMs: number): Promise<Watermarks[]> {
    if (partitions.length === 0) return [];
    const { EARLIEST, LATEST } = this.#module.OffsetSpec;
    const at = async (offset: OffsetSpec): Promise<Map<string, number>> => {
      const wanted = partitions.map(({ topic, partition }) => ({ topic, partition, offset }));
      const options = { timeout: timeoutMs, isolationLevel: this.#isolationLevel };
      return byPartition(await call((done) => this.#admin.listOffsets(wanted, options, done)));
    };
    const [low, end] = await Promise.all([at(EARLIEST), at(LATEST)]);
    return partitions.map(({ topic, partition }) => {
      const key = `${topic}\0${partition}`;
      return { topic, partition, low: low.get(key) ?? 0, end: end.get(key) ?? 0 };
    });
  }

  async #refreshLeaders(partitions: readonly NativePartition[], timeout: number): Promise<void> {
    for (const topic of new Set(partitions.map((partition) => partition.topic))) {
      await call((done) => this.#client.getMetadata({ topic, allTopics: false, timeout }, done));
    }
  }
}

/** The broker asked is not, or not in this epoch, the leader. */
const LEADERSHIP: ReadonlySet<number> = new Set([5, 6, 74, 75]);

/**
 * @throws PortError for an offset whose last bits are gone: to round is to lose or to repeat
 * @throws Error for one that the client makes up (-1001) for a partition without a leader: it is worth
 * asking again
 */
function exact(topic: string, partition: number, offset: number): number {
  if (isOffset(offset)) return offset;
  if (offset < 0) throw new Error(`nobody knows an offset of ${topic}-${partition} at the moment`);
  throw new PortError(`rdkafka: ${topic}-${partition}: offset ${offset} is past 2^53-1`, {
    kind: "fatal",
    outcome: "failed",
  });
}

function byPartition(listed: readonly ListedOffset[]): Map<string, number> {
  return new Map(
    listed.map(({ topic, partition, offset, error }) => {
      if (error !== undefined) throw error;
      return [`${topic}\0${partition}`, exact(topic, partition, offset)];
    }),
  );
}
