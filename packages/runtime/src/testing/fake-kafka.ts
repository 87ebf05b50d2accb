import type {
  Adapter,
  AdminPort,
  CommitOffset,
  Committed,
  CommitResult,
  ConsumerEvents,
  ConsumerPort,
  ConsumerPortOptions,
  EpochPartition,
  Header,
  KafkaRecord,
  OutgoingRecord,
  ProducerPort,
  Sent,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { PortError } from "@sluice/core";

/** A broker in memory, and an adapter for it that keeps the rules of the port. For tests alone. */
export class FakeKafka {
  readonly consumers: FakeConsumerPort[] = [];
  readonly producers: FakeProducerPort[] = [];
  /** Every offset that the broker has accepted, in order. */
  readonly commits: CommitOffset[] = [];
  readonly committed = new Map<string, Committed>();
  /** Thrown by every connection while set. */
  unreachable: PortError | null = null;
  /** What happens to a record before it is appended: may throw, may wait. */
  onProduce: (record: OutgoingRecord) => void | Promise<void> = () => {};
  /** Assigns all partitions as soon as a consumer has started. */
  autoAssign = true;
  openAdmins = 0;
  readonly #topics = new Map<string, { logs: KafkaRecord[][]; maxBytes: number }>();

  createTopic(name: string, partitions = 1, { maxBytes = 1_000_000 } = {}): void {
    this.#topics.set(name, { logs: Array.from({ length: partitions }, () => []), maxBytes });
  }

  append(
    topic: string,
    value: string | Uint8Array | null,
    key: string | Uint8Array | null = null,
    { partition = 0, headers = [] }: { partition?: number; headers?: readonly Header[] } = {},
  ): number {
    return this.write({ topic, partition, key: bytes(key), value: bytes(value), headers });
  }

  write(record: OutgoingRecord): number {
    const log = this.log(record);
    const offset = log.length;
    log.push({ timestamp: Date.now(), ...record, offset });
    for (const consumer of this.consumers) consumer.wake();
    return offset;
  }

  log({ topic, partition }: TopicPartition): KafkaRecord[] {
    const log = this.#topics.get(topic)?.logs[partition];
    if (log === undefined) throw new Error(`no ${topic}-${partition}`);
    return log;
  }

  partitions(topic: string): number | null {
    return this.#topics.get(topic)?.logs.length ?? null;
  }

  maxBytes(topic: string): number {
    return this.#topics.get(topic)?.maxBytes ?? 0;
  }

  committedOffset(topic: string, partition = 0): number | null {
    return this.committed.get(nameOf({ topic, partition }))?.offset ?? null;
  }

  /** The consumer port created last. */
  get consumer(): FakeConsumerPort {
    return this.consumers.at(-1)!;
  }

  get producer(): FakeProducerPort {
    return this.producers.at(-1)!;
  }

  connect(): void {
    if (this.unreachable !== null) throw this.unreachable;
  }

  readonly adapter: Adapter = {
    name: "fake",
    caps: FAKE_CAPS,
    consumer: (options) => {
      const port = new FakeConsumerPort(this, options);
      this.consumers.push(port);
      return port;
    },
    producer: () => {
      const port = new FakeProducerPort(this);
      this.producers.push(port);
      return port;
    },
    admin: () => this.#admin(),
  };

  #admin(): AdminPort {
    const unused = (): never => {
      throw new Error("not used by the runtime");
    };
    return {
      connect: async () => {
        this.connect();
        this.openAdmins++;
      },
      topicPartitions: async (topics) => topics.map((topic) => this.partitions(topic)),
      close: async () => {
        this.openAdmins = Math.max(0, this.openAdmins - 1);
      },
      createTopic: unused,
      deleteTopic: unused,
      watermarks: unused,
      groupOffsets: unused,
      setGroupOffsets: unused,
      deleteGroup: unused,
    };
  }
}

export class FakeConsumerPort implements ConsumerPort {
  readonly caps: Adapter["caps"] = FAKE_CAPS;
  readonly options: ConsumerPortOptions;
  readonly paused = new Set<string>();
  closed = false;
  /** Called instead of the broker's answer to a commit while set. */
  onCommit: ((offsets: readonly CommitOffset[]) => Promise<readonly CommitResult[]>) | null = null;
  /** Awaited by `start`. */
  starting: Promise<void> = Promise.resolve();
  /** Delivers nothing while set, as a stalled client. */
  stalled = false;
  watermarkCalls = 0;
  readonly #kafka: FakeKafka;
  #events: ConsumerEvents | null = null;
  #epoch = 0;
  readonly #held = new Map<string, EpochPartition & { position: number; ready: boolean }>();
  #closing: Promise<void> | null = null;

  constructor(kafka: FakeKafka, options: ConsumerPortOptions) {
    this.#kafka = kafka;
    this.options = options;
  }

  async start(topics: readonly string[], events: ConsumerEvents): Promise<void> {
    this.#events = events;
    await this.starting;
    this.#kafka.connect();
    if (!this.#kafka.autoAssign) return;
    const all = topics.flatMap((topic) =>
      Array.from({ length: this.#kafka.partitions(topic) ?? 0 }, (_, partition) => ({
        topic,
        partition,
      })),
    );
    setImmediate(() => void this.assign(all));
  }

