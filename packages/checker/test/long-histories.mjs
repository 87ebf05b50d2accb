// @ts-check
/**
 * Histories of any length, each long in another dimension: what a checker must judge in time in
 * proportion to their length. Used by the bench and by the test that counts steps.
 */

/** @typedef {Record<string, unknown>} Event */
/** @typedef {(size: number) => Event[]} Shape */

/**
 * A group that does everything right: three members, twelve partitions, a handover now and then,
 * completions out of order, retries and a few dead letters.
 * @type {Shape}
 */
export function steady(size) {
  const h = new Writer({ topics: { in: 12 }, keys: 503, duplicates: "explained" });
  // A record makes five events: begun, finished, its share of commits, produced and visible.
  const records = Math.max(12, Math.floor(size / 4.09));
  const perPartition = Math.ceil(records / 12);
  const members = ["m0", "m1", "m2"];
  for (const member of members) h.started(member);
  h.phase("steady");
  h.phase("impact");
  const handover = Math.max(500, Math.ceil(perPartition / 20));
  let generation = 0;
  for (let from = 0; from < perPartition; from += WINDOW) {
    if (from === 0 || from % handover < WINDOW) {
      generation += 1;
      if (from > 0) h.fault("coordinator-moved", "observed");
      for (const member of members) h.join(member);
      for (const [i, member] of members.entries()) {
        const parts = range(12).filter((p) => (p + generation) % 3 === i);
        h.assign(member, generation, parts);
      }
    }
    const until = Math.min(perPartition, from + WINDOW);
    for (let p = 0; p < 12; p += 1) {
      const member = members.find((_, i) => (p + generation) % 3 === i) ?? "m0";
      /** @type {string[]} */
      const handles = [];
      for (let offset = from; offset < until; offset += 1) {
        handles.push(h.begin(member, p, offset, generation));
      }
      for (let i = handles.length - 1; i >= 0; i -= 1) {
        const offset = from + i;
        if (offset % 500 === 7) {
          h.finish(handles[i], "retry");
          h.t += 100;
          h.finish(h.begin(member, p, offset, generation, 2));
        } else if (offset % 1000 === 3) {
          // Failed for good, and set aside.
          h.finish(handles[i], "poison");
          h.diverted(member, p, offset);
        } else h.finish(handles[i]);
      }
      h.commit(member, generation, [[p, until]]);
    }
    for (const member of members) h.heartbeat(member, generation);
  }
  h.phase("heal");
  h.phase("quiesce");
  for (const member of members) {
    h.member(member, "stopping");
    h.leave(member);
    h.member(member, "exited");
  }
  const failed = range(Math.ceil(perPartition / 1000)).map((i) => 1000 * i + 3);
  for (const p of range(12)) for (const offset of failed) h.expect(p, offset);
  h.end(range(12).map(() => perPartition));
  for (const p of range(12)) for (const offset of failed) h.deadLetter(p, offset);
  return h.events;
}

/** A generation for every few records. @type {Shape} */
function storm(size) {
  const h = new Writer({ duplicates: "explained" });
  h.started("m0");
  h.started("m1");
  const rounds = Math.ceil(size / 12);
  for (let i = 0; i < rounds; i += 1) {
    const [owner, other] = i % 2 === 0 ? ["m0", "m1"] : ["m1", "m0"];
    h.join(owner);
    h.join(other);
    h.assign(owner, i + 1, [0]);
    h.assign(other, i + 1, []);
    h.finish(h.begin(owner, 0, i, i + 1));
    h.commit(owner, i + 1, [[0, i + 1]]);
    h.claim(owner, "revoked", String(i + 1), [0]);
  }
  h.end([rounds]);
  return h.events;
}

/** As many runs of a process as there are records. @type {Shape} */
function crashes(size) {
  const h = new Writer({ duplicates: "crash-window" });
  const rounds = Math.ceil(size / 12);
  for (let i = 0; i < rounds; i += 1) {
    h.started("m0");
    h.join("m0");
    h.assign("m0", i + 1, [0]);
    if (i > 0) h.finish(h.begin("m0", 0, i - 1, i + 1));
    h.commit("m0", i + 1, [[0, i]]);
    // Finished and not committed: the next run repeats it.
    h.finish(h.begin("m0", 0, i, i + 1));
    h.member("m0", "killed");
    h.member("m0", "exited");
    h.fault("sigkill", "healed");
  }
  h.end([rounds]);
  return h.events;
}

