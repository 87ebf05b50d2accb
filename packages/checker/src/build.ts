import type { CaseEvent, HistoryEvent, MemberEvent, Tp, Witness } from "./history.ts";
import type {
  AcceptedCommit,
  Assignment,
  CommitRequest,
  Epoch,
  Handle,
  LogEntry,
  Member,
  Model,
  PartitionModel,
  RecordModel,
} from "./model.ts";
import { compareOffsets, offsetOf } from "./offset.ts";
import type { Offset } from "./offset.ts";
import { topicPrefix } from "./topic-prefix.ts";

/** Indexes a history that {@link intake} has accepted; answers what is inconsistent in it instead. */
export function buildModel(
  header: CaseEvent,
  events: readonly HistoryEvent[],
): Model | { readonly problems: readonly string[] } {
  const builder = new ModelBuilder(header, events);
  for (let index = 0; index < events.length; index += 1) builder.add(events[index]!, index);
  return builder.problems.length > 0 ? { problems: builder.problems } : builder.build();
}

class ModelBuilder {
  readonly problems: string[] = [];
  readonly #case: CaseEvent;
  readonly #events: readonly HistoryEvent[];
  readonly #topics = new Map<string, Map<number, PartitionModel>>();
  readonly #partitions: PartitionModel[] = [];
  readonly #members: Member[] = [];
  readonly #current = new Map<string, Member>();
  readonly #handles: Handle[] = [];
  /** Unfinished handlers by name; a member's next run may use a name again. */
  readonly #open = new Map<string, Handle[]>();
  readonly #epochs: Epoch[] = [];
  readonly #epochsOf = new Map<Member, Map<PartitionModel, Map<string, Epoch>>>();
  readonly #requests = new Map<string, ReadonlyMap<PartitionModel, CommitRequest>>();
  readonly #deadLetters: Model["deadLetters"][number][] = [];
  readonly #prefix: string;
  #quiesce = Infinity;
  readonly #health = new Map<string, boolean>();

  constructor(header: CaseEvent, events: readonly HistoryEvent[]) {
    this.#case = header;
    this.#events = events;
    this.#prefix = topicPrefix(header);
    for (const [topic, count] of Object.entries(header.topics)) {
      // A count is a claim of the header: partitions beyond what events name cost nothing.
      for (let p = 0; p < Math.min(count, MAX_LISTED); p += 1) this.#partition(topic, p);
    }
  }

