// @ts-check
/**
 * Writes tiny histories, event by event: each call appends what a runner would have recorded, ten
 * milliseconds after the last. See `build.mjs` for the histories themselves.
 */

/** @typedef {{ p?: number, topic?: string }} Where */
/** @typedef {number | bigint} Offset */

export class Script {
  /** @param {string} id @param {string} title @param {string[]} invariants @param {Record<string, unknown>} overrides */
  constructor(id, title, invariants, overrides) {
    this.t = 0;
    /** @type {Record<string, unknown>[]} */
    this.events = [];
    /** @type {Map<number, { key: string | null, value: string, offset: Offset, timestamp: number, headers: [string, string | null][] }[]>} */
    this.log = new Map();
    /** @type {Map<number, Offset>} */
    this.ends = new Map();
    /** @type {Map<string, { generation: number, parts: number[], epochs: Map<number, string>, handles: number, alive: boolean }>} */
    this.members = new Map();
    this.requests = 0;
    this.sequence = 0;
    this.quiesced = false;
    this.header = {
      t: 0,
      type: "case",
      history: 1,
      id,
      title,
      seed: 1,
      subject: "canned",
      group: "g",
      topics: { in: 1 },
      deadLetterTopic: "in.dlq",
      ordering: "key",
      concurrency: 4,
      commitIntervalMs: 200,
      sessionTimeoutMs: 6000,
      groupProtocol: "classic",
      rebalance: "eager",
      retry: {
        maxAttempts: 3,
        backoffMs: [
          { min: 100, max: 100 },
          { min: 200, max: 200 },
        ],
        slackMs: 50,
      },
      witnesses: ["ledger", "wire", "commit-log", "topics"],
      invariants,
      headerCaps: { order: true, empty: true, null: true },
      limits: { settleMs: 5000, commitMs: 1000, stopMs: 5000 },
      duplicates: "none",
      ...overrides,
    };
    this.events.push(this.header);
  }

  /** @param {Record<string, unknown>} event */
  add(event) {
    this.t += 10;
    this.events.push({ t: this.t, ...event });
  }

  /** @param {number} ms */
  wait(ms) {
    this.t += ms;
  }

  /** A record whose producer had its answer, whatever the topic holds. @param {string} key @param {Offset} offset */
  produced(key, offset) {
    this.add({
      type: "produced",
      topic: "in",
      partition: 0,
      offset: String(offset),
      key: base64(key),
      valueHash: base64(`v${offset}`),
    });
  }

  /** The records of a partition, by key; `-` is a null key, `.` an offset without a record.
   * @param {string} keys @param {Where & { from?: Offset, headers?: [string, string | null][] }} [where] */
  records(keys, { p = 0, from = 0, headers = [] } = {}) {
    /** @param {number} i */
    const at = (i) => (typeof from === "bigint" ? from + BigInt(i) : from + i);
    const log = keys
      .split(" ")
      .map((key, i) => ({
        key: key === "-" ? null : base64(key),
        gap: key === ".",
        value: base64(`v${at(i)}`),
        offset: at(i),
        timestamp: 1000 + i,
        headers,
      }))
      .filter(({ gap }) => !gap);
    this.log.set(p, log);
    this.ends.set(p, at(keys.split(" ").length));
  }

