import type { InvariantId } from "@sluice/checker";
import type { Kill, Level, Need } from "../runner/case.ts";
import type { FinishResult } from "../subject/protocol.ts";

/**
 * A case as its file has it. `suite-case.schema.json` in `@sluice/spec` says what each field means and
 * may be; these types say the same to the compiler, and `read-case.ts` sees to it that they are true.
 */
export interface CaseFile {
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  readonly about: string;
  /** Missing where vectors are asked: they name their own. */
  readonly clauses?: readonly string[];
  /** Why it is not run yet. */
  readonly draft?: string;
  readonly needs?: readonly Need[];
  readonly requires?: readonly string[];
  /** Under which rebalances it says something. */
  readonly rebalance?: readonly Rebalance[];
  readonly invariants: readonly InvariantId[];
  readonly duplicates?: Duplicates;
  readonly idleMembers?: boolean;
  readonly settings?: SettingsFile;
  readonly workload?: WorkloadFile;
  readonly kills?: Readonly<Record<string, Kill>>;
  readonly steps?: readonly Step[];
  /** Of a draft: steps that cannot be written down yet, in words. */
  readonly plan?: readonly string[];
}

export type Rebalance = "eager" | "cooperative" | "consumer";
export type Duplicates = "none" | "unfinished" | "crash-window" | "explained";

/** `200 ms`, `3 s`, `2 min`, `3 sessions`, `1 commit interval`. */
export type DurationText = string;

export interface SettingsFile {
  readonly partitions?: number;
  readonly concurrency?: number;
  readonly ordering?: "key" | "partition" | "none";
  readonly commitInterval?: DurationText;
  readonly session?: DurationText;
  readonly rebalance?: DurationText;
  readonly drain?: DurationText;
  readonly startAt?: "earliest" | "latest";
  readonly bufferBytes?: number;
  readonly retry?: { readonly maxAttempts: number; readonly backoff: DurationText };
  readonly settleWithin?: DurationText;
  readonly commitWithin?: DurationText;
  readonly stopWithin?: DurationText;
}

export type WorkloadFile = "none" | ZipfFile | HotKeyFile | EvenFile;
/** Keys by Zipf, each in one partition. */
export interface ZipfFile extends Records {
  readonly records: number;
  readonly keys: number;
  readonly skew: number;
}
/** One key has a share of all records. */
export interface HotKeyFile extends Records {
  readonly records: number;
  readonly keys: number;
  readonly hot: number;
}
/** As many records in each partition. */
export interface EvenFile extends Records {
  readonly perPartition: number;
  /** Keys of each partition, in turns. */
  readonly keys: number;
  readonly ownKeys?: readonly OwnKey[];
  /** Size of each value. */
  readonly valueBytes?: number;
}
interface Records {
  readonly values?: readonly { readonly offset: NumberSet; readonly value: null | "" }[];
  readonly headers?: readonly HeaderFile[];
}
export interface OwnKey {
  readonly offset: NumberSet;
  /** A name, or null or empty as they stand. */
  readonly key: string | null;
  /** A key for each record, in place of one for each partition. */
  readonly each?: boolean;
}
export type HeaderFile =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly hex: string }
  | { readonly name: string; readonly number: true };

/** One number, some, a range, or every n-th. */
export type NumberSet =
  | number
  | readonly number[]
  | { readonly from?: number; readonly to?: number; readonly every?: number };

/** `all`, the name of a hold or of remembered handlers, or properties that must all be as said. */
export type Selector = string | SelectorFields;
export interface SelectorFields {
  readonly of?: string;
  readonly member?: Names;
  /** Numbers, or the name of remembered partitions. */
  readonly partition?: NumberSet | string;
  readonly offset?: NumberSet;
  readonly key?: string | null;
  readonly attempt?: NumberSet;
  readonly result?: FinishResult;
  /** So many of 100 records, chosen by the seed. */
  readonly percent?: number;
  readonly not?: Selector;
}
/** A name or several. */
export type Names = string | readonly string[];

export interface Comparison {
  readonly equals?: number | DurationText;
  readonly atLeast?: number | DurationText;
  readonly atMost?: number | DurationText;
}
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | MeasureCondition;
/** One measure, by its name, and what it is compared with. */
export interface MeasureCondition extends Comparison {
  readonly since?: string;
  readonly inEach?: string;
  readonly [measure: string]: unknown;
}

