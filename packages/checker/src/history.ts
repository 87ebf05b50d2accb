/**
 * A conformance history: one JSON object per line, in the order in which the runner learned of
 * things. `t` is the runner's monotonic clock in milliseconds (fractions allowed) and never
 * decreases; between equal times the order of lines decides, so an event is appended when it is
 * stamped. Offsets are decimal strings; keys and hashes are base64 (a null key stays null).
 *
 * Every event names its witness by its type:
 * - ledger (the runner owns the handler): `begin`, `finish`, `dropped`
 * - wire (the frame-aware proxy): `join`, `assignment`, `owned`, `leave`, `heartbeat`,
 *   `commit-request`, `commit-answer`, `divert-acked`, `fetched`
 * - commit log (`__consumer_offsets`): `committed`
 * - polls (the coordinator, asked again and again what is committed): `polled`
 * - topics (read by the witness client): `produced`, `visible`, `log-range`, `dead-letter`
 * - runner: `case`, `start`, `phase`, `member`, `fault`, `guard`, `expect`, `claim`
 *
 * `claim` events are the subject's word: they explain, and are cross-checked, but no verdict rests
 * on them alone.
 */
export type HistoryEvent =
  | CaseEvent
  | StartEvent
  | PhaseEvent
  | MemberEvent
  | FaultEvent
  | GuardEvent
  | ExpectEvent
  | ProducedEvent
  | VisibleEvent
  | LogRangeEvent
  | DeadLetterEvent
  | JoinEvent
  | AssignmentEvent
  | OwnedEvent
  | LeaveEvent
  | HeartbeatEvent
  | CommitRequestEvent
  | CommitAnswerEvent
  | DivertAckedEvent
  | FetchedEvent
  | CommittedEvent
  | PolledEvent
  | BeginEvent
  | FinishEvent
  | DroppedEvent
  | ClaimEvent
  | VectorEvent;

interface Timed {
  readonly t: number;
}
/** `[topic, partition]`. */
export type Tp = readonly [topic: string, partition: number];
/** Decimal string: int64 survives every language's JSON. */
export type OffsetString = string;

/** First line of every history. */
export interface CaseEvent extends Timed {
  readonly type: "case";
  readonly history: 1;
  readonly id: string;
  /** For people: what this history shows. */
  readonly title?: string;
  readonly seed: number;
  readonly subject: string;
  readonly group: string;
  /** Workload topics with their partition counts. */
  readonly topics: Readonly<Record<string, number>>;
  readonly deadLetterTopic: string | null;
  readonly ordering: "key" | "partition" | "none";
  readonly concurrency: number;
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly groupProtocol: "classic" | "consumer";
  readonly rebalance: "eager" | "cooperative" | "consumer";
  readonly retry: {
    /** Null is unbounded: JSON has no Infinity. */
    readonly maxAttempts: number | null;
    /** Bounds of the delay before attempt n+2 is `backoffMs[n]`, jitter included. */
    readonly backoffMs: readonly {
      readonly min: number;
      readonly max: number;
    }[];
    /** Scheduling slack granted above `max`. */
    readonly slackMs: number;
    /** 9.3 of the specification; without it `hold`. */
    readonly mode?: "hold" | "park" | "release";
  };
  readonly witnesses: readonly Witness[];
  /** Invariants this case demands; each must have been examined (G5). */
  readonly invariants: readonly InvariantId[];
  /** Header fidelity the subject's client declares; Q2 is judged against it. */
  readonly headerCaps: {
    readonly order: boolean;
    readonly empty: boolean;
    readonly null: boolean;
  };
  /** Liveness limits in milliseconds: V1 settle after heal, V2 commit after last settle. */
  readonly limits: {
    readonly settleMs: number;
    readonly commitMs: number;
    readonly stopMs: number;
  };
  /**
   * What a member may have fetched and not begun (B1); null or missing: not judged. `bytes` are those passed
   * to it between two begins, so only for cases in which nothing leaves a buffer but by a begin: no commit
   * metadata that lets a member leave records out.
   */
  readonly buffer?: { readonly records: number | null; readonly bytes: number | null };
  /** D2: a fault-free or gracefully handed-over case allows no extra effect. */
  readonly duplicates: "none" | "unfinished" | "crash-window" | "explained";
}
export type Witness = "ledger" | "wire" | "commit-log" | "polls" | "topics";

/**
 * Where the group begins in a partition: the offset that was committed beforehand, or the answer of
 * the reset policy as the witness saw it. Records below are nobody's duty. Without this event a
 * partition begins at 0.
 */