  /** @param {string} name */
  #member(name) {
    let member = this.members.get(name);
    if (!member) {
      member = { generation: 0, parts: [], epochs: new Map(), handles: 0, alive: true };
      this.members.set(name, member);
      this.add({ type: "member", member: name, state: "started" });
    }
    return member;
  }

  /** A classic rebalance: all join, all are assigned. @param {number} generation @param {Record<string, number[]>} parts */
  rebalance(generation, parts) {
    for (const name of Object.keys(parts)) this.#member(name);
    for (const name of Object.keys(parts)) this.join(name);
    for (const [name, assigned] of Object.entries(parts)) this.assign(name, generation, assigned);
  }

  /** @param {string} name */
  join(name) {
    this.#member(name);
    this.add({ type: "join", member: name, memberId: `${name}-id` });
  }

  /** @param {string} name @param {number} generation @param {number[]} parts */
  assign(name, generation, parts) {
    const member = this.#member(name);
    const kept = this.header.rebalance === "eager" ? [] : member.parts;
    for (const p of parts) if (!kept.includes(p)) member.epochs.set(p, String(generation));
    member.generation = generation;
    member.parts = parts;
    this.add({
      type: "assignment",
      member: name,
      memberId: `${name}-id`,
      generation,
      protocol: this.header.groupProtocol,
      partitions: parts.map((p) => ["in", p]),
    });
  }

  /** KIP-848: what the member's heartbeat lists. @param {string} name @param {number} generation @param {number[]} parts */
  owned(name, generation, parts) {
    this.#member(name).generation = generation;
    this.add({
      type: "owned",
      member: name,
      memberId: `${name}-id`,
      generation,
      partitions: parts.map((p) => ["in", p]),
    });
  }

  /** @param {string} name @param {number} generation */
  heartbeat(name, generation) {
    this.#member(name).generation = generation;
    this.add({ type: "heartbeat", member: name, generation });
  }

  /** Answers the handle. @param {string} name @param {Offset} offset
   * @param {Where & { epoch?: string, attempt?: number, key?: string | null, value?: string, handle?: string }} [what] */
  begin(name, offset, { p = 0, epoch, attempt = 1, key, value, handle } = {}) {
    const member = this.#member(name);
    const record = this.log.get(p)?.find((r) => r.offset === offset);
    member.handles += 1;
    handle ??= `${name}-${member.handles}`;
    this.add({
      type: "begin",
      member: name,
      handle,
      epoch: epoch ?? member.epochs.get(p) ?? "1",
      topic: "in",
      partition: p,
      offset: String(offset),
      key: key === undefined ? (record?.key ?? null) : key === null ? null : base64(key),
      valueHash: value === undefined ? (record?.value ?? base64(`v${offset}`)) : base64(value),
      attempt,
    });
    return handle;
  }

  /**
   * As many handles as offsets.
   * @template {Offset[]} T
   * @param {string} name @param {T} offsets
   */
  begins(name, ...offsets) {
    const handles = offsets.map((offset) => this.begin(name, offset));
    return /** @type {{ [I in keyof T]: string }} */ (handles);
  }

  /** @param {string} handle @param {string} [result] */
  finish(handle, result = "ok") {
    this.add({ type: "finish", member: handle.split("-")[0], handle, result });
  }

  /** @param {string} name @param {Offset[]} offsets */
  runs(name, ...offsets) {
    for (const offset of offsets) this.finish(this.begin(name, offset));
  }

  /** An OffsetCommit request. @param {string} name @param {Offset} offset @param {Where & { generation?: number }} [what] */
  ask(name, offset, { p = 0, topic = "in", generation } = {}) {
    this.requests += 1;
    const id = String(this.requests);
    this.add({
      type: "commit-request",
      member: name,
      memberId: `${name}-id`,
      generation: generation ?? this.#member(name).generation,
      id,
      version: 5,
      offsets: [{ topic, partition: p, offset: String(offset), metadata: "" }],
    });
    return id;
  }

  /** @param {string} name @param {string} id @param {Where & { error?: number, forwarded?: boolean }} [what] */
  answer(name, id, { p = 0, topic = "in", error = 0, forwarded = true } = {}) {
    this.add({
      type: "commit-answer",
      member: name,
      id,
      forwarded,
      results: [{ topic, partition: p, error }],
    });
  }

  /** An entry of the commit log. @param {Offset} offset @param {Where & { own?: boolean }} [what] */
  logged(offset, { p = 0, topic = "in", own } = {}) {
    this.sequence += 1;
    this.add({
      type: "committed",
      topic,
      partition: p,
      offset: String(offset),
      metadata: "",
      seq: this.sequence,
      ...(own ? { own } : {}),
    });
  }

  /** The coordinator is asked what is committed. @param {Record<number, Offset>} offsets @param {{ own?: boolean }} [what] */
  polled(offsets, { own } = {}) {
    const asked = this.t;
    this.add({
      type: "polled",
      asked,
      offsets: Object.entries(offsets).map(([p, offset]) => ({
        topic: "in",
        partition: Number(p),
        offset: String(offset),
        metadata: "",
      })),
      ...(own ? { own } : {}),
    });
  }

  /** Asked for, accepted and logged. @param {string} name @param {Offset} offset @param {Where & { generation?: number }} [what] */
  commit(name, offset, what = {}) {
    const id = this.ask(name, offset, what);
    this.answer(name, id, what);
    this.logged(offset, what);
  }

  /** The dead letter's acknowledgement is passed on. @param {string} name @param {Offset} offset @param {Where & { to?: string, at?: Offset }} [where] */
  diverted(name, offset, { p = 0, to = "in.dlq", at = offset } = {}) {
    this.add({
      type: "divert-acked",
      member: name,
      to: [to, 0],
      toOffset: String(at),
      origin: { topic: "in", partition: p, offset: String(offset) },
    });
  }

  /** The record at an offset of the retry topic runs, which holds the one at another offset of the source.
   * @param {string} name @param {Offset} at @param {Offset} offset */
  retried(name, at, offset) {
    const { key, value: valueHash } = this.#source(offset);
    const handle = `${name}-r${at}`;
    const place = { topic: "in.retry", partition: 0, offset: String(at) };
    this.add({
      type: "assignment",
      member: name,
      memberId: `${name}-id`,
      generation: 1,
      protocol: "classic",
      partitions: [["in.retry", 0]],
    });
    this.add({
      type: "begin",
      member: name,
      handle,
      epoch: "1",
      ...place,
      key,
      valueHash,
      attempt: 1,
    });
    this.finish(handle);
    this.commit(name, typeof at === "bigint" ? at + 1n : at + 1, {
      topic: "in.retry",
      generation: 1,
    });
  }

  /** What the retry topic holds: the records of these offsets of the source. @param {Offset[]} offsets */
  retryTopic(...offsets) {
    const topic = "in.retry";
    const end = String(offsets.length);
    this.add({ type: "log-range", topic, partition: 0, start: "0", end });
    for (const [at, offset] of offsets.entries()) {
      const { key, value: valueHash, timestamp } = this.#source(offset);
      const place = { topic, partition: 0, offset: String(at) };
      this.add({ type: "visible", ...place, key, valueHash, headers: [], timestamp });
    }
  }

  /** @param {Offset} offset */
  #source(offset) {
    const record = this.log.get(0)?.find((each) => each.offset === offset);
    if (!record) throw new Error(`no record at ${offset}`);
    return record;
  }

  /** @param {Offset} offset @param {"dead-letter" | "skip"} [what] */
  expect(offset, what = "dead-letter") {
    this.add({ type: "expect", expect: what, topic: "in", partition: 0, offset: String(offset) });
  }

  /** Found in the dead letter topic. @param {Offset} offset @param {Record<string, unknown>} [changes] @param {Record<string, unknown>} [origin] */
  deadLetter(offset, changes = {}, origin = {}) {
    const record = this.log.get(0)?.find((r) => r.offset === offset);
    this.add({
      type: "dead-letter",
      topic: "in.dlq",
      partition: 0,
      offset: String(this.sequence++),
      key: record?.key ?? null,
      valueHash: record?.value ?? null,
      headers: [
        ...(record?.headers ?? []),
        ["sluice-spec", base64("1")],
        ...Object.entries(this.#failure(offset)).map(([name, text]) => [name, base64(text)]),
      ],
      origin: {
        topic: "in",
        partition: 0,
        offset: String(offset),
        timestamp: record?.timestamp ?? 0,
        attempts: 1,
        ...origin,
      },
      ...changes,
    });
  }

  /** What a dead letter says of the last failure of a record. @param {Offset} offset */
  #failure(offset) {
    const begun = this.events.filter(
      (e) => e["type"] === "begin" && e["offset"] === String(offset),
    );
    const handles = new Set(begun.map(({ handle }) => handle));
    const last = this.events.findLast(
      (e) => e["type"] === "finish" && e["result"] !== "ok" && handles.has(e["handle"]),
    );
    return last?.["result"] === "poison"
      ? { "sluice-error-kind": "permanent", "sluice-dlq-reason": "non-retryable" }
      : { "sluice-error-kind": "transient", "sluice-dlq-reason": "retries-exhausted" };
  }

  /** @param {string} name @param {string} state @param {Record<string, unknown>} [more] */
  member(name, state, more = {}) {
    this.#member(name);
    this.add({ type: "member", member: name, state, ...more });
  }

  /**
   * A Fetch answer is passed on.
   *
   * @param {string} name
   * @param {number} bytes
   * @param {number} [offset] of the partition from which on it is the first to be asked
   */
  fetched(name, bytes, offset) {
    const from = [{ topic: "in", partition: 0, offset: String(offset) }];
    this.add({ type: "fetched", member: name, bytes, ...(offset !== undefined && { from }) });
  }

  /** The member's own word. @param {string} name @param {number} count */
  buffered(name, count) {
    this.add({ type: "claim", member: name, claim: "buffered", count });
  }

  /** @param {string} name */
  leave(name) {
    this.add({ type: "leave", member: name, memberId: `${name}-id` });
  }

  /** @param {string} name */
  stop(name) {
    this.member(name, "stopping", { deadlineMs: 4000 });
    this.leave(name);
    this.member(name, "exited", { code: 0, signal: null, forced: false });
    this.#member(name).alive = false;
  }

  /** As {@link stop}, where nobody sees it leave. @param {string} name */
  gone(name) {
    this.member(name, "stopping", { deadlineMs: 4000 });
    this.member(name, "exited", { code: 0, signal: null, forced: false });
    this.#member(name).alive = false;
  }

  /** @param {string} name */
  kill(name) {
    this.member(name, "killed");
    this.member(name, "exited", { code: null, signal: "SIGKILL" });
    this.#member(name).alive = false;
  }

  /** @param {string} fault @param {"injected" | "observed" | "healed"} state */
  fault(fault, state) {
    this.add({ type: "fault", fault, state });
  }

  /** @param {string} phase */
  phase(phase) {
    if (phase === "quiesce") this.quiesced = true;
    this.add({ type: "phase", phase });
  }

  /** Quiesce, stop whoever is left, and read the topics. @param {{ stop?: boolean }} [how] */
  end({ stop = true } = {}) {
    if (!this.quiesced) this.phase("quiesce");
    if (stop) {
      for (const [name, { alive }] of this.members) if (alive) this.stop(name);
    }
    this.content();
  }

  /** What the topics hold. @param {{ start?: Offset }} [from] where retention has left their beginning */
  content({ start = 0 } = {}) {
    for (const [p, records] of this.log) {
      this.add({
        type: "log-range",
        topic: "in",
        partition: p,
        start: String(start),
        end: String(this.ends.get(p)),
      });
      for (const { key, value, offset, headers, timestamp } of records) {
        this.add({
          type: "visible",
          topic: "in",
          partition: p,
          offset: String(offset),
          key,
          valueHash: value,
          headers,
          timestamp,
        });
      }
    }
  }
}

/** @param {string} text */
export const base64 = (text) => Buffer.from(text, "utf8").toString("base64");
