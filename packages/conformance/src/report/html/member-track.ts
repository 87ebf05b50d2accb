import type { HistoryEvent } from "@sluice/checker";
import type { WithheldFrame } from "../../runner/withheld-frames.ts";
import { tenths } from "./tenths.ts";

export interface MemberData {
  readonly name: string;
  readonly grants: readonly GrantData[];
  /** In order of their begin. */
  readonly handlers: readonly HandlerData[];
  /** How many handlers there were; more than `handlers` holds when those were thinned. */
  readonly ran: number;
  readonly commits: readonly CommitData[];
  readonly withheld: readonly WithheldData[];
  readonly marks: readonly { readonly t: number; readonly what: string }[];
}

/** What the coordinator gave the member, as one generation or member epoch. */
export interface GrantData {
  readonly from: number;
  readonly to: number;
  readonly generation: number;
  readonly partitions: readonly string[];
}

export interface HandlerData {
  readonly handle: string;
  readonly record: string;
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  /** Null: never answered. */
  readonly result: string | null;
}

export interface CommitData {
  readonly t: number;
  readonly offsets: string;
  /** `refused`: at least one partition was answered with an error; `unanswered`: nothing came. */
  readonly fate: "accepted" | "refused" | "lost" | "unanswered";
  /** When the answer came; the time of the request when none did. */
  readonly to: number;
}

export interface WithheldData {
  readonly from: number;
  readonly to: number;
  readonly fate: WithheldFrame["fate"];
  readonly what: string;
}

type Event<T extends HistoryEvent["type"]> = Extract<HistoryEvent, { type: T }>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Follows one member through a history. */
export class MemberTrack {
  readonly #name: string;
  readonly #span: number;
  readonly #grants: Mutable<GrantData>[] = [];
  readonly #handlers = new Map<string, { begin: Event<"begin">; data: Mutable<HandlerData> }>();
  readonly #commits = new Map<string, Mutable<CommitData>>();
  readonly #withheld: WithheldData[] = [];
  readonly #marks: { t: number; what: string }[] = [];

  constructor(name: string, span: number) {
    this.#name = name;
    this.#span = span;
  }

  begin(t: number, event: Event<"begin">, topic: string): void {
    this.#handlers.set(event.handle, {
      begin: event,
      data: {
        handle: event.handle,
        record: `${topic}/${event.partition}@${event.offset}`,
        attempt: event.attempt,
        from: tenths(t),
        to: tenths(this.#span),
        result: null,
      },
    });
  }

  /** The record that the handler had, if it is known. */
  finish(t: number, event: Event<"finish">): Event<"begin"> | undefined {
    const handler = this.#handlers.get(event.handle);
    if (!handler) return undefined;
    handler.data.to = tenths(t);
    handler.data.result = event.result;
    return handler.begin;
  }

  commit(t: number, { id }: Event<"commit-request">, offsets: string): void {
    const at = tenths(t);
    this.#commits.set(id, { t: at, offsets, fate: "unanswered", to: at });
  }

  answer(t: number, { id, forwarded, results }: Event<"commit-answer">): void {
    const commit = this.#commits.get(id);
    if (!commit) return;
    commit.to = tenths(t);
    if (!forwarded) commit.fate = "lost";
    else commit.fate = results.some(({ error }) => error !== 0) ? "refused" : "accepted";
  }

  assigned(t: number, generation: number, partitions: readonly string[]): void {
    const last = this.#grants.at(-1);
    // KIP-848 repeats an assignment in every answer that follows a full heartbeat.
    const same = last?.generation === generation && `${last.partitions}` === `${partitions}`;
    if (same && last.to === tenths(this.#span)) return;
    this.end(t);
    this.#grants.push({ from: tenths(t), to: tenths(this.#span), generation, partitions });
  }

  end(t: number): void {
    const last = this.#grants.at(-1);
    if (last) last.to = Math.min(last.to, tenths(t));
  }

  mark(t: number, what: string): void {
    this.#marks.push({ t: tenths(t), what });
    if (what === "killed" || what === "exited") this.end(t);
  }

  withhold(from: number, to: number, { api, direction, fate }: WithheldFrame): void {
    const what = `${api} ${direction === "request" ? "request" : "answer"}`;
    this.#withheld.push({ from: tenths(from), to: tenths(to), fate, what });
  }

  data(limit: number): MemberData {
    const handlers = [...this.#handlers.values()].map(({ data }) => data);
    return {
      name: this.#name,
      grants: this.#grants,
      handlers: telling(handlers, limit),
      ran: handlers.length,
      commits: [...this.#commits.values()],
      withheld: this.#withheld,
      marks: this.#marks,
    };
  }
}

/** When there are too many: what did not end ok first, then what ran longest. */
function telling(handlers: readonly HandlerData[], limit: number): readonly HandlerData[] {
  if (handlers.length <= limit) return handlers;
  const weight = ({ result, from, to }: HandlerData): number =>
    result === "ok" ? to - from : Number.MAX_VALUE;
  const kept = new Set([...handlers].sort((a, b) => weight(b) - weight(a)).slice(0, limit));
  return handlers.filter((handler) => kept.has(handler));
}
