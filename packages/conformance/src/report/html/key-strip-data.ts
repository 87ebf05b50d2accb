import { readable, topicPrefix } from "@sluice/checker";
import type { HistoryEvent, InvariantResult } from "@sluice/checker";
import { tenths } from "./tenths.ts";

/** Records of one key near where its order was broken; times are milliseconds since the history began. */
export interface KeyStripData {
  /** `key hot of in/0`; with one order for the whole partition `in/0`. */
  readonly lane: string;
  /** What is shown of the time. */
  readonly from: number;
  readonly to: number;
  /** When what must have waited began. */
  readonly broken: number;
  /** In the order of the log. */
  readonly rows: readonly StripRow[];
}

export interface StripRow {
  readonly record: string;
  /** So many records of the key lie between this row and the one above. */
  readonly leftOut: number;
  readonly bars: readonly StripBar[];
  /** From its first begin until its key could go on, over all its attempts; null: it did not begin in that epoch. */
  readonly turn: readonly [from: number, to: number] | null;
}

export interface StripBar {
  readonly handle: string;
  readonly member: string;
  /** Its number among the strip's members, for a colour. */
  readonly nth: number;
  readonly attempt: number;
  readonly from: number;
  /** Null: it never ended. */
  readonly to: number | null;
  readonly result: string | null;
  /** It began when it was not its turn. */
  readonly wrong: boolean;
  /** In another epoch than what was wrong: it is judged by itself, and may overlap. */
  readonly elsewhere: boolean;
}

type Event<T extends HistoryEvent["type"]> = Extract<HistoryEvent, { type: T }>;

/** The invariants about the order of a key. */
const ORDER: ReadonlySet<string> = new Set(["K1", "K2"]);
/** Strips of one invariant, each of another key. */
const MOST_STRIPS = 3;
const FEWEST_ROWS = 6;
const MOST_ROWS = 12;

/**
 * The keys whose order an invariant saw broken, each where its first example is. An order is hard to read and
 * easy to see: record by record, a bar that begins left of the end of the bar above it.
 */
export function keyStrips(
  events: readonly HistoryEvent[],
  { id, verdict, examples }: InvariantResult,
): readonly KeyStripData[] {
  if (!ORDER.has(id) || verdict !== "fail") return [];
  const faults = examples.flatMap(({ events: shown }) => {
    const begins = shown.map((index) => events[index]).filter((event) => event?.type === "begin");
    const wrong = outOfTurn(id, begins);
    return wrong === undefined ? [] : [{ wrong, shown }];
  });
  const wrong = new Set(faults.map((fault) => fault.wrong));
  const lanes = new Map<string, Lane>();
  for (const fault of faults) {
    const name = laneOf(events, fault.wrong);
    if (lanes.has(name) || lanes.size === MOST_STRIPS) continue;
    lanes.set(name, new Lane(events, name, fault.wrong, fault.shown));
  }
  return [...lanes.values()].map((lane) => lane.strip(wrong));
}

/**
 * The begin that an example accuses. K1: of two records the one whose first attempt came later, be it too early or
 * out of the log's order. K2: the one behind the record that was left out.
 */
function outOfTurn(id: string, begins: readonly Event<"begin">[]): Event<"begin"> | undefined {
  const firsts = new Map<string, Event<"begin">>();
  for (const begin of begins) if (!firsts.has(begin.offset)) firsts.set(begin.offset, begin);
  const candidates = [...firsts.values()];
  return id === "K2"
    ? candidates.reduce((a, b) => (Number(b.offset) > Number(a.offset) ? b : a), candidates[0]!)
    : candidates.at(-1);
}

/** `key hot of in/0`, or the partition where all of it is in order. */
function laneOf([header]: readonly HistoryEvent[], at: Event<"begin">): string {
  const prefix = header?.type === "case" ? topicPrefix(header) : "";
  const partition = `${at.topic.startsWith(prefix) ? at.topic.slice(prefix.length) : at.topic}/${at.partition}`;
  if (header?.type === "case" && header.ordering === "partition") return partition;
  return `key ${readable(at.key)} of ${partition}`;
}

interface Attempt {
  readonly begin: Event<"begin">;
  finish: Event<"finish"> | null;
}

/** A record of the key, and what became of it. */
interface Entry {
  readonly offset: string;
  readonly attempts: Attempt[];
  /** When its dead letter was acknowledged. */
  acknowledged: number | null;
}

/** All that a history says of one key in one partition. */
class Lane {
  readonly #name: string;
  readonly #wrong: Event<"begin">;
  readonly #start: number;
  readonly #end: number;
  /** In the order of the log. */
  readonly #entries: readonly Entry[];
  /** Places of those that the example names. */
  readonly #named: readonly number[];