  async assign(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    if (this.closed) return [];
    const held = partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      epoch: ++this.#epoch,
      position: -1,
      ready: false,
    }));
    for (const each of held) {
      this.#held.set(nameOf(each), each);
      this.paused.delete(nameOf(each));
    }
    const starts = await this.#events!.assigned({
      partitions: held.map(({ topic, partition, epoch }) => ({
        topic,
        partition,
        epoch,
        committed: this.#kafka.committed.get(nameOf({ topic, partition })) ?? null,
        low: 0,
        high: this.#kafka.log({ topic, partition }).length,
      })),
    });
    held.forEach((each, i) => Object.assign(each, { position: starts[i], ready: true }));
    this.wake();
    return starts;
  }

  /** Resolves when the partitions have been given up. */
  async revoke(partitions: readonly TopicPartition[], deadlineMs: number): Promise<void> {
    const revoked = this.#current(partitions);
    const late = new Promise<void>((resolve) => setTimeout(resolve, deadlineMs).unref());
    await Promise.race([this.#events!.revoked({ partitions: revoked, deadlineMs }), late]);
    for (const each of revoked) this.#forget(each);
  }

  lose(partitions: readonly TopicPartition[]): void {
    const lost = this.#current(partitions);
    for (const each of lost) this.#forget(each);
    this.#events!.lost(lost);
  }

  down(error: PortError, willRestart: boolean): void {
    this.#events!.down(error, willRestart);
  }

  wake(): void {
    queueMicrotask(() => this.#deliver());
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.add(nameOf(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.paused.delete(nameOf(partition));
    this.wake();
  }

  async commit(offsets: readonly CommitOffset[]): Promise<readonly CommitResult[]> {
    return this.onCommit?.(offsets) ?? this.apply(offsets);
  }

  apply(offsets: readonly CommitOffset[]): readonly CommitResult[] {
    return offsets.map((offset) => {
      if (this.#held.get(nameOf(offset))?.epoch !== offset.epoch) {
        return { ...offset, error: portError("fenced", "the epoch is over") };
      }
      this.#kafka.commits.push(offset);
      this.#kafka.committed.set(nameOf(offset), {
        offset: offset.offset,
        metadata: offset.metadata ?? "",
      });
      return offset;
    });
  }

  async watermarks(partitions: readonly TopicPartition[]): Promise<Watermarks[]> {
    this.watermarkCalls++;
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      low: 0,
      end: this.#kafka.log({ topic, partition }).length,
    }));
  }

  close(drainMs: number): Promise<void> {
    return (this.#closing ??= this.#close(drainMs));
  }

  async #close(drainMs: number): Promise<void> {
    if (this.#events !== null && this.#held.size > 0) {
      await this.revoke([...this.#held.values()], Math.max(drainMs, 1));
    }
    this.closed = true;
  }

  #deliver(): void {
    if (this.stalled) return;
    for (const each of this.#held.values()) {
      if (!each.ready || this.paused.has(nameOf(each))) continue;
      const records = this.#kafka.log(each).slice(each.position);
      if (records.length === 0) continue;
      each.position += records.length;
      const { topic, partition, epoch } = each;
      this.#events!.records({ topic, partition, epoch }, records, each.position);
    }
  }

  #current(partitions: readonly TopicPartition[]): EpochPartition[] {
    return partitions.map((of) => {
      const { topic, partition, epoch } = this.#held.get(nameOf(of))!;
      return { topic, partition, epoch };
    });
  }

  #forget(partition: EpochPartition): void {
    if (this.#held.get(nameOf(partition))?.epoch !== partition.epoch) return;
    this.#held.delete(nameOf(partition));
    this.paused.delete(nameOf(partition));
  }
}

export class FakeProducerPort implements ProducerPort {
  readonly caps: Adapter["caps"] = FAKE_CAPS;
  connected = false;
  closed = false;
  /** Awaited by `writable`. */
  room: Promise<void> = Promise.resolve();
  readonly #kafka: FakeKafka;
  readonly #unsettled = new Set<Promise<unknown>>();

  constructor(kafka: FakeKafka) {
    this.#kafka = kafka;
  }

  async connect(): Promise<void> {
    this.#kafka.connect();
    this.connected = true;
  }

  async partitions(topic: string): Promise<number> {
    const count = this.#kafka.partitions(topic);
    if (count === null) throw portError("configuration", `the topic "${topic}" does not exist`);
    return count;
  }

  send(record: OutgoingRecord): Promise<Sent> {
    const sent = this.#append(record);
    this.#unsettled.add(sent);
    const settled = (): void => void this.#unsettled.delete(sent);
    sent.then(settled, settled);
    return sent;
  }

  writable(): Promise<void> {
    return this.room;
  }

  async flush(): Promise<void> {
    await Promise.allSettled(this.#unsettled);
  }

  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
  }

  async #append(record: OutgoingRecord): Promise<Sent> {
    if (this.closed) throw portError("fatal", "closed");
    await this.#kafka.onProduce(record);
    const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (size > this.#kafka.maxBytes(record.topic)) {
      throw portError("rejected", `${size} bytes are more than ${record.topic} accepts`);
    }
    return { offset: this.#kafka.write(record) };
  }
}

export function portError(
  kind: PortError["kind"],
  message: string,
  outcome: PortError["outcome"] = "failed",
): PortError {
  return new PortError(message, { kind, outcome });
}

const FAKE_CAPS: Adapter["caps"] = {
  client: "fake 1.0.0",
  rebalance: "eager",
  staticMembership: false,
  headerOrder: true,
  emptyHeader: true,
  nullHeader: true,
  commitLeaderEpoch: false,
  commitMetadataBytes: 4096,
  codecs: ["none"],
};

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

function bytes(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === "string" ? Buffer.from(value) : value;
}
