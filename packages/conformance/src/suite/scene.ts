import type { VectorTest } from "../runner/vector-file.ts";
import type { CaseRun, Injected } from "../runner/case-run.ts";
import type { RuleInForce, Work } from "../runner/ledger.ts";
import type { RuleHandle } from "../proxy/proxy.ts";
import type { Between, DurationText, Names } from "./case-file.ts";
import { milliseconds } from "./duration.ts";

/** A hold, also after its release: its name goes on to stand for the handlers that it took. */
export interface Hold {
  readonly takes: (work: Work) => boolean;
  readonly rule: RuleInForce;
  inForce: boolean;
}

/** A case being played: the run, and what its steps have given names to. */
export class Scene {
  readonly run: CaseRun;
  readonly marks: Map<string, number> = new Map();
  readonly holds: Map<string, Hold> = new Map();
  readonly handlers: Map<string, ReadonlySet<Work>> = new Map();
  readonly partitions: Map<string, readonly number[]> = new Map();
  readonly wires: Map<string, RuleHandle> = new Map();
  /** Nodes that steps have named. */
  readonly brokers: Map<string, number> = new Map();
  readonly brokersDown: Set<number> = new Set();
  readonly brokersStopped: Set<number> = new Set();
  readonly disksFull: Set<number> = new Set();
  takeovers = 0;
  readonly faults: Map<string, Injected> = new Map();
  /** Handlers that the case itself has ended. */
  readonly ended: Set<Work> = new Set();
  /** Vectors that were asked. */
  readonly vectors: VectorTest[] = [];
  /** How many of the traces that were drawn came to what. */
  readonly drawn: Map<string, number> = new Map();
  /** `produce` steps so far: each has a workload of its own. */
  produced = 0;

  constructor(run: CaseRun) {
    this.run = run;
  }

  milliseconds(text: DurationText): number {
    const { sessionMs, settings } = this.run;
    return milliseconds(text, { sessionMs, commitIntervalMs: settings.commitIntervalMs });
  }

  /** The same time every time, or one drawn anew by the seed. */
  drawing(span: DurationText | Between): () => number {
    if (typeof span === "string") {
      const ms = this.milliseconds(span);
      return () => ms;
    }
    const [from, to] = [this.milliseconds(span.from), this.milliseconds(span.to)];
    return () => this.run.random.integer(from, to);
  }

  /** The time of a mark; everything when there is none. */
  since(mark: string | undefined): number {
    return mark === undefined ? 0 : known(this.marks, mark, "mark");
  }

  /** Of the workload topic: a remembered set, or `all`. */
  partitionsNamed(name: string): readonly number[] {
    if (name !== "all") return known(this.partitions, name, "partitions");
    return Array.from({ length: this.run.partitions }, (_, partition) => partition);
  }
}

export function list(names: Names): readonly string[] {
  return typeof names === "string" ? [names] : names;
}

/** In words: `m0`, `m0 and m1`, `m0, m1 and m2`. */
export function sayNames(names: Names): string {
  const all = list(names);
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

/** In words: `5 ms`, `5 ms to 40 ms at random`. */
export function sayDrawing(span: DurationText | Between): string {
  return typeof span === "string" ? span : `${span.from} to ${span.to} at random`;
}

/** @throws Error when no earlier step has given the name, which reading the file has ruled out */
export function known<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`no ${what} ${name} yet`);
  return found;
}