  add(event: HistoryEvent, index: number): void {
    switch (event.type) {
      case "start": {
        const partition = this.#partition(event.topic, event.partition);
        partition.start = offsetOf(event.offset);
        partition.startIndex = index;
        break;
      }
      case "phase":
        if (event.phase === "quiesce") this.#quiesce = Math.min(this.#quiesce, index);
        break;
      case "member":
        this.#memberEvent(event, index);
        break;
      case "expect":
        this.#record(event).expect = { index, event };
        break;
      case "produced": {
        const record = this.#record(event);
        if (record.produced && !sameContent(record.produced.event, event))
          record.contradicted = true;
        record.produced ??= { index, event };
        break;
      }
      case "visible": {
        const record = this.#record(event);
        if (record.visible && !sameContent(record.visible.event, event)) record.contradicted = true;
        record.visible ??= { index, event };
        break;
      }
      case "log-range":
        this.#partition(event.topic, event.partition).range = { index, event };
        break;
      case "dead-letter":
        this.#deadLetters.push({ index, event });
        if (event.origin) this.#record(event.origin).deadLetters.push({ index, event });
        break;
      case "join":
        this.#member(event.member).joins.push(index);
        break;
      case "assignment":
        this.#member(event.member).assignments.push(this.#assignment(event, index));
        break;
      case "owned":
        this.#member(event.member).owned.push(this.#assignment(event, index));
        break;
      case "leave":
        this.#member(event.member).leaves.push(index);
        break;
      case "heartbeat":
        this.#member(event.member).heartbeats.push({ index, generation: event.generation });
        break;
      case "commit-request": {
        const member = this.#member(event.member);
        const requests = new Map<PartitionModel, CommitRequest>();
        for (const entry of event.offsets) {
          const partition = this.#partition(entry.topic, entry.partition);
          const request: CommitRequest = {
            index,
            event,
            member,
            offset: offsetOf(entry.offset),
            error: null,
            answered: Infinity,
          };
          partition.requests.push(request);
          if (!requests.has(partition)) requests.set(partition, request);
        }
        this.#requests.set(answerKey(event), requests);
        break;
      }
      case "commit-answer": {
        const requests = this.#requests.get(answerKey(event));
        if (!requests) break;
        for (const result of event.results) {
          const partition = this.#topics.get(result.topic)?.get(result.partition);
          const request = partition && requests.get(partition);
          if (!request || request.answered !== Infinity) continue;
          request.error = result.error;
          request.answered = index;
        }
        break;
      }
      case "divert-acked": {
        const record = this.#record(event.origin);
        const { to, toOffset } = event;
        const goesOn =
          to[0] === this.#case.deadLetterTopic
            ? null
            : this.#record({ topic: to[0], partition: to[1], offset: toOffset });
        record.diverts.push({ index, member: this.#member(event.member), goesOn });
        settle(record, index, null);
        break;
      }
      case "committed":
        this.#partition(event.topic, event.partition).log.push({
          index,
          seq: event.seq,
          offset: offsetOf(event.offset),
          own: event.own === true,
          request: null,
        });
        break;
      case "polled":
        for (const { topic, partition, offset } of event.offsets) {
          const own = event.own === true;
          this.#partition(topic, partition).polls.push({ index, offset: offsetOf(offset), own });
        }
        break;
      case "begin":
        this.#begin(event, index);
        break;
      case "finish": {
        const handle = this.#handle(event.member, event.handle);
        if (!handle) {
          this.#problem(
            index,
            `finish of ${event.member} ${event.handle}, which was never begun or is finished`,
          );
          break;
        }
        this.#closed(event.member, event.handle);
        handle.finish = { index, event };
        if (event.result === "ok" || event.result === "skip") {
          settle(handle.record, index, handle);
        }
        break;
      }
      case "dropped": {
        const handle = this.#handle(event.member, event.handle);
        if (handle) handle.dropped = Math.min(handle.dropped, index);
        break;
      }
      case "claim":
        this.#member(event.member).claims.push({
          index,
          claim: event.claim,
          epoch: event.epoch ?? null,
          partitions: this.#set(event.partitions ?? []),
        });
        break;
      case "guard":
        if (event.guard === "healthy" || event.guard === "G0") {
          this.#health.set(event.guard, event.met);
        }
        break;
      case "case":
      case "fault":
      case "fetched":
      case "vector":
        break;
    }
  }

  build(): Model {
    const events = this.#events;
    const topics = this.#topics;
    const witnesses = new Set(this.#case.witnesses);
    const blind: Witness[] = [];
    // Somebody committed and no frame was seen at all: the proxy was off, nobody forged the log.
    const committed = this.#partitions.some(({ log }) => log.some(({ own }) => !own));
    if (witnesses.has("wire") && this.#requests.size === 0 && committed) {
      witnesses.delete("wire");
      blind.push("wire");
    }
    for (const partition of this.#partitions) {
      for (const record of partition.records.values()) {
        if (!record.visible) continue;
        if (record.produced && !sameContent(record.visible.event, record.produced.event)) {
          record.contradicted = true;
        }
        if (!(record.offset < partition.start)) partition.duty.push(record);
      }
      partition.duty.sort((a, b) => compareOffsets(a.offset, b.offset));
      partition.log.sort((a, b) => a.seq - b.seq);
      matchLog(partition);
      partition.accepted =
        witnesses.has("wire") || witnesses.has("commit-log")
          ? acceptedOf(partition)
          : shownByPolls(partition);
      if (!witnesses.has("wire")) settleByLedger(partition, this.#case);
    }
    return {
      case: this.#case,
      events,
      witnesses,
      blind,
      partitions: this.#partitions,
      partition: (topic, partition) => topics.get(topic)?.get(partition),
      handles: this.#handles,
      epochs: this.#epochs,
      members: this.#members,
      deadLetters: this.#deadLetters,
      healthy: ![...this.#health.values()].includes(false),
      quiesce: this.#quiesce,
      endTime: events.at(-1)?.t ?? 0,
      timeOf: (index) => events[index]?.t ?? Infinity,
    };
  }

  #begin(event: Extract<HistoryEvent, { type: "begin" }>, index: number): void {
    const record = this.#record(event);
    const member = this.#member(event.member);
    const epoch = this.#epoch(member, record.partition, event.epoch);
    const key = handleKey(event.member, event.handle);
    let open = this.#open.get(key);
    if (!open) this.#open.set(key, (open = []));
    const handle: Handle = {
      index,
      t: event.t,
      event,
      record,
      member,
      epoch,
      reused: open.at(-1)?.member === member,
      finish: null,
      dropped: Infinity,
    };
    open.push(handle);
    this.#handles.push(handle);
    record.handles.push(handle);
    epoch.handles.push(handle);
  }

  /** The unfinished handler of this name that this member began last. */
  #handle(name: string, handle: string): Handle | undefined {
    return this.#open.get(handleKey(name, handle))?.at(-1);
  }

  #closed(name: string, handle: string): void {
    const key = handleKey(name, handle);
    const open = this.#open.get(key);
    open?.pop();
    if (open?.length === 0) this.#open.delete(key);
  }

  #epoch(member: Member, partition: PartitionModel, claim: string): Epoch {
    let byPartition = this.#epochsOf.get(member);
    if (!byPartition) this.#epochsOf.set(member, (byPartition = new Map()));
    let byClaim = byPartition.get(partition);
    if (!byClaim) byPartition.set(partition, (byClaim = new Map()));
    let epoch = byClaim.get(claim);
    if (!epoch) {
      epoch = { member, partition, claim, ordinal: byClaim.size + 1, handles: [] };
      byClaim.set(claim, epoch);
      this.#epochs.push(epoch);
    }
    return epoch;
  }

  #memberEvent(event: MemberEvent, index: number): void {
    if (event.state === "started") {
      const earlier = this.#current.get(event.member);
      if (earlier && earlier.events.length === 0) {
        // Frames of a process may be seen before the runner has noted that it started.
        earlier.events.push({ index, event });
        return;
      }
      this.#newMember(event.member, index).events.push({ index, event });
      return;
    }
    const member = this.#member(event.member);
    member.events.push({ index, event });
    if (event.state === "stopping") member.stopping = Math.min(member.stopping, index);
    if (event.state === "killed") member.killed = Math.min(member.killed, index);
    if (event.state === "exited") member.exited = Math.min(member.exited, index);
  }

  #member(name: string): Member {
    return this.#current.get(name) ?? this.#newMember(name, 0);
  }

  #newMember(name: string, started: number): Member {
    const run = (this.#current.get(name)?.run ?? 0) + 1;
    const member: Member = {
      name,
      run,
      label: run === 1 ? name : `${name} (run ${run})`,
      started,
      events: [],
      stopping: Infinity,
      killed: Infinity,
      exited: Infinity,
      assignments: [],
      owned: [],
      joins: [],
      leaves: [],
      heartbeats: [],
      claims: [],
    };
    this.#members.push(member);
    this.#current.set(name, member);
    return member;
  }

  #assignment(
    event: {
      readonly memberId: string;
      readonly generation: number;
      readonly partitions: readonly Tp[];
    },
    index: number,
  ): Assignment {
    return {
      index,
      memberId: event.memberId,
      generation: event.generation,
      partitions: this.#set(event.partitions),
    };
  }

  #set(partitions: readonly Tp[]): ReadonlySet<PartitionModel> {
    return new Set(partitions.map(([topic, partition]) => this.#partition(topic, partition)));
  }

  #partition(topic: string, partition: number): PartitionModel {
    let ofTopic = this.#topics.get(topic);
    if (!ofTopic) this.#topics.set(topic, (ofTopic = new Map()));
    let model = ofTopic.get(partition);
    if (!model) {
      model = {
        name: `${topic.startsWith(this.#prefix) ? topic.slice(this.#prefix.length) : topic}/${partition}`,
        topic,
        partition,
        workload: Object.hasOwn(this.#case.topics, topic) && partition < this.#case.topics[topic]!,
        start: 0,
        startIndex: -1,
        range: null,
        records: new Map<Offset, RecordModel>(),
        duty: [],
        requests: [],
        log: [],
        polls: [],
        accepted: [],
      };
      ofTopic.set(partition, model);
      this.#partitions.push(model);
    }
    return model;
  }

  #record(id: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  }): RecordModel {
    const partition = this.#partition(id.topic, id.partition);
    const offset = offsetOf(id.offset);
    let record = partition.records.get(offset);
    if (!record) {
      record = {
        partition,
        offset,
        visible: null,
        produced: null,
        contradicted: false,
        expect: null,
        handles: [],
        diverts: [],
        deadLetters: [],
        settled: Infinity,
        settledBy: null,
      };
      partition.records.set(offset, record);
    }
    return record;
  }

  #problem(index: number, what: string): void {
    if (this.problems.length < 5) this.problems.push(`line ${index + 1}: ${what}`);
  }
}