  constructor(
    events: readonly HistoryEvent[],
    name: string,
    wrong: Event<"begin">,
    shown: readonly number[],
  ) {
    this.#name = name;
    this.#wrong = wrong;
    this.#start = events[0]?.t ?? 0;
    this.#end = this.#at(events.at(-1)?.t ?? 0);
    this.#entries = entriesOf(events, wrong);
    const offsets = new Set(
      shown.flatMap((index) => {
        const event = events[index];
        return event && "offset" in event ? [event.offset] : [];
      }),
    );
    this.#named = this.#entries.flatMap(({ offset }, i) => (offsets.has(offset) ? [i] : []));
  }

  strip(wrong: ReadonlySet<Event<"begin">>): KeyStripData {
    const attempts = this.#entries.flatMap((entry) => entry.attempts);
    const members = [...new Set(attempts.map(({ begin }) => begin.member))];
    const [from, to] = this.#window();
    const places = this.#near();
    const rows = places.map((place, row): StripRow => {
      const entry = this.#entries[place]!;
      return {
        record: `@${entry.offset}`,
        leftOut: row === 0 ? 0 : place - places[row - 1]! - 1,
        turn: this.#turn(entry),
        bars: entry.attempts.map(({ begin, finish }) => ({
          handle: begin.handle,
          member: begin.member,
          nth: members.indexOf(begin.member),
          attempt: begin.attempt,
          from: this.#at(begin.t),
          to: finish && this.#at(finish.t),
          result: finish?.result ?? null,
          wrong: wrong.has(begin),
          elsewhere: !this.#sameEpoch(begin),
        })),
      };
    });
    return { lane: this.#name, from, to, broken: this.#at(this.#wrong.t), rows };
  }

  /** What is named, what is beside it, and what lies between as far as there is room. */
  #near(): readonly number[] {
    const first = Math.max(0, this.#named[0]! - 1);
    const last = this.#named.at(-1)! + 1;
    const all = this.#entries.map((_, place) => place);
    if (last - first < MOST_ROWS) return all.slice(first, Math.max(last + 1, first + FEWEST_ROWS));
    const beside = (place: number): boolean =>
      this.#named.some((named) => Math.abs(named - place) <= 1);
    return all.filter(beside).slice(0, MOST_ROWS);
  }

  /** The time that the named records take, and a little around it. */
  #window(): readonly [number, number] {
    const times = this.#named
      .flatMap((place) => this.#entries[place]!.attempts)
      .filter(({ begin }) => this.#sameEpoch(begin))
      .flatMap(({ begin, finish }) => (finish ? [begin.t, finish.t] : [begin.t]));
    const from = this.#at(Math.min(...times));
    const to = this.#at(Math.max(...times));
    const around = Math.max(1, (to - from) / 8);
    return [tenths(Math.max(0, from - around)), tenths(Math.min(this.#end, to + around))];
  }

  #turn({ attempts, acknowledged }: Entry): readonly [number, number] | null {
    const own = attempts.filter(({ begin }) => this.#sameEpoch(begin));
    const [first] = own;
    if (first === undefined) return null;
    const ends = own.map(({ finish }) => (finish ? this.#at(finish.t) : this.#end));
    const settled = acknowledged === null ? 0 : this.#at(acknowledged);
    return [this.#at(first.begin.t), Math.max(...ends, settled)];
  }

  #sameEpoch({ member, epoch }: Event<"begin">): boolean {
    return member === this.#wrong.member && epoch === this.#wrong.epoch;
  }

  #at(t: number): number {
    return tenths(t - this.#start);
  }
}

/** The records that share their order with one, by offset. */
function entriesOf(events: readonly HistoryEvent[], record: Event<"begin">): readonly Entry[] {
  const [header] = events;
  const whole = header?.type === "case" && header.ordering === "partition";
  const entries = new Map<string, Entry>();
  const running = new Map<string, Attempt>();
  const here = (of: { readonly topic: string; readonly partition: number }): boolean =>
    of.topic === record.topic && of.partition === record.partition;
  for (const event of events) {
    switch (event.type) {
      case "produced":
      case "visible":
      case "begin": {
        if (!here(event) || !(whole || event.key === record.key)) break;
        const { offset } = event;
        const entry = entries.get(offset) ?? { offset, attempts: [], acknowledged: null };
        entries.set(offset, entry);
        if (event.type !== "begin") break;
        const attempt = { begin: event, finish: null };
        entry.attempts.push(attempt);
        running.set(`${event.member} ${event.handle}`, attempt);
        break;
      }
      case "finish": {
        const attempt = running.get(`${event.member} ${event.handle}`);
        if (attempt) attempt.finish ??= event;
        break;
      }
      case "divert-acked": {
        const entry = here(event.origin) ? entries.get(event.origin.offset) : undefined;
        if (entry) entry.acknowledged = event.t;
        break;
      }
      default:
    }
  }
  return [...entries.values()].sort((a, b) => Number(a.offset) - Number(b.offset));
}
