import { topicPrefix } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import type { WithheldFrame } from "../../runner/withheld-frames.ts";
import { MemberTrack } from "./member-track.ts";
import type { MemberData } from "./member-track.ts";
import { Staircase } from "./staircase-data.ts";
import type { PartitionData } from "./staircase-data.ts";
import { tenths } from "./tenths.ts";

/** What the charts of one case show; times are milliseconds since the history began. */
export interface ChartData {
  readonly span: number;
  readonly phases: readonly { readonly t: number; readonly name: string }[];
  readonly faults: readonly FaultData[];
  readonly partitions: readonly PartitionData[];
  readonly members: readonly MemberData[];
  /** What is not drawn, in words; empty when all is. */
  readonly omitted: readonly string[];
}

export interface FaultData {
  readonly from: number;
  readonly to: number;
  /** When a witness saw it; null: nobody did. */
  readonly seen: number | null;
  readonly name: string;
  readonly detail: string;
}

/** How much is drawn of each line and each member. */
export interface Detail {
  readonly points: number;
  readonly handlers: number;
}
const EVERYTHING: Detail = { points: Infinity, handlers: Infinity };

/** Charts only show: they recompute little and judge nothing. */
export function chartData(
  events: readonly HistoryEvent[],
  withheld: readonly WithheldFrame[] = [],
  detail: Detail = EVERYTHING,
): ChartData {
  const start = events[0]?.t ?? 0;
  const span = Math.max(1, (events.at(-1)?.t ?? 0) - start);
  const collector = new Collector(start, span, events);
  for (const event of events) collector.add(event);
  for (const frame of withheld) collector.withhold(frame);
  return collector.finish(detail);
}