/** Everything of one key at once. @type {Shape} */
function unlocked(size) {
  const h = new Writer({ keys: 1 });
  h.started("m0");
  h.assign("m0", 1, [0]);
  const records = Math.ceil(size / 4);
  const handles = range(records).map((offset) => h.begin("m0", 0, offset, 1));
  for (const handle of handles.reverse()) h.finish(handle);
  h.commit("m0", 1, [[0, records]]);
  h.end([records]);
  return h.events;
}

/** As many partitions as there are records, and all in every frame. @type {Shape} */
function wide(size) {
  const partitions = Math.ceil(size / 20);
  const parts = range(partitions);
  const h = new Writer({ topics: { in: partitions } });
  h.started("m0");
  h.assign("m0", 1, parts);
  for (const p of parts) h.finish(h.begin("m0", p, 0, 1));
  for (let round = 0; round < 3; round += 1) {
    h.commit(
      "m0",
      1,
      parts.map((p) => [p, 1]),
    );
  }
  h.end(parts.map(() => 1));
  return h.events;
}

/** One record that fails again and again in one epoch, its key's next behind it. @type {Shape} */
function retries(size) {
  const h = new Writer({ keys: 1 });
  h.started("m0");
  h.assign("m0", 1, [0]);
  for (let attempt = 1; attempt <= size / 2; attempt += 1) {
    h.finish(h.begin("m0", 0, 0, 1, attempt), "retry");
    h.t += 100;
  }
  h.begin("m0", 0, 1, 1);
  h.end([2]);
  return h.events;
}

/** One record that every epoch begins and none finishes. @type {Shape} */
function handedRound(size) {
  const h = new Writer({ duplicates: "explained" });
  h.started("m0");
  for (let i = 1; i <= size / 4; i += 1) {
    h.join("m0");
    h.assign("m0", i, [0]);
    h.begin("m0", 0, 0, i);
    h.commit("m0", i, [[0, 0]]);
  }
  h.end([1]);
  return h.events;
}

/** Rebalances without a cause, faults without end, and a handler held throughout. @type {Shape} */
function faults(size) {
  const h = new Writer({ sessionTimeoutMs: 1, limits: { settleMs: 1, commitMs: 1, stopMs: 1 } });
  h.started("m0");
  h.begin("m0", 0, 0, 1);
  for (let i = 0; i < size / 4; i += 1) {
    h.fault("reset", "injected");
    h.t += 100;
    h.claim("m0", "lost", "1", [0]);
    h.join("m0");
    h.assign("m0", i + 1, [0]);
    h.t += 100;
  }
  h.end([1]);
  return h.events;
}

/** A member that goes on in the epoch that it gave up, record by record. @type {Shape} */
function undead(size) {
  const h = new Writer({ rebalance: "cooperative", duplicates: "explained" });
  h.started("m0");
  h.assign("m0", 1, [0]);
  h.finish(h.begin("m0", 0, 0, 1));
  for (let i = 1; i < size / 5; i += 1) {
    h.claim("m0", "revoked", "1", [0]);
    h.join("m0");
    h.assign("m0", i + 1, []);
    h.finish(h.begin("m0", 0, i, 1));
    h.ask("m0", i, [[0, i + 1]]);
  }
  h.end([Math.ceil(size / 5)]);
  return h.events;
}

/** KIP-848: reports and epochs that rise with every record. @type {Shape} */
function heartbeats(size) {
  const h = new Writer({ groupProtocol: "consumer", rebalance: "consumer" });
  h.started("m0");
  const records = Math.ceil(size / 8);
  for (let i = 0; i < records; i += 1) {
    h.assign("m0", i + 1, [0]);
    h.owned("m0", i + 1, [0]);
    h.finish(h.begin("m0", 0, i, 1));
    h.commit("m0", i + 1, [[0, i + 1]]);
  }
  h.end([records]);
  return h.events;
}

