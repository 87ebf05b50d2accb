import { topicPrefix } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";

/** What the charts of one case show; times are milliseconds since the history began. */
export interface ChartData {
  readonly span: number;
  readonly phases: readonly { readonly t: number; readonly name: string }[];
  readonly faults: readonly { readonly from: number; readonly to: number; readonly name: string }[];
  readonly partitions: readonly PartitionData[];
  readonly members: readonly MemberData[];
}

export type Point = readonly [t: number, value: number];

/** The offset staircase: each line holds its value until its next point. */
export interface PartitionData {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Next offset after the furthest begun. */
  readonly begun: readonly Point[];
  /** First unsettled offset: the highest that may be committed. */
  readonly settled: readonly Point[];
  readonly committed: readonly Point[];
  readonly end: readonly Point[];
  /** Commits asked for above the settled line. */
  readonly violations: readonly Point[];
}

export interface MemberData {
  readonly name: string;
  readonly grants: readonly {
    from: number;
    to: number;
    generation: number;
    partitions: string[];
  }[];
  readonly handlers: readonly HandlerData[];
  readonly commits: readonly { readonly t: number; readonly lost: boolean }[];
  readonly marks: readonly { readonly t: number; readonly what: string }[];
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

/** Charts only show: they recompute little and judge nothing. */
export function chartData(events: readonly HistoryEvent[]): ChartData {
  const start = events[0]?.t ?? 0;
  const span = Math.max(1, (events.at(-1)?.t ?? 0) - start);
  const collector = new Collector(start, span, events);
  for (const event of events) collector.add(event);
  return collector.finish();
}

class Collector {
  readonly #start: number;
  readonly #span: number;
  readonly #partitions = new Map<string, Staircase>();
  readonly #members = new Map<string, Member>();
  readonly #phases: { t: number; name: string }[] = [];
  readonly #faults: { from: number; to: number; name: string; healed: boolean }[] = [];
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
        this.#phases.push({ t, name: event.phase });
        return;
      case "fault": {
        const open = this.#faults.find((fault) => fault.name === event.fault && !fault.healed);
        if (!open) {
          this.#faults.push({
            from: t,
            to: t,
            name: event.fault,
            healed: event.state === "healed",
          });
          return;
        }
        open.to = t;
        open.healed = event.state === "healed";
        return;
      }
      case "produced":
        this.#known(event)?.produced(t, Number(event.offset));
        return;
      case "begin": {
        const member = this.#member(event.member);
        member.handlers.set(event.handle, {
          at: event,
          data: {
            handle: event.handle,
            record: `${this.#short(event.topic)}/${event.partition}@${event.offset}`,
            attempt: event.attempt,
            from: t,
            to: this.#span,
            result: null,
          },
        });
        this.#known(event)?.begun(t, Number(event.offset));
        return;
      }
      case "finish": {
        const handler = this.#member(event.member).handlers.get(event.handle);
        if (!handler) return;
        handler.data.to = t;
        handler.data.result = event.result;
        if (event.result === "ok" || event.result === "skip") {
          this.#known(handler.at)?.settled(t, Number(handler.at.offset));
        }
        return;
      }
      case "divert-acked":
        this.#known(event.origin)?.settled(t, Number(event.origin.offset));
        return;
      case "commit-request":
        this.#requests.set(`${event.member} ${event.id}`, event);
        for (const entry of event.offsets) this.#known(entry)?.asked(t, Number(entry.offset));
        return;
      case "commit-answer": {
        const request = this.#requests.get(`${event.member} ${event.id}`);
        this.#member(event.member).commits.push({ t, lost: !event.forwarded });
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
      case "assignment": {
        const member = this.#member(event.member);
        member.end(t);
        member.grants.push({
          from: t,
          to: this.#span,
          generation: event.generation,
          partitions: event.partitions.map(
            ([topic, partition]) => `${this.#short(topic)}/${partition}`,
          ),
        });
        return;
      }
      case "leave":
        this.#member(event.member).end(t);
        return;
      case "member":
        this.#member(event.member).marks.push({ t, what: event.state });
        if (event.state === "killed" || event.state === "exited") this.#member(event.member).end(t);
        return;
      default:
        return;
    }
  }

  finish(): ChartData {
    return {
      span: this.#span,
      phases: this.#phases,
      faults: this.#faults.map(({ from, to, name, healed }) => ({
        from,
        to: healed || to > from ? to : this.#span,
        name,
      })),
      partitions: [...this.#partitions.values()]
        .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
        .map((partition) => partition.finish()),
      members: [...this.#members.values()].map(({ name, grants, handlers, commits, marks }) => ({
        name,
        grants,
        handlers: [...handlers.values()].map(({ data }) => data),
        commits,
        marks,
      })),
    };
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

  #member(name: string): Member {
    let member = this.#members.get(name);
    if (!member) this.#members.set(name, (member = new Member(name)));
    return member;
  }
}