export interface StartEvent extends Timed, RecordId {
  readonly type: "start";
}
export interface PhaseEvent extends Timed {
  readonly type: "phase";
  readonly phase: "steady" | "inject" | "impact" | "heal" | "quiesce";
}
export interface MemberEvent extends Timed {
  readonly type: "member";
  readonly member: string;
  /** `stopping` = a graceful stop was asked for with `deadlineMs`. */
  readonly state: "started" | "ready" | "stopping" | "killed" | "exited";
  readonly deadlineMs?: number;
  readonly code?: number | null;
  readonly signal?: string | null;
  /** The stop's own report. */
  readonly forced?: boolean;
}
/** A fault was ordered, or its effect was seen by a witness. */
export interface FaultEvent extends Timed {
  readonly type: "fault";
  readonly fault: string;
  readonly state: "injected" | "observed" | "healed";
  readonly detail?: string;
}
/**
 * A vacuity guard (G0 to G6, or the case's own) with what was seen; the last one of a name counts.
 * The guard `healthy` (kind `environment`) says whether the witness found the cluster healthy in the
 * quiesce phase: when it was not, a subject cannot be blamed for not getting on.
 */
export interface GuardEvent extends Timed {
  readonly type: "guard";
  readonly guard: string;
  /** Unmet `environment` guards make the case unknown; unmet `subject` guards fail it by V1. */
  readonly kind: "environment" | "subject";
  readonly met: boolean;
  readonly detail: string;
}
/** What the script decided: these records fail terminally, with this many attempts. */
export interface ExpectEvent extends Timed {
  readonly type: "expect";
  readonly expect: "dead-letter" | "skip";
  readonly topic: string;
  readonly partition: number;
  readonly offset: OffsetString;
}

/** A workload record the witness producer had acknowledged. */
export interface ProducedEvent extends Timed, RecordId {
  readonly type: "produced";
  readonly key: string | null;
  /** First 16 bytes of SHA-256 over the value, base64; null for a null value. */
  readonly valueHash: string | null;
}
/** A record found in the topic at the end, by a read_committed reader. */
export interface VisibleEvent extends Timed, RecordId {
  readonly type: "visible";
  readonly key: string | null;
  readonly valueHash: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  readonly timestamp: number;
}
export interface LogRangeEvent extends Timed {
  readonly type: "log-range";
  readonly topic: string;
  readonly partition: number;
  readonly start: OffsetString;
  readonly end: OffsetString;
}
/** A record found in the dead letter topic at the end, decoded by its `sluice-*` headers. */
export interface DeadLetterEvent extends Timed, RecordId {
  readonly type: "dead-letter";
  readonly key: string | null;
  readonly valueHash: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  /** Null when the origin headers are missing or malformed. */
  readonly origin:
    | (RecordId & {
        readonly timestamp: number;
        readonly attempts: number | null;
      })
    | null;
}
interface RecordId {
  readonly topic: string;
  readonly partition: number;
  readonly offset: OffsetString;
}

/** A JoinGroup request was forwarded to the broker: the member has given its partitions up (eager). */
export interface JoinEvent extends Timed {
  readonly type: "join";
  readonly member: string;
  readonly memberId: string;
}
/**
 * The coordinator told a member what it owns: SyncGroup answer (classic; `partitions` is the whole
 * assignment of that generation) or ConsumerGroupHeartbeat answer with an assignment (KIP-848; the
 * whole target). `t` is when the answer was passed on to the member.
 */
export interface AssignmentEvent extends Timed {
  readonly type: "assignment";
  readonly member: string;
  readonly memberId: string;
  /** Generation (classic) or member epoch (KIP-848). */
  readonly generation: number;
  readonly protocol: "classic" | "consumer";
  readonly partitions: readonly Tp[];
}
/** KIP-848: what the member itself says it still holds, from its heartbeat request. */
export interface OwnedEvent extends Timed {
  readonly type: "owned";
  readonly member: string;
  readonly memberId: string;
  readonly generation: number;
  readonly partitions: readonly Tp[];
}
/** LeaveGroup, or a KIP-848 heartbeat with epoch -1 or -2, was forwarded. */
export interface LeaveEvent extends Timed {
  readonly type: "leave";
  readonly member: string;
  readonly memberId: string;
}
/** A heartbeat was answered without error. */
export interface HeartbeatEvent extends Timed {
  readonly type: "heartbeat";
  readonly member: string;
  readonly generation: number;
}
/** One OffsetCommit request as the proxy read it from the member's socket. */
export interface CommitRequestEvent extends Timed {
  readonly type: "commit-request";
  readonly member: string;
  readonly memberId: string;
  readonly generation: number;
  /** Pairs request and answer. */
  readonly id: string;
  readonly version: number;
  readonly offsets: readonly CommitEntry[];
}
export interface CommitEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: OffsetString;
  readonly metadata: string | null;
}
/** The broker's answer reached the proxy. `forwarded` false = the member never saw it. */
export interface CommitAnswerEvent extends Timed {
  readonly type: "commit-answer";
  readonly member: string;
  readonly id: string;
  readonly forwarded: boolean;
  readonly results: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly error: number;
  }[];
}
/**
 * The broker's acknowledgement of a retry or dead letter record was **passed on** to the member:
 * from here on its origin is settled. A topic that is not the dead letter topic is a retry topic: there the
 * record goes on as the one at `toOffset`.
 */