/** One process after another is asked to stop. @type {Shape} */
function stops(size) {
  const h = new Writer({ duplicates: "explained" });
  const rounds = Math.ceil(size / 13);
  for (let i = 0; i < rounds; i += 1) {
    h.started("m0");
    h.join("m0");
    h.assign("m0", i + 1, [0]);
    h.finish(h.begin("m0", 0, i, i + 1));
    h.commit("m0", i + 1, [[0, i + 1]]);
    h.member("m0", "stopping");
    h.leave("m0");
    h.member("m0", "exited");
  }
  h.end([rounds]);
  return h.events;
}

/** Handlers of the epoch before end in the next one, which has begun their records anew. @type {Shape} */
function stale(size) {
  const h = new Writer({ duplicates: "explained" });
  h.started("m0");
  const rounds = Math.ceil(size / 9);
  /** @type {string | undefined} */
  let left;
  for (let i = 0; i < rounds; i += 1) {
    h.join("m0");
    h.assign("m0", i + 1, [0]);
    if (i > 0) h.begin("m0", 0, i - 1, i + 1);
    h.finish(left);
    left = h.begin("m0", 0, i, i + 1);
    h.ask("m0", i + 1, [[0, i]]);
    h.guard(`G${i}`);
  }
  h.end([rounds]);
  return h.events;
}

/** @type {Readonly<Record<string, Shape>>} */
export const SHAPES = {
  steady,
  storm,
  crashes,
  unlocked,
  wide,
  retries,
  "handed round": handedRound,
  faults,
  undead,
  heartbeats,
  stops,
  stale,
};

const WINDOW = 40;

class Writer {
  t = 0;
  /** @type {Event[]} */
  events = [];
  #handles = 0;
  #requests = 0;
  #sequence = 0;
  #keys;

  /** @param {Record<string, unknown> & { keys?: number, topics?: Record<string, number> }} header */
  constructor({ keys = 10_007, topics = { in: 1 }, ...header }) {
    this.#keys = keys;
    this.events.push({
      t: 0,
      type: "case",
      history: 1,
      id: "long",
      seed: 1,
      subject: "generated",
      group: "g",
      topics,
      deadLetterTopic: "in.dlq",
      ordering: "key",
      concurrency: 64,
      commitIntervalMs: 200,
      sessionTimeoutMs: 6000,
      groupProtocol: "classic",
      rebalance: "eager",
      retry: { maxAttempts: 3, backoffMs: [{ min: 100, max: 100 }], slackMs: 50 },
      witnesses: ["ledger", "wire", "commit-log", "topics"],
      invariants: INVARIANTS,
      headerCaps: { order: true, empty: true, null: true },
      limits: { settleMs: 5000, commitMs: 1000, stopMs: 5000 },
      duplicates: "none",
      ...header,
    });
  }

