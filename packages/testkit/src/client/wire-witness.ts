import type {
  AssignedPartition,
  CommitOffset,
  EpochPartition,
  KafkaRecord,
  OutgoingRecord,
  TopicPartition,
} from "@sluice/core";
import type { SimProcess } from "./sim-process.ts";

/** Sees what a proxy between member and broker would see. */
export interface WireWitness {
  join(process: SimProcess, memberId: string): void;
  assignment(
    process: SimProcess,
    memberId: string,
    generation: number,
    partitions: readonly TopicPartition[],
  ): void;
  owned(
    process: SimProcess,
    memberId: string,
    generation: number,
    partitions: readonly TopicPartition[],
  ): void;
  leave(process: SimProcess, memberId: string): void;
  heartbeat(process: SimProcess, generation: number): void;
  commitRequest(
    process: SimProcess,
    memberId: string,
    generation: number,
    id: number,
    offsets: readonly CommitOffset[],
  ): void;
  commitAnswer(
    process: SimProcess,
    id: number,
    forwarded: boolean,
    offsets: readonly CommitOffset[],
    errors: readonly number[],
  ): void;
  /**
   * The runtime is about to be told what has become of a request.
   * @param errors null for an unknown outcome
   */
  commitOver(
    process: SimProcess,
    offsets: readonly CommitOffset[],
    errors: readonly number[] | null,
  ): void;
  /** The runtime is about to be told of these assignments. */
  assigning(process: SimProcess, partitions: readonly AssignedPartition[]): void;
  /** The runtime is about to be given these. */
  delivered(
    process: SimProcess,
    partition: EpochPartition,
    records: readonly KafkaRecord[],
    nextPosition: number,
  ): void;
  produceAcked(process: SimProcess, record: OutgoingRecord, offset: number): void;
}

const ignore = (): void => {};

export const noWitness: WireWitness = {
  join: ignore,
  assignment: ignore,
  owned: ignore,
  leave: ignore,
  heartbeat: ignore,
  commitRequest: ignore,
  commitAnswer: ignore,
  commitOver: ignore,
  assigning: ignore,
  delivered: ignore,
  produceAcked: ignore,
};
