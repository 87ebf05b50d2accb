import type { ConsumerEvents, KafkaRecord } from "@sluice/core";
import type { PortError } from "@sluice/core";
import type { Assignment, Held } from "./assignment.ts";
import { epochPartition } from "./assignment.ts";
import { missingCodec } from "./codecs.ts";
import { errorOfCode, toPortError } from "./errors.ts";
import type { GroupHooks } from "./group-hooks.ts";
import type { FetchAnswer, FetchedPartition } from "./fetch-answer.ts";
import { readFetchAnswer } from "./fetch-answer.ts";
import type { Broker, Cluster, FetchRequest } from "./internals.ts";
import { breakConnection, callFetch } from "./internals.ts";
import { logOffsets } from "./log-offsets.ts";
import { toDecimal } from "./offsets.ts";
import { readFetched } from "./records.ts";
import type { MemberSettings } from "./settings.ts";
import { abortController, Backoff, delay, untilAborted } from "./waiting.ts";

export interface FetchingOwner {
  readonly events: ConsumerEvents;
  trouble(error: PortError): void;
  healthy(): void;
  fatal(error: PortError): void;
}

const OFFSET_OUT_OF_RANGE = 1;
const NOTHING = { responses: [] } as const;

/**
 * Takes over `broker.fetch`: asks for what is held and not paused, at the adapter's own positions,
 * and hands the records on. kafkajs is answered that nothing came, so it keeps its loop going and
 * never judges a batch. What that avoids:
 *
 * - Batches without a visible record (transaction markers, aborted or compacted records) never
 *   reach `eachBatch`, so their position would be told to nobody.
 * - One partition's error throws away the other partitions' records, and a leader that moved makes
 *   the whole group rebalance (T23).
 * - An offset out of range overwrites the group's committed offset (T05).
 * - With several brokers, an answer to a request of the last assignment can be resolved into the
 *   position of the next one, and what lies between is skipped. Here a {@link Held} is compared by
 *   identity and position.
 */
export class Fetching {
  readonly #cluster: Cluster;
  readonly #settings: MemberSettings;
  readonly #assignment: Assignment;
  readonly #hooks: GroupHooks;
  readonly #owner: FetchingOwner;
  readonly #wrapped = new WeakSet<Broker>();
  readonly #backoffs = new WeakMap<Broker, Backoff>();
  #waiting = abortController();
  #turn = 0;
  #lastSeen = performance.now();