/**
 * REQUEST_TIMED_OUT, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR: a coordinator appends a commit, then waits for
 * the replicas; when its broker goes, or they do, meanwhile, it says so, and the entry may stay.
 */
const UNDECIDED: ReadonlySet<number> = new Set([7, 15, 16]);

/**
 * Every entry of the commit log comes from one request, and every applied request leaves one entry
 * per partition. Requests answered with an error were not applied, but for {@link UNDECIDED}, those
 * answered without were; an undecided one, or one without an answer, was applied if more entries are
 * there than the answers explain. Of equal offsets the first request is taken first, which matches as
 * many as can be matched.
 */
function matchLog(partition: PartitionModel): void {
  const byOffset = new Map<Offset, { entries: LogEntry[]; requests: CommitRequest[] }>();
  for (const entry of partition.log) {
    if (entry.own) continue;
    const same = byOffset.get(entry.offset);
    if (same) same.entries.push(entry);
    else byOffset.set(entry.offset, { entries: [entry], requests: [] });
  }
  for (const request of partition.requests) {
    if (request.error === null || request.error === 0 || UNDECIDED.has(request.error)) {
      byOffset.get(request.offset)?.requests.push(request);
    }
  }
  for (const { entries, requests } of byOffset.values()) {
    const answered = requests.filter(({ error }) => error === 0);
    const candidates = entries.length <= answered.length ? answered : requests;
    let next = 0;
    for (const entry of entries) {
      const request = candidates[next];
      if (!request || request.index > entry.index) continue;
      entry.request = request;
      next += 1;
    }
  }
}

