import type { CommitEntry, HistoryEvent, MemberEvent, Tp } from "./history.ts";
import { topicPrefix } from "./topic-prefix.ts";
import type { Violation } from "./verdict.ts";
import { readable, seconds } from "./words.ts";

/** One event of a history, told to a person. */
export interface ToldEvent {
  /** In the file, from 1. */
  readonly line: number;
  /** Milliseconds since the history's first event. */
  readonly t: number;
  readonly text: string;
}

/** The events that show a violation, and no others, in their order and in words. */
export function evidence(
  history: readonly HistoryEvent[],
  { events }: Pick<Violation, "events">,
): readonly ToldEvent[] {
  const first = history[0];
  const teller = new Teller(first?.type === "case" ? topicPrefix(first) : "");
  return events.flatMap((index) => {
    const event = history[index];
    if (event === undefined) return [];
    // A finish names its handler only.
    const begin =
      event.type === "finish" || event.type === "dropped"
        ? beginOf(history, index, event.member, event.handle)
        : undefined;
    const text = `${teller.tell(event)}${begin ? `: ${teller.place(begin)}` : ""}`;
    return [{ line: index + 1, t: event.t - (first?.t ?? 0), text }];
  });
}

function beginOf(
  history: readonly HistoryEvent[],
  before: number,
  member: string,
  handle: string,
): Extract<HistoryEvent, { type: "begin" }> | undefined {
  for (let index = before - 1; index >= 0; index -= 1) {
    const event = history[index]!;
    if (event.type === "begin" && event.member === member && event.handle === handle) return event;
  }
  return undefined;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key?: string | null;
}

class Teller {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `in/0@42 (key k1)`. */
  place({ topic, partition, offset, key }: Place): string {
    const named = key === undefined ? "" : ` (key ${readable(key)})`;
    return `${this.#partition([topic, partition])}@${offset}${named}`;
  }

  tell(event: HistoryEvent): string {
    switch (event.type) {
      case "case":
        return `case ${event.id}, seed ${event.seed}, subject ${event.subject}`;
      case "start":
        return `the group begins at ${this.place(event)}`;
      case "phase":
        return `phase ${event.phase}`;
      case "member":
        return `${event.member} ${state(event)}`;
      case "fault":
        return `fault ${event.fault} ${event.state}${event.detail ? `: ${event.detail}` : ""}`;
      case "guard":
        return `guard ${event.guard} ${event.met ? "met" : "not met"}: ${event.detail}`;
      case "expect":
        return `the script makes ${this.place(event)} ${event.expect === "skip" ? "be skipped" : "fail for good"}`;
      case "produced":
        return `${this.place(event)} is acknowledged to its producer`;
      case "visible":
        return `the topic holds ${this.place(event)}`;
      case "log-range":
        return `${this.#partition([event.topic, event.partition])} reaches from ${event.start} to ${event.end}`;
      case "dead-letter":
        return `${this.#partition([event.topic, event.partition])}@${event.offset} holds ${
          event.origin
            ? `the dead letter of ${this.place(event.origin)}`
            : "a dead letter without origin"
        }`;
      case "join":
        return `${event.member} joins the group`;
      case "assignment":
        return `${event.member} is given ${this.#partitions(event.partitions)} in generation ${event.generation}`;
      case "owned":
        return `${event.member} reports that it holds ${this.#partitions(event.partitions)} in epoch ${event.generation}`;
      case "leave":
        return `${event.member} leaves the group`;
      case "heartbeat":
        return `${event.member}'s heartbeat is answered in generation ${event.generation}`;
      case "commit-request":
        return `${event.member} asks to commit ${this.#commits(event.offsets)} in generation ${event.generation}`;
      case "commit-answer": {
        const told = event.results.map(({ topic, partition, error }) => {
          const outcome = error === 0 ? "accepted" : `refused with error ${error}`;
          return `${this.#partition([topic, partition])} ${outcome}`;
        });
        const withheld = event.forwarded ? "" : ", and does not get the answer";
        return `${event.member}'s commit is answered: ${some(told)}${withheld}`;
      }
      case "divert-acked":
        return `${event.member} has ${this.#partition(event.to)}@${event.toOffset} acknowledged, written for ${this.place(event.origin)}`;
      case "fetched": {
        const from = (event.from ?? []).map((at) => this.place(at));
        return `${event.member} is passed ${event.bytes} bytes${from.length > 0 ? `; it has begun to fetch from ${some(from)}` : ""}`;
      }
      case "committed":
        return `the commit log shows ${this.#commits([event])} (sequence ${event.seq}${event.own ? ", the runner's own" : ""})`;
      case "polled":
        return `the coordinator says that ${this.#commits(event.offsets)} is committed${event.own ? " (the runner's own)" : ""}`;
      case "begin":
        return `${event.member} begins ${this.place(event)}, attempt ${event.attempt} in epoch ${event.epoch}, as ${event.handle}`;
      case "finish":
        return `${event.member}'s ${event.handle} is finished with ${event.result}`;
      case "dropped":
        return `${event.member} abandons ${event.handle} (${event.reason})`;
      case "claim": {
        const of = event.partitions?.length ? ` ${this.#partitions(event.partitions)}` : "";
        const epoch = event.epoch === undefined ? "" : ` of epoch ${event.epoch}`;
        return `${event.member} says: ${event.claim}${of}${epoch}${event.detail ? ` (${event.detail})` : ""}`;
      }
      case "vector":
        return `${event.file}_test.json, tcId ${event.tcId}, is answered`;
    }
  }

  #partition([topic, partition]: Tp): string {
    const short = topic.startsWith(this.#prefix) ? topic.slice(this.#prefix.length) : topic;
    return `${short}/${partition}`;
  }

  #partitions(partitions: readonly Tp[]): string {
    return some(partitions.map((partition) => this.#partition(partition)));
  }

  #commits(entries: readonly CommitEntry[]): string {
    return some(
      entries.map(
        ({ topic, partition, offset }) => `${this.#partition([topic, partition])} ${offset}`,
      ),
    );
  }
}

function state(event: MemberEvent): string {
  switch (event.state) {
    case "started":
    case "ready":
      return `is ${event.state}`;
    case "stopping":
      return event.deadlineMs === undefined
        ? "is asked to stop"
        : `is asked to stop within ${seconds(event.deadlineMs)}`;
    case "killed":
      return "is killed";
    case "exited":
      return `exits with ${event.signal ?? `code ${event.code ?? "unknown"}`}${event.forced ? ", forced" : ""}`;
  }
}

function some(items: readonly string[]): string {
  if (items.length === 0) return "nothing";
  const more = items.length - SHOWN;
  return `${items.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const SHOWN = 6;