  constructor(
    cluster: Cluster,
    settings: MemberSettings,
    assignment: Assignment,
    hooks: GroupHooks,
    owner: FetchingOwner,
  ) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#assignment = assignment;
    this.#hooks = hooks;
    this.#owner = owner;
    const find = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (of) => {
      const broker = await find(of).catch((thrown: unknown) =>
        this.#unconnected(of.nodeId, thrown),
      );
      this.#wrap(broker);
      return broker;
    };
  }

  /** How long kafkajs has not asked for anything, milliseconds. */
  get idleMs(): number {
    return performance.now() - this.#lastSeen;
  }

  /** Lets a loop that waits for something to fetch look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = abortController();
    waiting.abort();
  }

  /**
   * A broker that cannot be connected to crashes kafkajs' loop, and with it the membership (T15).
   * The broker object will do: its requests fail one by one, and those can be borne.
   */
  #unconnected(nodeId: number | string, thrown: unknown): Broker {
    const known = this.#cluster.brokerPool.brokers[nodeId];
    const { kind } = toPortError(thrown, "connecting", "failed");
    if (known === undefined || kind !== "retriable") throw thrown;
    return known;
  }

  #wrap(broker: Broker): void {
    if (this.#wrapped.has(broker)) return;
    this.#wrapped.add(broker);
    broker.fetch = async (request) => {
      this.#lastSeen = performance.now();
      const rejoin = this.#hooks.rejoinWanted();
      if (rejoin !== null) throw rejoin;
      await this.#fetch(broker, request);
      this.#lastSeen = performance.now();
      return NOTHING;
    };
  }

  async #fetch(broker: Broker, request: FetchRequest): Promise<void> {
    const asked = this.#plan(request);
    if (asked.size === 0) return delay(request.maxWaitTime, this.#waiting.signal);
    const signal = this.#hooks.interruption;
    try {
      const topics = shape(asked, request);
      const answer = await untilAborted(
        callFetch(broker, { ...request, topics }, readFetchAnswer),
        signal,
      );
      if (answer === null) return;
      await this.#deliver(answer, broker, asked, signal);
    } catch (thrown) {
      await this.#failed(thrown, broker, asked, signal);
    }
  }

  /** What to ask for, and at which position. */
  #plan({ topics }: FetchRequest): Map<Held, number> {
    const wanted: Held[] = [];
    for (const { topic, partitions } of topics) {
      for (const { partition } of partitions) {
        const held = this.#assignment.get({ topic, partition });
        if (held?.stage === "consuming" && !held.paused) wanted.push(held);
      }
    }
    // The first partitions of a request fill its answer: each takes its turn at the front (KIP-74).
    const turn = wanted.length === 0 ? 0 : this.#turn++ % wanted.length;
    const asked = new Map<Held, number>();
    for (const held of [...wanted.slice(turn), ...wanted.slice(0, turn)]) {
      if (held.position !== null) asked.set(held, held.position);
    }
    return asked;
  }

  async #deliver(
    { responses, errorCode }: FetchAnswer,
    broker: Broker,
    asked: ReadonlyMap<Held, number>,
    signal: AbortSignal,
  ): Promise<void> {
    if (errorCode !== 0) throw errorOfCode(errorCode, "fetching");
    const failures: { readonly held: Held; readonly code: number }[] = [];
    for (const { topicName: topic, partitions } of responses) {
      for (const fetched of partitions) {
        const held = this.#assignment.get({ topic, partition: fetched.partition });
        if (held === undefined || !this.#isCurrent(held, asked.get(held))) continue;
        if (fetched.errorCode === 0) this.#hand(held, topic, fetched);
        else failures.push({ held, code: fetched.errorCode });
      }
    }
    if (failures.length === 0) {
      this.#backoffs.delete(broker);
      this.#owner.healthy();
    }
    let retriable: PortError | null = null;
    for (const { held, code } of failures) {
      if (code === OFFSET_OUT_OF_RANGE) {
        await this.#outOfRange(held, asked.get(held));
        continue;
      }
      const error = errorOfCode(code, `fetching ${held.key}`);
      if (error.kind !== "retriable") throw error;
      retriable = error;
    }
    // A leader has moved. The group need not hear of it: only the metadata is old.
    if (retriable !== null) await this.#tryAgainLater(retriable, broker, signal);
  }

  #isCurrent(held: Held, position: number | undefined): boolean {
    return this.#assignment.holds(held) && held.stage === "consuming" && held.position === position;
  }

  #hand(held: Held, topic: string, fetched: FetchedPartition): void {
    const before = held.position ?? 0;
    const { records, nextPosition } = readFetched(topic, fetched, before);
    if (nextPosition === before) return;
    held.position = nextPosition;
    this.#push(held, records, nextPosition);
  }

  #push(held: Held, records: readonly KafkaRecord[], nextPosition: number): void {
    this.#owner.events.records(epochPartition(held), records, nextPosition);
  }

  async #outOfRange(held: Held, position: number | undefined): Promise<void> {
    const { logger, config } = this.#settings;
    const [mark] = await logOffsets(this.#cluster, [held], 0, config.timeouts.requestMs);
    if (mark === undefined || position === undefined || !this.#isCurrent(held, position)) return;
    if (position < mark.low) {
      logger.warn(
        `${held.key}: records ${position} to ${mark.low - 1} were deleted by retention before they were read`,
      );
      held.position = mark.low;
      this.#push(held, [], mark.low);
    } else if (position > mark.end) {
      logger.warn(
        `${held.key}: position ${position} is past the end of the log, ${mark.end}: it was truncated or created anew`,
      );
      await this.#hooks.reassign(held);
    }
  }

  async #failed(
    thrown: unknown,
    broker: Broker,
    asked: ReadonlyMap<Held, number>,
    signal: AbortSignal,
  ): Promise<void> {
    const where = [...asked.keys()].map(({ key }) => key).join(", ");
    const error = missingCodec(thrown, where) ?? toPortError(thrown, `fetching ${where}`, "failed");
    if (error.kind !== "retriable") {
      this.#owner.fatal(error);
      return delay(this.#settings.config.fetch.maxWaitMs, signal);
    }
    // Whatever is silent for a whole request timeout is dead; kafkajs would ask again on it.
    if ((thrown as Error).name === "KafkaJSRequestTimeoutError") {
      breakConnection(broker, 1, "a fetch was not answered in time");
    }
    await this.#tryAgainLater(error, broker, signal);
  }

  async #tryAgainLater(error: PortError, broker: Broker, signal: AbortSignal): Promise<void> {
    this.#owner.trouble(error);
    let backoff = this.#backoffs.get(broker);
    if (backoff === undefined) this.#backoffs.set(broker, (backoff = new Backoff(50, 1000)));
    await delay(backoff.next(), signal);
    await this.#cluster.refreshMetadata().catch(() => {});
  }
}

function shape(asked: ReadonlyMap<Held, number>, { topics }: FetchRequest): FetchRequest["topics"] {
  const maxBytes = topics[0]?.partitions[0]?.maxBytes ?? 0;
  const shaped: {
    topic: string;
    partitions: FetchRequest["topics"][number]["partitions"][number][];
  }[] = [];
  for (const [{ topic, partition, key }, position] of asked) {
    const one = { partition, fetchOffset: toDecimal(position, key), maxBytes };
    const last = shaped.at(-1);
    // Neighbours of one topic share an entry; more would undo the turns.
    if (last?.topic === topic) last.partitions.push(one);
    else shaped.push({ topic, partitions: [one] });
  }
  return shaped;
}
