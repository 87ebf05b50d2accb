import type { CaseEvent, HistoryEvent } from "../src/history.ts";
import { INVARIANT_IDS } from "../src/intake.ts";

/** What a member does wrong; see `Member` for where. */
export type Bug =
  | "commits-highest"
  | "commits-one-short"
  | "no-key-lock"
  | "no-epoch-fence"
  | "marks-dropped-done"
  | "commits-before-divert"
  | "retries-poison"
  | "runs-twice"
  | "wrong-key"
  | "ignores-committed"
  | "dispatches-after-leaving"
  | "commits-what-it-lost"
  | "too-many-at-once"
  | "never-starts";

/**
 * A group of members on one partition, eager, in a world where every channel has its own delay: output
 * lines, answers of the runner, and frames each wait in a queue of their own and are read in any order
 * between queues. Right members must never be failed by the checker, whatever the order.
 *
 * `choose(n)` answers a number below n.
 */
export function simulate(choose: (n: number) => number, bug: Bug | null): HistoryEvent[] {
  const world = new World(choose, bug);
  for (let step = 0; step < 220; step += 1) world.step();
  world.finish();
  return world.events;
}

const RECORDS = 14;
const KEYS = ["YQ==", "Yg==", null] as const;
const CONCURRENCY = 3;
const MAX_ATTEMPTS = 3;

interface Sent {
  readonly type: "join" | "commit" | "leave";
  readonly generation: number;
  readonly offset: number;
}

class World {
  readonly events: HistoryEvent[] = [];
  readonly choose: (n: number) => number;
  readonly bug: Bug | null;
  readonly members: Member[];
  readonly keys: (string | null)[];
  readonly terminal: ReadonlySet<number>;
  readonly #letters: number[] = [];
  readonly #unread: { offset: number; seq: number }[] = [];
  #t = 0;
  #generation = 0;
  #owner: Member | null = null;
  #joined = new Set<Member>();
  #committed = 0;
  #sequence = 0;
  #request = 0;
  rebalancing = false;
  /** Undelivered begins that the runner has not read are never finished. */
  readonly open: { member: Member; handle: string; offset: number; attempt: number }[] = [];

  constructor(choose: (n: number) => number, bug: Bug | null) {
    this.choose = choose;
    this.bug = bug;
    this.keys = Array.from({ length: RECORDS }, () => KEYS[choose(3)] ?? null);
    this.terminal = new Set([choose(RECORDS), choose(RECORDS)]);
    const header: Omit<CaseEvent, "t" | "type"> = {
      history: 1,
      id: "simulation",
      seed: 0,
      subject: bug ?? "right",
      group: "g",
      topics: { in: 1 },
      deadLetterTopic: "dlq",
      ordering: "key",
      concurrency: CONCURRENCY,
      commitIntervalMs: 10,
      sessionTimeoutMs: 1e6,
      groupProtocol: "classic",
      rebalance: "eager",
      retry: { maxAttempts: MAX_ATTEMPTS, backoffMs: [{ min: 0, max: 1e9 }], slackMs: 0 },
      witnesses: ["ledger", "wire", "commit-log", "topics"],
      invariants: INVARIANT_IDS,
      headerCaps: { order: true, empty: true, null: true },
      limits: { settleMs: 1e6, commitMs: 1e6, stopMs: 1e6 },
      duplicates: "explained",
    };
    this.add({ type: "case", ...header });
    for (const offset of this.terminal) {
      this.add({
        type: "expect",
        expect: "dead-letter",
        topic: "in",
        partition: 0,
        offset: `${offset}`,
      });
    }
    this.members = [new Member(this, "m0"), new Member(this, "m1")];
    for (const { name } of this.members)
      this.add({ type: "member", member: name, state: "started" });
    this.rebalancing = true;
  }