class Member {
  readonly name: string;
  readonly grants: { from: number; to: number; generation: number; partitions: string[] }[] = [];
  readonly handlers = new Map<
    string,
    {
      readonly at: { readonly topic: string; readonly partition: number; readonly offset: string };
      readonly data: { -readonly [K in keyof HandlerData]: HandlerData[K] };
    }
  >();
  readonly commits: { t: number; lost: boolean }[] = [];
  readonly marks: { t: number; what: string }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  end(t: number): void {
    const last = this.grants.at(-1);
    if (last) last.to = Math.min(last.to, t);
  }
}

class Staircase {
  readonly name: string;
  readonly offsets: number[] = [];
  from = 0;
  range: readonly [number, number] | null = null;
  readonly #settled = new Set<number>();
  readonly #lines = {
    begun: [] as Point[],
    settled: [] as Point[],
    committed: [] as Point[],
    end: [] as Point[],
  };
  readonly #violations: Point[] = [];
  #next = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Call once everything read from the topic is known. */
  prepare(): void {
    this.offsets.sort((a, b) => a - b);
    this.#next = this.offsets.findIndex((offset) => offset >= this.from);
    if (this.#next === -1) this.#next = this.offsets.length;
    this.#lines.settled.push([0, this.#frontier()]);
  }

  produced(t: number, offset: number): void {
    this.#raise(this.#lines.end, t, offset + 1);
  }
  begun(t: number, offset: number): void {
    this.#raise(this.#lines.begun, t, offset + 1);
  }
  settled(t: number, offset: number): void {
    this.#settled.add(offset);
    while (this.#next < this.offsets.length && this.#settled.has(this.offsets[this.#next]!)) {
      this.#next += 1;
    }
    this.#raise(this.#lines.settled, t, this.#frontier());
  }
  asked(t: number, offset: number): void {
    const first = this.offsets[this.#next];
    if (first !== undefined && offset > first) this.#violations.push([t, offset]);
  }
  committed(t: number, offset: number): void {
    this.#lines.committed.push([t, offset]);
  }

  finish(): PartitionData {
    const { begun, settled, committed, end } = this.#lines;
    if (end.length === 0 && this.range) end.push([0, this.range[1]]);
    const values = [begun, settled, committed, end].flatMap((line) => line.map(([, v]) => v));
    const low = Math.min(...values, this.from);
    return {
      name: this.name,
      low: Math.max(0, low),
      high: Math.max(...values, this.range?.[1] ?? 0, low + 1),
      begun,
      settled,
      committed,
      end,
      violations: this.#violations,
    };
  }

  #frontier(): number {
    return this.offsets[this.#next] ?? this.range?.[1] ?? (this.offsets.at(-1) ?? -1) + 1;
  }

  #raise(line: Point[], t: number, value: number): void {
    if (value > (line.at(-1)?.[1] ?? -Infinity)) line.push([t, value]);
  }
}
