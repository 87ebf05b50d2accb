import type { ConsumerPortOptions, KafkaRecord, TopicPartition } from "@sluice/core";
import { keyOf } from "../partition-key.ts";
import type { HeldPartition } from "./held-partition.ts";
import type { SimClient } from "./sim-client.ts";
import { Connection } from "./sim-network.ts";

export interface FetcherHost {
  held(): Iterable<HeldPartition>;
  isCurrent(held: HeldPartition): boolean;
  records(held: HeldPartition, records: readonly KafkaRecord[], nextPosition: number): void;
  /** Its position lies behind the end of the log: the log was truncated. */
  reassign(held: HeldPartition): void;
}

/**
 * One fetch at a time for all partitions that are not paused. The broker keeps a fetch that finds
 * nothing until something comes.
 */
export class Fetcher {
  readonly #client: SimClient;
  readonly #isolation: ConsumerPortOptions["isolation"];
  readonly #host: FetcherHost;
  readonly #connection: Connection;
  readonly #paused = new Set<string>();
  /** The fetch whose answer counts. */
  #current = 0;
  #unwatch: () => void = () => {};
  #stopped = false;

  constructor(client: SimClient, isolation: ConsumerPortOptions["isolation"], host: FetcherHost) {
    this.#client = client;
    this.#isolation = isolation;
    this.#host = host;
    this.#connection = new Connection(client.process);
  }

  /** What has been fetched already still arrives (T08). */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(keyOf(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(keyOf(partition));
    this.changed();
  }

  forget(partition: TopicPartition): void {
    this.#paused.delete(keyOf(partition));
  }

  /** What is to be fetched has changed: a fetch that waits for something else is given up. */
  changed(): void {
    this.#unwatch();
    const id = ++this.#current;
    // Several changes at once make one fetch.
    this.#client.process.environment.time.nextTurn(() => {
      if (id === this.#current) void this.#fetch(id);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch();
  }

  async #fetch(id: number): Promise<void> {
    const { cluster, network, process, tuning } = this.#client;
    const wanted: Wanted[] = [];
    for (const held of this.#host.held()) {
      if (held.stage !== "consuming" || this.#paused.has(keyOf(held))) continue;
      wanted.push({ held, position: held.position });
    }
    if (wanted.length === 0 || this.#stopped) return;
    try {
      const found = await network.send<readonly Found[]>(this.#connection, "fetch", (answer) => {
        const look = (): void => {
          const results = wanted.map((each): Found => this.#read(each));
          if (results.every(({ next }, i) => next === wanted[i]!.position)) return;
          this.#unwatch();
          answer(results);
        };
        if (id !== this.#current) return;
        this.#unwatch();
        this.#unwatch = cluster.watch(
          wanted.map(({ held }) => held),
          look,
        );
        look();
      });
      if (id !== this.#current || this.#stopped) return;
      for (const [i, each] of wanted.entries()) this.#deliver(each, found[i]!);
    } catch {
      await new Promise<void>(
        (resolve) => void process.environment.time.setTimer(resolve, tuning.retryMs),
      );
    }
    if (id === this.#current) await this.#fetch(id);
  }

  #read({ held, position }: Wanted): Found {
    const log = this.#client.cluster.log(held);
    const read = log.read(position, this.#client.tuning.fetchRecords, this.#isolation);
    if (read !== null) return { records: read.records, next: read.nextPosition };
    return { records: [], next: position < log.low ? log.low : -1 };
  }

  #deliver({ held, position }: Wanted, { records, next }: Found): void {
    if (!this.#host.isCurrent(held) || held.position !== position || next === position) return;
    if (next === -1) {
      // What is being given up is for its next owner to find.
      if (held.stage === "consuming") this.#host.reassign(held);
      return;
    }
    held.position = next;
    this.#host.records(held, records, next);
  }
}

interface Wanted {
  readonly held: HeldPartition;
  readonly position: number;
}

interface Found {
  readonly records: readonly KafkaRecord[];
  /** -1 when the log ends before the position. */
  readonly next: number;
}
