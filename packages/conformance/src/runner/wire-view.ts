import type {
  AssignmentEvent,
  CommitRequestEvent,
  DivertAckedEvent,
  HistoryEvent,
  Tp,
} from "@sluice/checker";
import type { History } from "./history.ts";
import { recordId } from "./ledger.ts";

/** A commit as the proxy saw it go out and, perhaps, come back. */
export interface WireCommit {
  readonly request: CommitRequestEvent;
  /** True when the broker accepted every partition; null while there is no answer. */
  readonly accepted: boolean | null;
  readonly answeredAt: number | null;
}

/** The wire and what a witness saw committed so far, in the terms in which cases ask about them. */
export class WireView {
  readonly #commits: Mutable<WireCommit>[] = [];
  readonly #openCommits = new Map<string, Mutable<WireCommit>>();
  readonly #assignments = new Map<string, AssignmentEvent[]>();
  readonly #joins = new Map<string, number[]>();
  readonly #leaves = new Map<string, number[]>();
  readonly #heartbeats = new Map<string, number[]>();
  readonly #fetches = new Map<string, number[]>();
  /** By member and topic. */
  readonly #fetchedPartitions = new Map<string, Set<number>>();
  readonly #diverts: DivertAckedEvent[] = [];
  readonly #diverted = new Set<string>();
  /** Highest offset accepted, by `topic-partition`. */
  readonly #committed = new Map<string, number>();
  readonly #owned = new Map<string, readonly Tp[]>();
  /** Last offset in the commit log or of a poll, by `topic-partition`. */
  readonly #logged = new Map<string, number>();

  constructor(history: History) {
    history.onEvent((event) => this.#take(event));
  }

  get commits(): readonly WireCommit[] {
    return this.#commits;
  }
  get diverts(): readonly DivertAckedEvent[] {
    return this.#diverts;
  }
  isDiverted(topic: string, partition: number, offset: number): boolean {
    return this.#diverted.has(recordId(topic, partition, offset));
  }
  /** Highest offset that the broker accepted from anyone, -1 for none. */
  committed(topic: string, partition: number): number {
    return this.#committed.get(`${topic}-${partition}`) ?? -1;
  }
  /** What the commit log, or a poll where it is not read, showed last; -1 for nothing. */
  logged(topic: string, partition: number): number {
    return this.#logged.get(`${topic}-${partition}`) ?? -1;
  }
  commitsOf(member: string, since = 0): WireCommit[] {
    return this.#commits.filter(({ request }) => request.member === member && request.t >= since);
  }
  /** Whether the proxy has seen the member at all: if not, it is the witness that is blind. */
  seen(member: string): boolean {
    return this.#heartbeats.has(member) || this.#joins.has(member) || this.#fetches.has(member);
  }
  /** Fetch answers passed on to the member. */
  fetches(member: string, since = 0): number {
    return (this.#fetches.get(member) ?? []).filter((t) => t >= since).length;
  }
  /** Partitions of the topic that an answered fetch of the member has asked for. */
  fetchedPartitions(member: string, topic: string): number {
    return this.#fetchedPartitions.get(`${member} ${topic}`)?.size ?? 0;
  }
  /** Times of heartbeats answered without error. */
  heartbeats(member: string, since = 0): number {
    return (this.#heartbeats.get(member) ?? []).filter((t) => t >= since).length;
  }
  joins(member: string, since = 0): number {
    return (this.#joins.get(member) ?? []).filter((t) => t >= since).length;
  }
  leaves(member: string, since = 0): number {
    return (this.#leaves.get(member) ?? []).filter((t) => t >= since).length;
  }
  assignments(member: string): readonly AssignmentEvent[] {
    return this.#assignments.get(member) ?? [];
  }
  generation(member: string): number | null {
    return this.assignments(member).at(-1)?.generation ?? null;
  }
  /** Partitions of the topic in the member's latest assignment. */
  assigned(member: string, topic: string): number[] {
    const partitions = this.assignments(member).at(-1)?.partitions ?? [];
    return partitions.filter(([name]) => name === topic).map(([, partition]) => partition);
  }
  /** KIP-848: partitions of the topic that the member says it still holds. */
  owned(member: string, topic: string): number[] {
    return (this.#owned.get(member) ?? [])
      .filter(([name]) => name === topic)
      .map(([, partition]) => partition);
  }

  #take(event: HistoryEvent): void {
    switch (event.type) {
      case "commit-request": {
        const commit = { request: event, accepted: null, answeredAt: null };
        this.#commits.push(commit);
        this.#openCommits.set(event.id, commit);
        return;
      }
      case "commit-answer": {
        const commit = this.#openCommits.get(event.id);
        if (commit === undefined) return;
        this.#openCommits.delete(event.id);
        commit.accepted = event.results.every(({ error }) => error === 0);
        commit.answeredAt = event.t;
        for (const { topic, partition, offset } of commit.request.offsets) {
          const result = event.results.find((r) => r.topic === topic && r.partition === partition);
          if (result?.error !== 0) continue;
          const at = `${topic}-${partition}`;
          this.#committed.set(at, Math.max(this.#committed.get(at) ?? -1, Number(offset)));
        }
        return;
      }
      case "committed":
        this.#logged.set(`${event.topic}-${event.partition}`, Number(event.offset));
        return;
      case "polled":
        for (const { topic, partition, offset } of event.offsets) {
          this.#logged.set(`${topic}-${partition}`, Number(offset));
        }
        return;
      case "assignment":
        push(this.#assignments, event.member, event);
        return;
      case "owned":
        this.#owned.set(event.member, event.partitions);
        return;
      case "join":
        push(this.#joins, event.member, event.t);
        return;
      case "leave":
        push(this.#leaves, event.member, event.t);
        return;
      case "heartbeat":
        push(this.#heartbeats, event.member, event.t);
        return;
      case "fetched":
        push(this.#fetches, event.member, event.t);
        for (const { topic, partition } of event.from ?? []) {
          const of = `${event.member} ${topic}`;
          this.#fetchedPartitions.set(
            of,
            (this.#fetchedPartitions.get(of) ?? new Set()).add(partition),
          );
        }
        return;
      case "divert-acked":
        this.#diverts.push(event);
        this.#diverted.add(
          recordId(event.origin.topic, event.origin.partition, event.origin.offset),
        );
        return;
      default:
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