export interface DivertAckedEvent extends Timed {
  readonly type: "divert-acked";
  readonly member: string;
  readonly to: Tp;
  readonly toOffset: OffsetString;
  readonly origin: RecordId;
}
/** Bytes of a Fetch answer passed on (B1, back-pressure). */
export interface FetchedEvent extends Timed {
  readonly type: "fetched";
  readonly member: string;
  readonly bytes: number;
  /** Partitions that were asked for here first on that connection, and from which offset on. */
  readonly from?: readonly RecordId[];
}
/** One entry of the group's commit log, in log order (`seq`). `t` is when the witness read it. */
export interface CommittedEvent extends Timed, CommitEntry {
  readonly type: "committed";
  readonly seq: number;
  /** The runner wrote it itself (set-up, reset, control commit): nobody else answers for it. */
  readonly own?: boolean;
}

/**
 * What the coordinator answered when it was asked what the group has committed, where neither the wire
 * nor the commit log can be seen. Each poll is sent when the one before was answered, so their order is the
 * coordinator's. `t` is when the answer was read: whatever it shows was committed before. It does not
 * show who committed, nor when, nor what was committed and overtaken between two polls.
 */
export interface PolledEvent extends Timed {
  readonly type: "polled";
  /** When the question was sent. */
  readonly asked: number;
  /** Partitions without a commit are left out. */
  readonly offsets: readonly CommitEntry[];
  /** No member had been started: only the set-up can have written it. */
  readonly own?: boolean;
}

/** The runner received a handler's begin. `epoch` is the subject's claim. */
export interface BeginEvent extends Timed, RecordId {
  readonly type: "begin";
  readonly member: string;
  readonly handle: string;
  readonly epoch: string;
  readonly key: string | null;
  readonly valueHash: string | null;
  readonly attempt: number;
}
/** Stamped before the answer is written to the subject. */
export interface FinishEvent extends Timed {
  readonly type: "finish";
  readonly member: string;
  readonly handle: string;
  readonly result: "ok" | "retry" | "throw" | "poison" | "dead-letter" | "skip";
}
/** The subject says that it abandoned this handler. */
export interface DroppedEvent extends Timed {
  readonly type: "dropped";
  readonly member: string;
  readonly handle: string;
  readonly reason: string;
}
export interface ClaimEvent extends Timed {
  readonly type: "claim";
  readonly member: string;
  readonly claim:
    "assigned" | "revoking" | "revoked" | "lost" | "commit" | "diverted" | "stalled" | "buffered";
  /** `buffered`: how many fetched records it holds that have not begun. */
  readonly count?: number;
  readonly epoch?: string;
  readonly partitions?: readonly Tp[];
  readonly detail?: string;
}
/** Answer of a subject to one test of a vector file (L0), or to one that the runner drew. */
export interface VectorEvent extends Timed {
  readonly type: "vector";
  /** The file's name without `_test.json`. */
  readonly file: string;
  readonly tcId: number;
  /** It was drawn by this seed, as number `tcId`, and is in no file. */
  readonly seed?: number;
  /** Operation of the specification's Appendix D. */
  readonly op: string;
  readonly comment: string;
  /** Ids of the clauses that it proves. */
  readonly requirements: readonly string[];
  /** As in the file; an `acceptable` one may also be answered with the error `unsupported`. */
  readonly result: "valid" | "invalid" | "acceptable";
  readonly input: JsonObject;
  readonly expected: JsonObject;
  readonly answer:
    | { readonly ok: JsonObject }
    | { readonly error: { readonly code: string; readonly message?: string } };
}
type JsonObject = Readonly<Record<string, unknown>>;

/** The invariants of the specification that a history can be judged by. */
export type InvariantId =
  | "P1"
  | "P1s"
  | "P2"
  | "P3"
  | "P4"
  | "P5"
  | "K1"
  | "K2"
  | "N1"
  | "X1"
  | "D1"
  | "D2"
  | "Q1"
  | "Q2"
  | "Q3"
  | "T1"
  | "H1"
  | "B1"
  | "V1"
  | "V2"
  | "V3"
  | "V4"
  | "V5"
  | "V6";