export type Step = { readonly why?: string } & (
  | { readonly hold: Selector; readonly as?: string }
  | { readonly release: Names }
  | {
      readonly handle: Selector;
      readonly with?: FinishResult;
      readonly after?: DurationText | Between;
    }
  | {
      readonly finish: Selector;
      readonly with?: FinishResult;
      readonly percent?: number;
      readonly order?: "random";
    }
  | { readonly start: Names; readonly instance?: string }
  | { readonly stop: Names; readonly within?: DurationText }
  | { readonly kill: Names }
  | { readonly pause: Names }
  | { readonly continue: Names }
  | { readonly stall: Names; readonly lasts: DurationText }
  | { readonly clock: Names; readonly ahead?: DurationText; readonly behind?: DurationText }
  | {
      readonly wire: string;
      readonly frames: Frames;
      readonly act: Act;
      readonly times?: number;
      readonly linger?: boolean;
    }
  | {
      readonly broker: BrokerAction;
      readonly which?: number | string | { readonly leaderOf: number };
      readonly as?: string;
    }
  | { readonly produce: WorkloadFile }
  | {
      readonly transactions: number;
      readonly records: number;
      readonly abortEvery: number;
    }
  | { readonly addPartitions: number }
  | { readonly deleteRecords: Offsets }
  | { readonly setCommitted: Offsets }
  | { readonly expect: Expected }
  | { readonly mark: string }
  | {
      readonly remember: string;
      readonly handlers?: { readonly held: Selector };
      readonly partitions?: { readonly assignedTo: Names; readonly since?: string };
    }
  | {
      readonly until: Condition;
      readonly within?: DurationText;
      readonly blame?: Blame;
      /** What the cluster must have; without it the step is left out. */
      readonly onlyWith?: "proxy" | "commitLog";
    }
  | { readonly guard: Condition; readonly blame?: Blame }
  | { readonly inject: string }
  | { readonly observed: string; readonly when: Condition }
  | { readonly healed: string }
  | { readonly repeat: readonly Step[]; readonly while?: Condition; readonly times?: number }
  | { readonly together: readonly (readonly Step[])[] }
  | { readonly nemesis: StormFile }
  | { readonly ask: readonly string[] }
  | { readonly draw: "GateTrace"; readonly traces: number; readonly events: number }
);

/** The step with this key word. */
export type StepOf<K extends StepKind> = Extract<Step, Readonly<Record<K, unknown>>>;
export type StepKind = KeyWord<Step>;
type KeyWord<S> = S extends unknown ? Exclude<RequiredKeys<S>, Companion> : never;
type RequiredKeys<S> = { [K in keyof S]-?: object extends Pick<S, K> ? never : K }[keyof S];
/** Required beside a key word, and none themselves. */
type Companion =
  "frames" | "act" | "when" | "lasts" | "records" | "abortEvery" | "traces" | "events";

/** Faults drawn by the seed. */
export interface StormFile {
  readonly faults: number;
  /** From the beginning of the first to the end of the last. */
  readonly lasts: DurationText;
  /** Members that are always there, but for faults: `m0`, `m1` and so on, started before. */
  readonly members: number;
  /** Records produced meanwhile. */
  readonly perSecond: number;
}

export type Blame = "subject" | "environment";
export type BrokerAction =
  "term" | "kill" | "stop" | "continue" | "fill disk" | "free disk" | "restart";
/** Offsets by partition. */
export type Offsets = Readonly<Record<string, number>>;
export type Expected =
  | { readonly deadLetters: { readonly partition?: NumberSet; readonly offset?: NumberSet } }
  | { readonly startsAt: Offsets };

export interface Frames {
  /** Kafka's names: `OffsetCommit`; all when it is missing. */
  readonly api?: Names;
  /** Both when it is missing. */
  readonly direction?: "request" | "response";
  readonly partition?: number;
  readonly deadLetters?: true;
  /** A member, or its producer: `m0-producer`. */
  readonly client: Names;
}
export type Act =
  | "hold"
  | "reset"
  | "blackhole"
  | { readonly delay: DurationText | Between }
  | { readonly cut: number }
  | { readonly slice: number }
  | { readonly throttle: number };
export interface Between {
  readonly from: DurationText;
  readonly to: DurationText;
}
