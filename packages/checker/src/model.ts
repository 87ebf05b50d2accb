import type {
  BeginEvent,
  CaseEvent,
  CommitRequestEvent,
  DeadLetterEvent,
  ExpectEvent,
  FinishEvent,
  HistoryEvent,
  LogRangeEvent,
  MemberEvent,
  ProducedEvent,
  VisibleEvent,
  Witness,
} from "./history.ts";
import type { Offset } from "./offset.ts";

/**
 * The history, indexed once. Everywhere an *index* is the position of an event in the history: the
 * only order that invariants compare, because the recorder appends an event when it stamps it. Times
 * are only used where a duration is judged. `Infinity` as an index means "never".
 */
export interface Model {
  readonly case: CaseEvent;
  readonly events: readonly HistoryEvent[];
  /** Those that the case names, without the blind ones. */
  readonly witnesses: ReadonlySet<Witness>;
  /** Named by the case, but proved by another witness to have seen nothing. */
  readonly blind: readonly Witness[];
  /** Partitions of the workload topics, and any other that an event names. */
  readonly partitions: readonly PartitionModel[];
  partition(topic: string, partition: number): PartitionModel | undefined;
  /** In the order of their begins. */
  readonly handles: readonly Handle[];
  readonly epochs: readonly Epoch[];
  /** One for each run of a process: a restarted member is another one. */
  readonly members: readonly Member[];
  readonly deadLetters: readonly { readonly index: number; readonly event: DeadLetterEvent }[];
  /**
   * False when the witness found the cluster ill in the quiesce phase (guards `healthy`, G0): then not
   * getting on proves nothing against the subject.
   */
  readonly healthy: boolean;
  /** Index of the first quiesce phase; Infinity for vectors. */
  readonly quiesce: number;
  /** Time of the last event. */
  readonly endTime: number;
  timeOf(index: number): number;
}

export interface PartitionModel {
  /** For messages: without what all topics of the case have in front of them. */
  readonly name: string;
  readonly topic: string;
  readonly partition: number;
  readonly workload: boolean;
  /** The group's first position (pos0): records below are nobody's duty. */
  start: Offset;
  /** Index of the event that said so; -1 without one. */
  startIndex: number;
  range: Located<LogRangeEvent> | null;
  readonly records: Map<Offset, RecordModel>;
  /** What the witness found at or after `start`, by offset. */
  duty: RecordModel[];
  /** Wire, in the order in which the proxy read them. */
  readonly requests: CommitRequest[];
  /** Commit log, by sequence. */
  readonly log: LogEntry[];
  /** What the coordinator said was committed, in the order of the polls. */
  readonly polls: Polled[];
  /**
   * What took effect: answered without error, found in the log, or, where neither is seen, shown by a poll.
   * By effective index.
   */
  accepted: AcceptedCommit[];
}

export interface RecordModel {
  readonly partition: PartitionModel;
  readonly offset: Offset;
  visible: Located<VisibleEvent> | null;
  produced: Located<ProducedEvent> | null;
  /** The broker does not hold what it acknowledged, or shows two contents for one offset. */
  contradicted: boolean;
  expect: Located<ExpectEvent> | null;
  readonly handles: Handle[];
  /** Acknowledged retry or dead letter records, as passed on to the member. */
  readonly diverts: Divert[];
  readonly deadLetters: Located<DeadLetterEvent>[];
  /** S(r): index of the earliest finish(ok), finish(skip) or passed-on divert acknowledgement. */
  settled: number;
  /** The attempt that did; null when a divert did, or nothing. */
  settledBy: Handle | null;
}

export interface Divert {
  readonly index: number;
  readonly member: Member;
  /** The record of the retry topic as which it goes on; null in the dead letter topic. */
  readonly goesOn: RecordModel | null;
}

interface Located<E> {
  readonly index: number;
  readonly event: E;
}

/** One attempt, as the ledger saw it. */
export interface Handle {
  readonly index: number;
  readonly t: number;
  readonly event: BeginEvent;
  readonly record: RecordModel;
  readonly member: Member;
  readonly epoch: Epoch;
  /** An earlier begin of the same process had this name. */
  readonly reused: boolean;
  finish: Located<FinishEvent> | null;
  /** Index of the subject's word that it abandoned this handler. */
  dropped: number;
}

/** A claimed epoch of one partition at one member, known by what was begun in it. */
export interface Epoch {
  readonly member: Member;
  readonly partition: PartitionModel;
  readonly claim: string;
  /** 1 for the member's first epoch of this partition. */
  readonly ordinal: number;
  readonly handles: Handle[];
}

export interface Member {
  readonly name: string;
  /** 1 for the first process of this name. */
  readonly run: number;
  readonly label: string;
  /** Life-cycle events of this run of the process. */
  readonly started: number;
  readonly events: Located<MemberEvent>[];
  /** Index of the first such event, or Infinity. */
  stopping: number;
  killed: number;
  exited: number;
  readonly assignments: Assignment[];
  readonly owned: Assignment[];
  readonly joins: number[];
  readonly leaves: number[];
  readonly heartbeats: { readonly index: number; readonly generation: number }[];
  /** The subject's own word, in the order of its output. */
  readonly claims: {
    readonly index: number;
    readonly claim: string;
    readonly epoch: string | null;
    readonly partitions: ReadonlySet<PartitionModel>;
  }[];
}

export interface Assignment {
  readonly index: number;
  readonly memberId: string;
  readonly generation: number;
  readonly partitions: ReadonlySet<PartitionModel>;
}

export interface CommitRequest {
  readonly index: number;
  readonly event: CommitRequestEvent;
  readonly member: Member;
  readonly offset: Offset;
  /** Kafka's error code for this partition; null when no answer was seen. */
  error: number | null;
  /** Index of the answer, or Infinity. */
  answered: number;
}

export interface LogEntry {
  readonly index: number;
  readonly seq: number;
  readonly offset: Offset;
  /** Written by the runner itself. */
  readonly own: boolean;
  /** The request that it is taken to come from. */
  request: CommitRequest | null;
}

export interface Polled {
  readonly index: number;
  readonly offset: Offset;
  /** Written by the runner itself. */
  readonly own: boolean;
}

export interface AcceptedCommit {
  readonly offset: Offset;
  /** When it was asked for; if nobody was seen to ask, when the witness read it. */
  readonly index: number;
  /** When it was known to be in force. */
  readonly known: number;
  /** Null: found in the log or by a poll, and no member was seen to ask for it. */
  readonly member: Member | null;
}
