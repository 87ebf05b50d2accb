import type {
  AssignedPartition,
  Assignment,
  ConsumerEvents,
  EpochPartition,
  KafkaRecord,
  PortError,
  Revocation,
} from "@sluice/core";
import { awaitUntil } from "./await-until.ts";

export type Seen =
  | { readonly type: "assigned"; readonly partitions: readonly AssignedPartition[] }
  | { readonly type: "started"; readonly partitions: readonly AssignedPartition[] }
  | { readonly type: "revoked"; readonly revocation: Revocation }
  | { readonly type: "released"; readonly partitions: readonly EpochPartition[] }
  | { readonly type: "lost"; readonly partitions: readonly EpochPartition[] }
  | {
      readonly type: "records";
      readonly partition: EpochPartition;
      readonly records: readonly KafkaRecord[];
      readonly nextPosition: number;
    }
  | { readonly type: "down"; readonly error: PortError; readonly willRestart: boolean };

export interface Answers {
  /** @defaultValue the committed offset, else the start of the log */
  assigned?: (assignment: Assignment) => readonly number[] | Promise<readonly number[]>;
  /** @defaultValue at once */
  revoked?: (revocation: Revocation) => void | Promise<void>;
}

/** A {@link ConsumerEvents} that writes everything down, and breaches of the port's rules too. */
export class RecordingEvents implements ConsumerEvents {
  readonly seen: Seen[] = [];
  /** Rules of `consumer-port.ts` that were broken, in words. */
  readonly breaches: string[] = [];
  readonly #answers: Answers;
  readonly #held = new Map<string, Holding>();
  #lastEpoch = 0;

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  async assigned(assignment: Assignment): Promise<readonly number[]> {
    const { partitions } = assignment;
    this.seen.push({ type: "assigned", partitions });
    for (const { topic, partition, epoch } of partitions) {
      const key = `${topic}-${partition}`;
      if (!(epoch > this.#lastEpoch))
        this.#breach(`rule 1: epoch ${epoch} after ${this.#lastEpoch}`);
      this.#lastEpoch = Math.max(this.#lastEpoch, epoch);
      if (performance.now() < (this.#held.get(key)?.until ?? 0)) {
        this.#breach(`${key} assigned while held`);
      }
      this.#held.set(key, { epoch, next: null, until: Infinity });
    }
    const starts =
      (await this.#answers.assigned?.(assignment)) ??
      partitions.map(({ committed, low }) => committed?.offset ?? low);
    partitions.forEach(({ topic, partition, epoch }, i) => {
      const held = this.#held.get(`${topic}-${partition}`);
      if (held?.epoch === epoch) held.next = starts[i] ?? null;
    });
    this.seen.push({ type: "started", partitions });
    return starts;
  }

  async revoked(revocation: Revocation): Promise<void> {
    this.seen.push({ type: "revoked", revocation });
    for (const at of revocation.partitions) {
      const held = this.#mustHold(at, "revoked");
      // Then the partition goes, whatever this promise does.
      if (held !== null) held.until = performance.now() + revocation.deadlineMs;
    }
    try {
      await this.#answers.revoked?.(revocation);
    } finally {
      for (const { topic, partition, epoch } of revocation.partitions) {
        const key = `${topic}-${partition}`;
        if (this.#held.get(key)?.epoch === epoch) this.#held.delete(key);
      }
      this.seen.push({ type: "released", partitions: revocation.partitions });
    }
  }

  lost(partitions: readonly EpochPartition[]): void {
    this.seen.push({ type: "lost", partitions });
    for (const at of partitions) {
      this.#mustHold(at, "lost");
      this.#held.delete(`${at.topic}-${at.partition}`);
    }
  }

  records(partition: EpochPartition, records: readonly KafkaRecord[], nextPosition: number): void {
    this.seen.push({ type: "records", partition, records, nextPosition });
    const held = this.#mustHold(partition, "records");
    if (held === null) return;
    if (held.next === null) return this.#breach("rule 2: records before assigned had resolved");
    for (const { offset } of records) {
      if (offset < held.next) this.#breach(`rule 2: offset ${offset} after position ${held.next}`);
      held.next = offset + 1;
    }
    if (nextPosition < held.next) this.#breach(`position ${nextPosition} after ${held.next}`);
    held.next = nextPosition;
  }

  down(error: PortError, willRestart: boolean): void {
    this.seen.push({ type: "down", error, willRestart });
  }

  of<T extends Seen["type"]>(type: T): Extract<Seen, { type: T }>[] {
    return this.seen.filter((event) => event.type === type) as Extract<Seen, { type: T }>[];
  }

  /** All records of a partition, in the order of delivery. */
  recordsOf(partition = 0, topic?: string): KafkaRecord[] {
    return this.of("records")
      .filter(({ partition: at }) => at.partition === partition && (topic ?? at.topic) === at.topic)
      .flatMap(({ records }) => records);
  }

  values(partition = 0): string[] {
    return this.recordsOf(partition).map(({ value }) => Buffer.from(value ?? []).toString());
  }

  /** The last position told for a partition, or null. */
  position(partition = 0): number | null {
    const last = this.of("records").findLast(({ partition: at }) => at.partition === partition);
    return last?.nextPosition ?? null;
  }

  /** Resolves with the n-th assignment that was answered. */
  started(n = 1, timeoutMs?: number): Promise<readonly AssignedPartition[]> {
    return awaitUntil(`assignment ${n}`, () => this.of("started")[n - 1]?.partitions, timeoutMs);
  }

  /** The current epoch of a partition. */
  epoch(partition = 0): number {
    const last = this.of("assigned")
      .flatMap(({ partitions }) => partitions)
      .findLast((at) => at.partition === partition);
    if (last === undefined) throw new Error(`partition ${partition} was never assigned`);
    return last.epoch;
  }

  #mustHold({ topic, partition, epoch }: EpochPartition, what: string): Holding | null {
    const held = this.#held.get(`${topic}-${partition}`);
    if (held?.epoch === epoch) return held;
    this.#breach(`${what} for ${topic}-${partition} under epoch ${epoch}, held: ${held?.epoch}`);
    return null;
  }

  #breach(what: string): void {
    this.breaches.push(what);
  }
}

interface Holding {
  readonly epoch: number;
  /** Offset of the next record at the least; null until the start is answered. */
  next: number | null;
  until: number;
}