class Collector {
  readonly #start: number;
  readonly #span: number;
  readonly #partitions = new Map<string, Staircase>();
  readonly #members = new Map<string, MemberTrack>();
  readonly #phases: { t: number; name: string }[] = [];
  readonly #faults: {
    from: number;
    to: number;
    seen: number | null;
    name: string;
    detail: string;
    healed: boolean;
  }[] = [];
  readonly #requests = new Map<string, Extract<HistoryEvent, { type: "commit-request" }>>();
  readonly #prefix: string;
  #sawAnswers = false;

  constructor(start: number, span: number, events: readonly HistoryEvent[]) {
    this.#start = start;
    this.#span = span;
    const header = events[0];
    const topics = header?.type === "case" ? header.topics : {};
    this.#prefix = header?.type === "case" ? topicPrefix(header) : "";
    // What the topics hold is read last and needed first.
    for (const event of events) {
      if (event.type === "visible" && Object.hasOwn(topics, event.topic)) {
        this.#partition(event.topic, event.partition).offsets.push(Number(event.offset));
      } else if (event.type === "start") {
        this.#partition(event.topic, event.partition).from = Number(event.offset);
      } else if (event.type === "log-range" && Object.hasOwn(topics, event.topic)) {
        const partition = this.#partition(event.topic, event.partition);
        partition.range = [Number(event.start), Number(event.end)];
      } else if (event.type === "commit-answer") this.#sawAnswers = true;
    }
    for (const partition of this.#partitions.values()) partition.prepare();
  }

  add(event: HistoryEvent): void {
    const t = event.t - this.#start;
    switch (event.type) {
      case "phase":
        this.#phases.push({ t: tenths(t), name: event.phase });
        return;
      case "fault":
        this.#fault(t, event);
        return;
      case "produced":
        this.#known(event)?.produced(t, Number(event.offset));
        return;
      case "begin":
        this.#member(event.member).begin(t, event, this.#short(event.topic));
        this.#known(event)?.begun(t, Number(event.offset));
        return;
      case "finish": {
        const record = this.#member(event.member).finish(t, event);
        if (record && (event.result === "ok" || event.result === "skip")) {
          this.#known(record)?.settled(t, Number(record.offset));
        }
        return;
      }
      case "divert-acked":
        this.#known(event.origin)?.settled(t, Number(event.origin.offset));
        return;
      case "commit-request":
        this.#requests.set(`${event.member} ${event.id}`, event);
        this.#member(event.member).commit(t, event, this.#told(event.offsets));
        for (const entry of event.offsets) this.#known(entry)?.asked(t, Number(entry.offset));
        return;
      case "commit-answer": {
        const request = this.#requests.get(`${event.member} ${event.id}`);
        this.#member(event.member).answer(t, event);
        for (const result of event.results) {
          const entry = request?.offsets.find(
            (other) => other.topic === result.topic && other.partition === result.partition,
          );
          if (entry && result.error === 0) this.#known(entry)?.committed(t, Number(entry.offset));
        }
        return;
      }
      case "committed":
        if (!this.#sawAnswers || event.own === true) {
          this.#known(event)?.committed(t, Number(event.offset));
        }
        return;
      case "assignment":
        this.#member(event.member).assigned(
          t,
          event.generation,
          event.partitions
            .map(([topic, partition]) => `${this.#short(topic)}/${partition}`)
            .sort(byNumber),
        );
        return;
      case "leave":
        this.#member(event.member).end(t);
        return;
      case "member":
        this.#member(event.member).mark(t, event.state);
        return;
      default:
        return;
    }
  }

  withhold(frame: WithheldFrame): void {
    const from = frame.t - this.#start;
    const until = frame.until === null ? this.#span : frame.until - this.#start;
    this.#member(frame.member).withhold(from, Math.min(until, this.#span), frame);
  }

  finish(detail: Detail): ChartData {
    const partitions = [...this.#partitions.values()]
      .sort((a, b) => byNumber(a.name, b.name))
      .map((partition) => partition.finish(detail.points, this.#span));
    const members = [...this.#members.values()].map((member) => member.data(detail.handlers));
    return {
      span: tenths(this.#span),
      phases: this.#phases,
      faults: this.#faults.map(({ from, to, seen, name, detail, healed }) => ({
        from: tenths(from),
        to: tenths(healed ? to : this.#span),
        seen: seen === null ? null : tenths(seen),
        name,
        detail,
      })),
      partitions,
      members,
      omitted: omissions(partitions, members),
    };
  }

  #fault(t: number, event: Extract<HistoryEvent, { type: "fault" }>): void {
    const open = this.#faults.find((fault) => fault.name === event.fault && !fault.healed);
    const said = event.detail ?? "";
    if (!open) {
      const healed = event.state === "healed";
      const seen = event.state === "observed" ? t : null;
      this.#faults.push({ from: t, to: t, seen, name: event.fault, detail: said, healed });
      return;
    }
    if (event.state === "observed") open.seen ??= t;
    if (said !== "") open.detail = open.detail === "" ? said : `${open.detail}; ${said}`;
    open.to = t;
    open.healed = event.state === "healed";
  }

  #told(
    offsets: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly offset: string;
    }[],
  ): string {
    return offsets
      .map((entry) => `${this.#short(entry.topic)}/${entry.partition} ${entry.offset}`)
      .join(", ");
  }

  #known(id: { readonly topic: string; readonly partition: number }): Staircase | undefined {
    return this.#partitions.get(`${id.topic}/${id.partition}`);
  }

  #partition(topic: string, partition: number): Staircase {
    const name = `${topic}/${partition}`;
    let staircase = this.#partitions.get(name);
    if (!staircase) {
      staircase = new Staircase(`${this.#short(topic)}/${partition}`);
      this.#partitions.set(name, staircase);
    }
    return staircase;
  }

  #short(topic: string): string {
    return topic.startsWith(this.#prefix) ? topic.slice(this.#prefix.length) : topic;
  }

  #member(name: string): MemberTrack {
    let member = this.#members.get(name);
    if (!member) this.#members.set(name, (member = new MemberTrack(name, this.#span)));
    return member;
  }
}

/** `in/2` before `in/10`. */
function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function omissions(partitions: readonly PartitionData[], members: readonly MemberData[]): string[] {
  const thinned = partitions.filter(({ everyMs }) => everyMs !== null);
  const coarsest = Math.max(...thinned.map(({ everyMs }) => everyMs ?? 0));
  return [
    ...members
      .filter(({ handlers, ran }) => handlers.length < ran)
      .map(
        ({ name, handlers, ran }) =>
          `${name}: ${handlers.length.toLocaleString("en")} of ${ran.toLocaleString("en")} handlers are drawn, the longest and all that did not end ok`,
      ),
    ...(thinned.length === 0
      ? []
      : [
          `${thinned.length} of ${partitions.length} partitions: the lines have one point every ${coarsest} ms at most`,
        ]),
  ];
}
