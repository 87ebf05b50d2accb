import type { HistoryEvent, Tp } from "@sluice/checker";
import type {
  AssignedPartition,
  CommitOffset,
  EpochPartition,
  Header,
  KafkaRecord,
  OutgoingRecord,
  TopicPartition,
} from "@sluice/core";
import { readEnvelope } from "@sluice/core";
import type { SimProcess } from "../client/sim-process.ts";
import { ERROR } from "../cluster/error-code.ts";
import type { WireWitness } from "../client/wire-witness.ts";
import type { VirtualTime } from "../virtual-time.ts";
import type { AssignmentBook } from "./assignment-book.ts";
import type { CommitWatch } from "./commit-watch.ts";
import type { CommitsInFlight } from "./commits-in-flight.ts";

type Stamped<E> = E extends { readonly t: number } ? Omit<E, "t"> : never;

/** Writes the history down, and is its witness on the wire. */
export class Recorder implements WireWitness {
  readonly events: HistoryEvent[] = [];
  readonly #book: AssignmentBook;
  readonly #commitWatches: ReadonlyMap<SimProcess, CommitWatch>;
  readonly #commitsInFlight: ReadonlyMap<SimProcess, CommitsInFlight>;
  readonly #time: VirtualTime;
  readonly #origin: number;
  readonly #consumerProtocol: boolean;

  constructor(
    time: VirtualTime,
    book: AssignmentBook,
    commitWatches: ReadonlyMap<SimProcess, CommitWatch>,
    commitsInFlight: ReadonlyMap<SimProcess, CommitsInFlight>,
    consumerProtocol: boolean,
  ) {
    this.#book = book;
    this.#commitWatches = commitWatches;
    this.#commitsInFlight = commitsInFlight;
    this.#time = time;
    this.#origin = time.now();
    this.#consumerProtocol = consumerProtocol;
  }

  add(event: Stamped<HistoryEvent>): void {
    this.events.push({ t: this.#time.now() - this.#origin, ...event });
  }

  join(process: SimProcess, memberId: string): void {
    this.add({ type: "join", member: process.name, memberId });
  }

  assignment(
    process: SimProcess,
    memberId: string,
    generation: number,
    partitions: readonly TopicPartition[],
  ): void {
    this.add({
      type: "assignment",
      member: process.name,
      memberId,
      generation,
      protocol: this.#consumerProtocol ? "consumer" : "classic",
      partitions: partitions.map(tp),
    });
  }

  owned(
    process: SimProcess,
    memberId: string,
    generation: number,
    partitions: readonly TopicPartition[],
  ): void {
    this.add({
      type: "owned",
      member: process.name,
      memberId,
      generation,
      partitions: partitions.map(tp),
    });
  }

  leave(process: SimProcess, memberId: string): void {
    this.add({ type: "leave", member: process.name, memberId });
  }

  heartbeat(process: SimProcess, generation: number): void {
    this.add({ type: "heartbeat", member: process.name, generation });
  }

  commitRequest(
    process: SimProcess,
    memberId: string,
    generation: number,
    id: number,
    offsets: readonly CommitOffset[],
  ): void {
    this.#commitsInFlight.get(process)!.requested(offsets);
    this.#commitWatches.get(process)?.requested();
    for (const offset of offsets) this.#book.committing(process, offset, this.#time.now());
    this.add({
      type: "commit-request",
      member: process.name,
      memberId,
      generation,
      id: `${process.incarnation}.${id}`,
      version: 9,
      offsets: offsets.map(({ topic, partition, offset, metadata }) => ({
        topic,
        partition,
        offset: String(offset),
        metadata: metadata ?? null,
      })),
    });
  }

  commitAnswer(
    process: SimProcess,
    id: number,
    forwarded: boolean,
    offsets: readonly CommitOffset[],
    errors: readonly number[],
  ): void {
    this.add({
      type: "commit-answer",
      member: process.name,
      id: `${process.incarnation}.${id}`,
      forwarded,
      results: offsets.map(({ topic, partition }, i) => ({
        topic,
        partition,
        error: errors[i]!,
      })),
    });
  }

  commitOver(
    process: SimProcess,
    offsets: readonly CommitOffset[],
    errors: readonly number[] | null,
  ): void {
    this.#commitsInFlight.get(process)!.over(offsets);
    this.#commitWatches.get(process)?.answered(errors?.some((error) => error !== 0) ?? true);
    for (const [i, offset] of offsets.entries()) {
      if (errors?.[i] === ERROR.offsetMetadataTooLarge) this.#book.refused(process, offset);
    }
  }

  assigning(process: SimProcess, partitions: readonly AssignedPartition[]): void {
    this.#book.assigning(process, partitions);
  }

  delivered(
    process: SimProcess,
    partition: EpochPartition,
    records: readonly KafkaRecord[],
    nextPosition: number,
  ): void {
    this.#book.delivered(process, partition, records, nextPosition);
    this.#commitWatches.get(process)?.delivered();
  }

  produceAcked(process: SimProcess, record: OutgoingRecord, offset: number): void {
    const { origin } = readEnvelope({ ...record, offset }, { trusted: true });
    if (origin === null) return;
    this.#book.acknowledged(process, origin);
    this.add({
      type: "divert-acked",
      member: process.name,
      to: tp(record),
      toOffset: String(offset),
      origin: {
        topic: origin.topic,
        partition: origin.partition,
        offset: String(origin.offset),
      },
    });
  }
}

export function tp({ topic, partition }: TopicPartition): Tp {
  return [topic, partition];
}

export function base64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("base64");
}

export function headersOf(
  headers: readonly Header[],
): readonly (readonly [name: string, value: string | null])[] {
  return headers.map(([name, value]) => [name, base64(value)]);
}