function acceptedOf(partition: PartitionModel): AcceptedCommit[] {
  const accepted: AcceptedCommit[] = [];
  for (const { offset, index, answered, member, error } of partition.requests) {
    if (error === 0) accepted.push({ offset, index, known: answered, member });
  }
  for (const entry of partition.log as readonly LogEntry[]) {
    if (entry.own || entry.request?.error === 0) continue;
    accepted.push({
      offset: entry.offset,
      index: entry.request?.index ?? entry.index,
      known: entry.index,
      member: entry.request?.member ?? null,
    });
  }
  return accepted.sort((a, b) => a.index - b.index);
}

/** A commit counts from the first poll that shows it, which is later than it was made: never too strict. */
function shownByPolls({ polls }: PartitionModel): AcceptedCommit[] {
  return polls.flatMap(({ offset, index, own }, i) =>
    own || polls[i - 1]?.offset === offset ? [] : [{ offset, index, known: index, member: null }],
  );
}

/**
 * Without the wire the acknowledgement of a dead letter has no time. It cannot have come before the
 * handler's last failure, so that failure is the earliest sound time (it can hide a violation, never
 * invent one). Only records whose dead letter was found are settled by it.
 */
function settleByLedger(partition: PartitionModel, header: CaseEvent): void {
  for (const record of partition.records.values()) {
    if (record.deadLetters.length === 0) continue;
    for (const handle of record.handles) {
      if (!handle.finish || !isTerminalFailure(handle, header)) continue;
      settle(record, handle.finish.index, handle);
    }
  }
}

function settle(record: RecordModel, index: number, by: Handle | null): void {
  if (!(index < record.settled)) return;
  record.settled = index;
  record.settledBy = by;
}

/** The handler gave the record up, or failed its last allowed attempt. */
export function isTerminalFailure(handle: Handle, header: CaseEvent): boolean {
  switch (handle.finish?.event.result) {
    case "poison":
    case "dead-letter":
      return true;
    case "retry":
    case "throw":
      return handle.event.attempt >= maxAttempts(header);
    case "ok":
    case "skip":
    case undefined:
      return false;
  }
}

/** Infinity when attempts are unbounded. */
export function maxAttempts(header: CaseEvent): number {
  return header.retry.maxAttempts ?? Infinity;
}

function sameContent(
  a: { readonly key: string | null; readonly valueHash: string | null },
  b: { readonly key: string | null; readonly valueHash: string | null },
): boolean {
  return a.key === b.key && a.valueHash === b.valueHash;
}

const answerKey = (event: { readonly member: string; readonly id: string }): string =>
  `${event.member}\0${event.id}`;
const handleKey = (member: string, handle: string): string => `${member}\0${handle}`;
const MAX_LISTED = 10_000;