  /** @param {Event} event */
  #add(event) {
    this.t += 0.01;
    this.events.push({ t: this.t, ...event });
  }

  /** @param {number} p @param {number} offset */
  #content(p, offset) {
    return {
      topic: "in",
      partition: p,
      offset: String(offset),
      // A window of one partition has each key once.
      key: btoa(`k${(offset * 7 + p) % this.#keys}`),
      valueHash: btoa(`v${offset}`),
    };
  }

  /** @param {string} member */
  started(member) {
    this.member(member, "started");
  }

  /** @param {string} member @param {string} state */
  member(member, state) {
    const exit = state === "exited" ? { code: 0, signal: null, forced: false } : {};
    this.#add({ type: "member", member, state, ...exit });
  }

  /** @param {string} member */
  join(member) {
    this.#add({ type: "join", member, memberId: member });
  }

  /** @param {string} member @param {number} generation @param {number[]} parts */
  assign(member, generation, parts) {
    const partitions = parts.map((p) => ["in", p]);
    const protocol = "classic";
    this.#add({ type: "assignment", member, memberId: member, generation, protocol, partitions });
  }

  /** @param {string} member @param {number} generation @param {number[]} parts */
  owned(member, generation, parts) {
    const partitions = parts.map((p) => ["in", p]);
    this.#add({ type: "owned", member, memberId: member, generation, partitions });
  }

  /** @param {string} member */
  leave(member) {
    this.#add({ type: "leave", member, memberId: member });
  }

  /** @param {string} phase */
  phase(phase) {
    this.#add({ type: "phase", phase });
  }

  /** @param {string} guard */
  guard(guard) {
    this.#add({ type: "guard", guard, kind: "subject", met: false, detail: "not met" });
  }

  /** @param {string} member @param {number} generation */
  heartbeat(member, generation) {
    this.#add({ type: "heartbeat", member, generation });
  }

  /** @param {string} member @param {string} claim @param {string} epoch @param {number[]} parts */
  claim(member, claim, epoch, parts) {
    this.#add({ type: "claim", member, claim, epoch, partitions: parts.map((p) => ["in", p]) });
  }

  /** @param {string} fault @param {string} state */
  fault(fault, state) {
    this.#add({ type: "fault", fault, state });
  }

  /** @param {string} member @param {number} p @param {number} offset @param {number} epoch @param {number} [attempt] */
  begin(member, p, offset, epoch, attempt = 1) {
    this.#handles += 1;
    const handle = `${member}-${this.#handles}`;
    const content = this.#content(p, offset);
    this.#add({ type: "begin", member, handle, epoch: String(epoch), ...content, attempt });
    return handle;
  }

  /** @param {string | undefined} handle @param {string} [result] */
  finish(handle, result = "ok") {
    if (handle === undefined) return;
    this.#add({ type: "finish", member: handle.split("-")[0], handle, result });
  }

  /** @param {string} member @param {number} generation @param {readonly (readonly [p: number, offset: number])[]} offsets */
  ask(member, generation, offsets) {
    this.#requests += 1;
    const id = String(this.#requests);
    this.#add({
      type: "commit-request",
      member,
      memberId: member,
      generation,
      id,
      version: 5,
      offsets: offsets.map(([p, offset]) => entry(p, offset)),
    });
    return id;
  }

  /** @param {string} member @param {number} generation @param {readonly (readonly [p: number, offset: number])[]} offsets */
  commit(member, generation, offsets) {
    const id = this.ask(member, generation, offsets);
    const results = offsets.map(([p]) => ({ topic: "in", partition: p, error: 0 }));
    this.#add({ type: "commit-answer", member, id, forwarded: true, results });
    for (const [p, offset] of offsets) {
      this.#sequence += 1;
      this.#add({ type: "committed", ...entry(p, offset), seq: this.#sequence });
    }
  }

  /** @param {number} p @param {number} offset */
  expect(p, offset) {
    const id = { topic: "in", partition: p, offset: String(offset) };
    this.#add({ type: "expect", expect: "dead-letter", ...id });
  }

  /** @param {string} member @param {number} p @param {number} offset */
  diverted(member, p, offset) {
    this.#add({
      type: "divert-acked",
      member,
      to: ["in.dlq", p],
      toOffset: String(offset),
      origin: { topic: "in", partition: p, offset: String(offset) },
    });
  }

  /** @param {number} p @param {number} offset */
  deadLetter(p, offset) {
    const { key, valueHash, ...id } = this.#content(p, offset);
    this.#add({
      type: "dead-letter",
      ...id,
      topic: "in.dlq",
      key,
      valueHash,
      headers: [
        ["sluice-spec", "MQ=="],
        ["sluice-error-kind", btoa("permanent")],
        ["sluice-dlq-reason", btoa("non-retryable")],
      ],
      origin: { ...id, timestamp: 1000 + offset, attempts: 1 },
    });
  }

  /** Quiesces, and reads the topics. @param {readonly number[]} records of each partition */
  end(records) {
    this.phase("quiesce");
    for (const [p, count] of records.entries()) {
      const range = { topic: "in", partition: p, start: "0", end: String(count) };
      this.#add({ type: "log-range", ...range });
      for (let offset = 0; offset < count; offset += 1) {
        const content = this.#content(p, offset);
        this.#add({ type: "produced", ...content });
        this.#add({ type: "visible", ...content, headers: [], timestamp: 1000 + offset });
      }
    }
    this.t += 10_000;
    this.phase("quiesce");
  }
}

/** @param {number} p @param {number} offset */
function entry(p, offset) {
  return { topic: "in", partition: p, offset: String(offset), metadata: null };
}

/** @param {number} n */
function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}

const INVARIANTS = [
  ...["P1", "P1s", "P2", "P3", "P4", "P5", "K1", "K2", "N1", "X1", "D1", "D2"],
  ...["Q1", "Q2", "Q3", "T1", "B1", "V1", "V2", "V3", "V4", "V5", "V6"],
];