  add(event: object): void {
    this.#t += this.choose(3);
    this.events.push({ t: this.#t, ...event } as HistoryEvent);
  }

  step(): void {
    const member = this.members[this.choose(this.members.length)]!;
    switch (this.choose(8)) {
      case 0:
      case 1:
        member.dispatch();
        break;
      case 2:
        member.commit();
        break;
      case 3:
        this.readLine(member);
        break;
      case 4:
        this.readFrame(member);
        break;
      case 5:
        this.finishOne();
        member.readAnswer();
        break;
      case 6:
        if (!this.rebalancing && this.choose(2) === 0) this.rebalancing = true;
        member.noticeRebalance(this.choose(4) === 0);
        break;
      case 7:
        this.readProduce(member);
        this.readLog();
        break;
    }
  }

  readLine(member: Member): void {
    const line = member.output.shift();
    if (!line) return;
    const { offset, attempt, epoch, handle } = line;
    const key = this.bug === "wrong-key" ? "enp6" : this.keys[offset]!;
    this.add({
      type: "begin",
      member: member.name,
      handle,
      epoch,
      topic: "in",
      partition: 0,
      offset: `${offset}`,
      key,
      valueHash: null,
      attempt,
    });
    this.open.push({ member, handle, offset, attempt });
  }

  finishOne(): void {
    if (this.open.length === 0) return;
    const [work] = this.open.splice(this.choose(this.open.length), 1);
    const { member, handle, offset, attempt } = work!;
    const result = this.terminal.has(offset)
      ? "poison"
      : attempt < MAX_ATTEMPTS && this.choose(4) === 0
        ? "retry"
        : "ok";
    this.add({ type: "finish", member: member.name, handle, result });
    member.input.push({ handle, result });
  }

  readFrame(member: Member): void {
    const frame = member.frames.shift();
    if (!frame) return;
    const ids = { member: member.name, memberId: `${member.name}-id` };
    switch (frame.type) {
      case "join":
        this.add({ type: "join", ...ids });
        this.#joined.add(member);
        if (this.#joined.size === this.members.length) this.#assign();
        return;
      case "leave":
        this.add({ type: "leave", ...ids });
        return;
      case "commit": {
        this.#request += 1;
        const id = `${this.#request}`;
        const entry = { topic: "in", partition: 0, offset: `${frame.offset}`, metadata: "" };
        this.add({
          type: "commit-request",
          ...ids,
          generation: frame.generation,
          id,
          version: 5,
          offsets: [entry],
        });
        // As Kafka does: membership and generation are checked, ownership is not.
        const error = frame.generation !== this.#generation ? 22 : this.#joined.size > 0 ? 27 : 0;
        if (error === 0) {
          this.#committed = frame.offset;
          this.#sequence += 1;
          this.#unread.push({ offset: frame.offset, seq: this.#sequence });
        }
        this.add({
          type: "commit-answer",
          member: member.name,
          id,
          forwarded: true,
          results: [{ topic: "in", partition: 0, error }],
        });
        return;
      }
    }
  }

  /** The producer has a connection of its own. */
  readProduce(member: Member): void {
    const offset = member.letters.shift();
    if (offset === undefined) return;
    this.#letters.push(offset);
    this.add({
      type: "divert-acked",
      member: member.name,
      to: ["dlq", 0],
      toOffset: `${this.#letters.length - 1}`,
      origin: { topic: "in", partition: 0, offset: `${offset}` },
    });
    member.divertAcked(offset);
  }

  readLog(): void {
    const entry = this.#unread.shift();
    if (!entry) return;
    this.add({
      type: "committed",
      topic: "in",
      partition: 0,
      offset: `${entry.offset}`,
      metadata: "",
      seq: entry.seq,
    });
  }

  #assign(): void {
    this.#generation += 1;
    this.#joined = new Set();
    this.rebalancing = false;
    this.#owner = this.members[this.choose(this.members.length)]!;
    for (const member of this.members) {
      const owns = member === this.#owner;
      this.add({
        type: "assignment",
        member: member.name,
        memberId: `${member.name}-id`,
        generation: this.#generation,
        protocol: "classic",
        partitions: owns ? [["in", 0]] : [],
      });
      member.assigned(this.#generation, owns, this.#committed);
    }
  }

  /** Everything moves until nothing is left to do; then the members stop and the topics are read. */
  finish(): void {
    this.add({ type: "phase", phase: "quiesce" });
    for (let round = 0; round < 400 && this.#committed < RECORDS; round += 1) {
      for (const member of this.members) {
        member.noticeRebalance(true);
        while (member.frames.length > 0) this.readFrame(member);
        member.dispatch();
        while (member.output.length > 0) this.readLine(member);
        while (this.open.length > 0) this.finishOne();
        while (member.input.length > 0) member.readAnswer();
        member.commit();
        while (member.letters.length > 0) this.readProduce(member);
      }
    }
    for (const member of this.members) {
      while (member.frames.length > 0) this.readFrame(member);
      while (member.input.length > 0) member.readAnswer();
      this.add({ type: "member", member: member.name, state: "stopping", deadlineMs: 1000 });
      member.commit();
      member.frames.push({ type: "leave", generation: 0, offset: 0 });
      while (member.frames.length > 0) this.readFrame(member);
      this.add({ type: "member", member: member.name, state: "exited", code: 0, signal: null });
    }
    while (this.#unread.length > 0) this.readLog();
    this.add({ type: "log-range", topic: "in", partition: 0, start: "0", end: `${RECORDS}` });
    for (const [offset, key] of this.keys.entries()) {
      this.add({
        type: "visible",
        topic: "in",
        partition: 0,
        offset: `${offset}`,
        key,
        valueHash: null,
        headers: [],
        timestamp: offset,
      });
    }
    for (const [at, offset] of this.#letters.entries()) {
      this.add({
        type: "dead-letter",
        topic: "dlq",
        partition: 0,
        offset: `${at}`,
        key: this.keys[offset]!,
        valueHash: null,
        headers: [
          ["sluice-spec", "MQ=="],
          ["sluice-error-kind", btoa("permanent")],
          ["sluice-dlq-reason", btoa("non-retryable")],
        ],
        origin: { topic: "in", partition: 0, offset: `${offset}`, timestamp: offset, attempts: 1 },
      });
    }
  }
}

type State = "waiting" | "running" | "failed" | "diverting" | "settled";

class Member {
  readonly name: string;
  readonly output: { offset: number; attempt: number; epoch: string; handle: string }[] = [];
  readonly input: { handle: string; result: "ok" | "retry" | "poison" }[] = [];
  readonly frames: Sent[] = [];
  readonly letters: number[] = [];
  readonly #world: World;
  readonly #handles = new Map<string, { offset: number; generation: number }>();
  /** Handlers of ended epochs still hold their slot and their record. */
  readonly #zombies = new Set<string>();
  #running = new Set<string>();
  #attempts = new Map<number, number>();
  #states: State[] = [];
  #start = 0;
  #generation = 0;
  #owns = false;
  #joining = false;
  #sequence = 0;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
  }

  get #bug(): Bug | null {
    return this.#world.bug;
  }

  assigned(generation: number, owns: boolean, committed: number): void {
    for (const handle of this.#running) this.#zombies.add(handle);
    const before = this.#states;
    this.#running = new Set();
    this.#generation = generation;
    this.#owns = owns;
    this.#joining = false;
    this.#start = this.#bug === "ignores-committed" ? 0 : committed;
    this.#states = Array.from({ length: RECORDS }, (_, offset) =>
      offset < this.#start ? "settled" : "waiting",
    );
    if (this.#bug === "marks-dropped-done") {
      for (const [offset, state] of before.entries()) {
        if (state === "running") this.#states[offset] = "settled";
      }
    }
    this.#attempts = new Map();
  }

  dispatch(): void {
    if (this.#bug === "never-starts" || !this.#owns) return;
    if (this.#joining && this.#bug !== "dispatches-after-leaving") return;
    const limit = this.#bug === "too-many-at-once" ? CONCURRENCY + 2 : CONCURRENCY;
    if (this.#running.size + this.#zombies.size >= limit) return;
    const offset = this.#states.findIndex((_, at) => this.#mayBegin(at));
    if (offset === -1) return;
    const attempt = (this.#attempts.get(offset) ?? 0) + 1;
    this.#attempts.set(offset, attempt);
    this.#states[offset] = "running";
    this.#sequence += 1;
    const handle = `${this.name}-${this.#sequence}`;
    this.#handles.set(handle, { offset, generation: this.#generation });
    this.#running.add(handle);
    this.output.push({ offset, attempt, epoch: `${this.#generation}`, handle });
  }

  #mayBegin(offset: number): boolean {
    const state = this.#states[offset];
    if (this.#bug === "runs-twice" && state === "settled" && offset === this.#start) {
      return (this.#attempts.get(offset) ?? 0) === 1;
    }
    if (state !== "waiting" && state !== "failed") return false;
    const key = this.#world.keys[offset];
    if (key === null || this.#bug === "no-key-lock") return true;
    for (let before = this.#start; before < offset; before += 1) {
      if (this.#world.keys[before] === key && this.#states[before] !== "settled") return false;
    }
    return true;
  }

  readAnswer(): void {
    const answer = this.input.shift();
    if (!answer) return;
    const { offset, generation } = this.#handles.get(answer.handle)!;
    this.#zombies.delete(answer.handle);
    const stale = !this.#running.delete(answer.handle);
    if (stale || generation !== this.#generation) {
      if (this.#bug !== "no-epoch-fence" || !this.#owns) return;
    }
    if (answer.result === "ok") this.#states[offset] = "settled";
    else if (answer.result === "retry" || this.#bug === "retries-poison")
      this.#states[offset] = "failed";
    else {
      this.#states[offset] = this.#bug === "commits-before-divert" ? "settled" : "diverting";
      this.letters.push(offset);
    }
  }

  divertAcked(offset: number): void {
    if (this.#states[offset] === "diverting") this.#states[offset] = "settled";
  }

  commit(): void {
    if (this.#joining) return;
    if (!this.#owns) {
      if (this.#bug === "commits-what-it-lost" && this.#states.length > 0)
        this.#send(this.#frontier());
      return;
    }
    const frontier = this.#frontier();
    if (frontier > this.#start) this.#send(frontier);
  }

  #frontier(): number {
    if (this.#bug === "commits-highest") return this.#states.lastIndexOf("settled") + 1;
    const unsettled = this.#states.findIndex((state) => state !== "settled");
    const frontier = unsettled === -1 ? RECORDS : unsettled;
    return this.#bug === "commits-one-short" ? Math.max(0, frontier - 1) : frontier;
  }

  #send(offset: number): void {
    this.frames.push({ type: "commit", generation: this.#generation, offset });
  }

  /** A drain ends when nothing runs, or when its deadline has passed. */
  noticeRebalance(deadlinePassed: boolean): void {
    if (!this.#world.rebalancing || this.#joining) return;
    if (this.#running.size > 0 && !deadlinePassed) return;
    this.commit();
    this.#joining = true;
    this.frames.push({ type: "join", generation: this.#generation, offset: 0 });
  }
}
