// @ts-check
/**
 * The canned histories: for each invariant at least three that keep it and one that breaks it, as short
 * as they can be. `node build.mjs` writes them and `manifest.json`; a test holds the files to this
 * text. They are data for any language: a checker is right when it judges all of them as the manifest
 * says.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { base64, Script } from "./script.mjs";
import { witnessLine } from "./witnesses.mjs";

/** @typedef {{ file: string, title: string, verdict: "pass" | "fail" | "unknown", violates: string[], violatesWhenAllAreDemanded: string[], witness?: number }} Entry */
/** @type {{ entry: Entry, text: string }[]} */
const histories = [];

/**
 * @param {string} id @param {string} name @param {Entry["verdict"]} verdict @param {string} title
 * @param {Record<string, unknown>} header @param {(h: Script) => void} write
 * @param {{ invariants?: string[], violates?: string[], also?: string[] }} [how]
 *   `also`: what else is broken when every invariant is demanded.
 */
function history(
  id,
  name,
  verdict,
  title,
  header,
  write,
  { invariants, violates, also = [] } = {},
) {
  const script = new Script(`${id}/${name}`, title, invariants ?? [id], header);
  write(script);
  const broken = violates ?? (verdict === "fail" ? [id] : []);
  const all = verdict === "unknown" ? also : [...broken, ...also];
  histories.push({
    entry: {
      file: `${id}/${name}.jsonl`,
      title,
      verdict,
      violates: broken,
      violatesWhenAllAreDemanded: all,
      ...(verdict === "fail" && { witness: witnessLine(`${id}/${name}`, script.events) }),
    },
    text: script.events.map((event) => `${JSON.stringify(event)}\n`).join(""),
  });
}
/** @type {Record<string, number>} */
const counters = {};
/** @param {string} id @param {string} kind */
const numbered = (id, kind) => {
  counters[`${id}/${kind}`] = (counters[`${id}/${kind}`] ?? 0) + 1;
  return `${kind}-${counters[`${id}/${kind}`]}`;
};
/** @param {string} id @param {string} title @param {(h: Script) => void} write @param {Record<string, unknown>} [header] */
const good = (id, title, write, header = {}) =>
  history(id, numbered(id, "good"), "pass", title, header, write);
/** @param {string} id @param {string} title @param {(h: Script) => void} write @param {Record<string, unknown>} [header] @param {string[]} [also] */
const bad = (id, title, write, header = {}, also = []) =>
  history(id, numbered(id, "bad"), "fail", title, header, write, { also });
/** @param {string} id @param {string} title @param {(h: Script) => void} write @param {Record<string, unknown>} [header] @param {string[]} [also] */
const unknown = (id, title, write, header = {}, also = []) =>
  history(id, numbered(id, "unknown"), "unknown", title, header, write, { also });

const noWire = { witnesses: ["ledger", "commit-log", "topics"] };
const polls = { witnesses: ["ledger", "polls", "topics"] };
const twoPartitions = { topics: { in: 2 } };
const explained = { duplicates: "explained" };
const consumer = { groupProtocol: "consumer", rebalance: "consumer" };
const cooperative = { rebalance: "cooperative" };
const buffer = { buffer: { records: 10, bytes: 5000 } };
const retry = { maxAttempts: 3, backoffMs: [{ min: 0, max: 5000 }], slackMs: 50 };
const park = { retry: { ...retry, mode: "park" } };

// ------------------------------------------------------------------------------------------- P1
good("P1", "commits trail the settled prefix, whatever the order of completion", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  const [a, b, c] = h.begins("m0", 0, 1, 2);
  h.finish(c);
  h.finish(a);
  h.commit("m0", 1);
  h.finish(b);
  h.commit("m0", 3);
  h.end();
});
good(
  "P1",
  "offsets without a record (transaction markers, compaction) are covered by the prefix",
  (h) => {
    h.records(". a . . b .");
    h.rebalance(1, { m0: [0] });
    const [a, b] = h.begins("m0", 1, 4);
    h.finish(a);
    h.commit("m0", 4);
    h.finish(b);
    h.commit("m0", 6);
    h.end();
  },
);
good("P1", "records below the group's first position are nobody's duty", (h) => {
  h.records("a b c");
  h.add({ type: "start", topic: "in", partition: 0, offset: "2" });
  h.logged(2, { own: true });
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 2);
  h.commit("m0", 3);
  h.end();
});
good("P1", "a dead letter settles its record once its acknowledgement was passed on", (h) => {
  h.records("a b");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  const [a, b] = h.begins("m0", 0, 1);
  h.finish(b);
  h.finish(a, "poison");
  h.diverted("m0", 0);
  h.commit("m0", 2);
  h.end();
  h.deadLetter(0);
});
bad(
  "P1",
  "the highest completed offset is committed over a running record (commit log alone)",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    const [a, b, c] = h.begins("m0", 0, 1, 2);
    h.finish(c);
    h.logged(3);
    h.finish(a);
    h.finish(b);
    h.logged(3);
    h.end();
  },
  noWire,
);
bad(
  "P1",
  "offsets beyond 2^53 are told apart",
  (h) => {
    h.add({ type: "start", topic: "in", partition: 0, offset: "9007199254740992" });
    h.records("a b", { from: 9007199254740992n });
    h.rebalance(1, { m0: [0] });
    const b = h.begin("m0", 9007199254740993n);
    const a = h.begin("m0", 9007199254740992n);
    h.finish(b);
    h.commit("m0", 9007199254740993n);
    h.finish(a);
    h.commit("m0", 9007199254740994n);
    h.end();
  },
  {},
  ["P1s"],
);
bad(
  "P1",
  "a commit passes a record that was never begun",
  (h) => {
    h.records("a a a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 2);
    h.runs("m0", 2);
    h.commit("m0", 3);
    h.end();
  },
  {},
  ["P1s", "V1"],
);
unknown(
  "P1",
  "the topics were not read: which records there are is not known",
  (h) => {
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
  },
  { witnesses: ["ledger", "wire", "commit-log"] },
);
unknown(
  "P1",
  "nothing was committed, so nothing was examined (G5)",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.end();
  },
  {},
  ["V1"],
);

// ------------------------------------------------------------------------------------------ P1s
good("P1s", "every request trails the settled prefix", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});
good("P1s", "finish and request at the same time: the order of lines decides", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0));
  h.t -= 10;
  h.commit("m0", 1);
  h.end();
});
bad("P1s", "a request over a running record, refused by the broker", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  const [a, b] = h.begins("m0", 0, 1);
  h.finish(b);
  h.answer("m0", h.ask("m0", 2), { error: 27 });
  h.finish(a);
  h.commit("m0", 2);
  h.end();
});
bad("P1s", "a request over a running record, never answered", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  const [a, b] = h.begins("m0", 0, 1);
  h.finish(b);
  h.ask("m0", 2);
  h.finish(a);
  h.commit("m0", 2);
  h.end();
});

bad("P1s", "in a later epoch: a request over a running record", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.rebalance(2, { m0: [0] });
  const [b, c] = h.begins("m0", 1, 2);
  h.finish(c);
  h.answer("m0", h.ask("m0", 3), { error: 27 });
  h.finish(b);
  h.commit("m0", 3);
  h.end();
});
bad("P1s", "a request over a running record that fails for good afterwards", (h) => {
  h.records("a");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  const a = h.begin("m0", 0);
  h.answer("m0", h.ask("m0", 1), { error: 27 });
  h.finish(a, "poison");
  h.diverted("m0", 0);
  h.commit("m0", 1);
  h.end();
  h.deadLetter(0);
});

good(
  "P1s",
  "a request that the broker refuses is in order when it asks for no more than is settled",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(a);
    h.answer("m0", h.ask("m0", 1), { error: 27 });
    h.finish(b);
    h.commit("m0", 2);
    h.end();
  },
);

// ------------------------------------------------------------------------------------------- P2
good("P2", "the last commit lies behind the last record", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.end();
});
good("P2", "before a marker at the end of the log or behind it: both are the end", (h) => {
  h.records("a b .");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.commit("m0", 3);
  h.end();
});
bad(
  "P2",
  "the record's offset is committed instead of the next one",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 0);
    h.runs("m0", 1);
    h.commit("m0", 1);
    h.wait(2000);
    h.end();
  },
  {},
  ["V2", "V5"],
);
bad("P2", "a place beyond the end of the log is committed", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 3);
  h.end();
});
bad("P2", "a client writes -1 over the group's offset", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.commit("m0", -1);
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.end();
});

good("P2", "a group that begins at the end of the log and finds nothing new stays there", (h) => {
  h.records("a b");
  h.add({ type: "start", topic: "in", partition: 0, offset: "2" });
  h.rebalance(1, { m0: [0] });
  h.commit("m0", 2);
  h.end();
});

// ------------------------------------------------------------------------------------------- P3
good("P3", "a commit whose answer was lost is sent again: equal offsets", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  const lost = h.ask("m0", 1);
  h.logged(1);
  h.answer("m0", lost, { forwarded: false });
  h.commit("m0", 1);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});
good("P3", "the runner's own reset goes back and starts anew", (h) => {
  h.records("a b");
  h.logged(2, { own: true });
  h.logged(0, { own: true });
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});
bad("P3", "an older queued commit is sent after a newer one", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.commit("m0", 1);
  h.commit("m0", 2);
  h.end();
});

good(
  "P3",
  "two partitions: the offset of one says nothing of the other",
  (h) => {
    h.records("a b");
    h.records("c", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1, { p: 1 });
    h.end();
  },
  twoPartitions,
);

// ------------------------------------------------------------------------------------------- P4
good(
  "P4",
  "a commit of the old generation is read after the next assignment: judged by its frame",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.finish(h.begin("m0", 0));
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1);
    h.rebalance(2, { m0: [0], m1: [1] });
    h.answer("m0", h.ask("m0", 1, { p: 1, generation: 1 }), { p: 1, error: 22 });
    h.runs("m1");
    h.finish(h.begin("m1", 0, { p: 1 }));
    h.commit("m1", 1, { p: 1 });
    h.end();
  },
  { ...twoPartitions, ...explained },
);
good(
  "P4",
  "cooperative: a kept partition is in every generation's assignment",
  (h) => {
    h.records("a b");
    h.records("c", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1, { p: 1 });
    h.rebalance(2, { m0: [0], m1: [] });
    h.rebalance(3, { m0: [0], m1: [1] });
    h.commit("m0", 1);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  { ...twoPartitions, ...cooperative },
);
good(
  "P4",
  "cooperative: a partition is committed in the generation in which it is given up",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    const b = h.begin("m0", 0, { p: 1 });
    h.rebalance(2, { m0: [0], m1: [] });
    h.finish(b);
    h.commit("m0", 1, { p: 1 });
    h.rebalance(3, { m0: [0], m1: [1] });
    h.commit("m0", 1);
    h.end();
  },
  { ...twoPartitions, ...cooperative },
);
good(
  "P4",
  "KIP-848: the epoch rises without a new assignment",
  (h) => {
    h.records("a b");
    h.assign("m0", 1, [0]);
    h.owned("m0", 1, [0]);
    h.runs("m0", 0);
    h.heartbeat("m0", 2);
    h.commit("m0", 1);
    h.heartbeat("m0", 3);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  consumer,
);
good(
  "P4",
  "KIP-848: a partition is committed while it is being given up",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.assign("m0", 1, [0, 1]);
    h.owned("m0", 1, [0, 1]);
    h.runs("m0", 0);
    const b = h.begin("m0", 0, { p: 1 });
    h.assign("m1", 2, []);
    h.assign("m0", 1, [0]);
    h.finish(b);
    h.commit("m0", 1, { p: 1 });
    h.owned("m0", 1, [0]);
    h.heartbeat("m0", 2);
    h.assign("m1", 2, [1]);
    h.commit("m0", 1);
    h.end();
  },
  { ...consumer, ...twoPartitions },
);
good(
  "P4",
  "KIP-848: the target no longer has what the member still holds and commits",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.assign("m0", 1, [0, 1]);
    h.owned("m0", 1, [0, 1]);
    h.runs("m0", 0);
    const b = h.begin("m0", 0, { p: 1 });
    h.heartbeat("m0", 2);
    h.assign("m0", 2, [0]);
    h.finish(b);
    h.commit("m0", 1, { p: 1 });
    h.owned("m0", 2, [0]);
    h.heartbeat("m0", 3);
    h.commit("m0", 1);
    h.end();
  },
  { ...consumer, ...twoPartitions },
);
good(
  "P4",
  "KIP-848: the target already has what the member has not reported yet",
  (h) => {
    h.records("a b");
    h.assign("m0", 1, [0]);
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.owned("m0", 1, [0]);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  consumer,
);
bad(
  "P4",
  "a member commits a partition of another in its new generation",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1);
    h.rebalance(2, { m0: [0], m1: [1] });
    h.commit("m0", 1, { p: 1 });
    h.end();
  },
  twoPartitions,
);
bad(
  "P4",
  "cooperative: a partition is committed in the generation after it was given up",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.rebalance(2, { m0: [0], m1: [] });
    h.rebalance(3, { m0: [0], m1: [1] });
    h.commit("m0", 1, { p: 1 });
    h.commit("m0", 1);
    h.end();
  },
  { ...twoPartitions, ...cooperative },
);
bad("P4", "eager: a partition of the generation before", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.rebalance(2, { m0: [], m1: [0] });
  h.commit("m0", 1);
  h.end();
});
bad(
  "P4",
  "KIP-848: a partition is committed in the epoch after it was given up",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.assign("m0", 1, [0, 1]);
    h.owned("m0", 1, [0, 1]);
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.assign("m1", 2, []);
    h.assign("m0", 1, [0]);
    h.owned("m0", 1, [0]);
    h.heartbeat("m0", 2);
    h.assign("m1", 2, [1]);
    h.commit("m0", 1, { p: 1 });
    h.end();
  },
  { ...consumer, ...twoPartitions },
);
for (const [error, name] of /** @type {const} */ ([
  [7, "REQUEST_TIMED_OUT"],
  [15, "COORDINATOR_NOT_AVAILABLE"],
  [16, "NOT_COORDINATOR"],
])) {
  good("P4", `a commit answered with ${name} was appended before, and is asked for again`, (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    const first = h.ask("m0", 1);
    const again = h.ask("m0", 1);
    h.answer("m0", first, { error });
    h.answer("m0", again);
    h.logged(1);
    h.logged(1);
    h.end();
  });
}
bad("P4", "the commit log holds an entry that no member asked for", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.logged(1);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});
bad("P4", "a commit outside any membership", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1, { generation: -1 });
  h.end();
});
bad("P4", "a commit that was refused for its generation is in the commit log", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.answer("m0", h.ask("m0", 1), { error: 22 });
  h.logged(1);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});

// ------------------------------------------------------------------------------------------- P5
good(
  "P5",
  "a begin line that waited in a pipe is read after the join: no proof of anything",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.join("m0");
    const late = h.begin("m0", 1, { epoch: "1" });
    h.rebalance(2, { m0: [], m1: [0] });
    h.finish(h.begin("m1", 1));
    h.finish(late);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
good(
  "P5",
  "a frozen member goes on in the old epoch until it learns that it was replaced",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.fault("sigstop", "injected");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0);
    h.commit("m1", 1);
    h.finish(a);
    h.fault("sigstop", "healed");
    const zombie = h.begin("m0", 1, { epoch: "1" });
    h.runs("m1", 1, 2);
    h.finish(zombie);
    h.answer("m0", h.ask("m0", 2, { generation: 1 }), { error: 22 });
    h.commit("m1", 3);
    h.rebalance(3, { m0: [], m1: [0] });
    h.end();
  },
  explained,
);
good(
  "P5",
  "the same member, a new generation: the old handler ends without moving anything",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const stale = h.begin("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.rebalance(3, { m0: [0], m1: [] });
    const fresh = h.begin("m0", 0);
    h.finish(stale);
    h.runs("m0", 1);
    h.commit("m0", 0);
    h.finish(fresh);
    h.commit("m0", 2);
    h.end();
  },
  explained,
);
good(
  "P5",
  "the same member, a new generation: a commit of the old one is read late",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.rebalance(3, { m0: [0], m1: [] });
    const again = h.begin("m0", 0);
    h.answer("m0", h.ask("m0", 1, { generation: 1 }), { error: 22 });
    h.finish(again);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  explained,
);
good(
  "P5",
  "the same member, twice anew: in between another had settled the record",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.rebalance(2, { m0: [0], m1: [] });
    const dropped = h.begin("m0", 1);
    h.rebalance(3, { m0: [], m1: [0] });
    h.runs("m1", 1);
    h.commit("m1", 2);
    h.rebalance(4, { m0: [0], m1: [] });
    h.runs("m0", 2);
    h.commit("m0", 3);
    h.finish(dropped);
    h.end();
  },
  explained,
);
good(
  "P5",
  "cooperative: a member that joins anew keeps what it keeps",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    const a = h.begin("m0", 0);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1, { p: 1 });
    h.rebalance(2, { m0: [0], m1: [] });
    h.join("m0");
    h.finish(a, "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.rebalance(3, { m0: [0], m1: [1] });
    h.commit("m0", 1);
    h.end();
  },
  { ...twoPartitions, ...cooperative },
);
good(
  "P5",
  "KIP-848: a heartbeat that does not list a partition yet gives nothing up",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.assign("m0", 1, [0, 1]);
    h.owned("m0", 1, []);
    h.finish(h.begin("m0", 0), "retry");
    h.wait(80);
    h.owned("m0", 1, [0, 1]);
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.commit("m0", 1);
    h.assign("m0", 1, [0]);
    h.owned("m0", 1, [0]);
    h.assign("m1", 2, [1]);
    h.finish(h.begin("m1", 0, { p: 1 }));
    h.commit("m1", 1, { p: 1 });
    h.end();
  },
  { ...consumer, ...twoPartitions },
);
bad(
  "P5",
  "a retry is begun in the old epoch after the member has joined anew",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.join("m0");
    h.finish(a, "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { epoch: "1", attempt: 2 }));
    h.rebalance(2, { m0: [], m1: [0] });
    h.finish(h.begin("m1", 0));
    h.commit("m1", 1);
    h.end();
  },
  explained,
);
bad(
  "P5",
  "after a begin of the next epoch, one of the old",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.rebalance(2, { m0: [0] });
    h.finish(h.begin("m0", 1));
    h.finish(h.begin("m0", 1, { epoch: "1" }));
    h.commit("m0", 2);
    h.rebalance(3, { m0: [0] });
    h.end();
  },
  explained,
);
bad(
  "P5",
  "a begin in an epoch that the subject itself had called revoked",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.add({ type: "claim", member: "m0", claim: "revoked", epoch: "1", partitions: [["in", 0]] });
    h.rebalance(2, { m0: [], m1: [0] });
    h.finish(h.begin("m0", 1, { epoch: "1" }));
    h.runs("m1", 1);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
good(
  "P5",
  "what a stale completion settled is passed by an epoch after the next, which began above it: retention had taken it",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const stale = h.begin("m0", 0);
    h.rebalance(2, { m0: [0] });
    const fresh = h.begin("m0", 0);
    h.finish(stale);
    h.finish(fresh, "throw");
    h.rebalance(3, { m0: [0] });
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
    h.add({ type: "log-range", topic: "in", partition: 0, start: "1", end: "2" });
  },
  explained,
);
bad(
  "P5",
  "a stale completion of the same member moves the commit of its new epoch",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const stale = h.begin("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.rebalance(3, { m0: [0], m1: [] });
    const fresh = h.begin("m0", 0);
    h.finish(stale);
    h.commit("m0", 1);
    h.finish(fresh);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  explained,
);

bad(
  "P5",
  "the next of a key is begun in the old epoch after the member has joined anew",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.join("m0");
    h.finish(a);
    h.finish(h.begin("m0", 1, { epoch: "1" }));
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 0, 1);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
bad(
  "P5",
  "KIP-848: a retry is begun after the partition was reported as given up",
  (h) => {
    h.records("a");
    h.assign("m0", 1, [0]);
    h.owned("m0", 1, [0]);
    const a = h.begin("m0", 0);
    h.assign("m0", 1, []);
    h.owned("m0", 1, []);
    h.finish(a, "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2, epoch: "1" }));
    h.assign("m1", 2, [0]);
    h.runs("m1", 0);
    h.commit("m1", 1);
    h.end();
  },
  { ...consumer, ...explained },
);
bad(
  "P5",
  "cooperative: a retry is begun after the partition was released",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.rebalance(2, { m0: [], m1: [] });
    h.join("m0");
    h.finish(a, "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2, epoch: "1" }));
    h.rebalance(3, { m0: [], m1: [0] });
    h.runs("m1", 0);
    h.commit("m1", 1);
    h.end();
  },
  { ...cooperative, ...explained },
);

// ------------------------------------------------------------------------------------------- K1
good("K1", "one key in order, another beside it", (h) => {
  h.records("a b a -");
  h.rebalance(1, { m0: [0] });
  const [a, b, none] = h.begins("m0", 0, 1, 3);
  h.finish(a);
  h.runs("m0", 2);
  h.finish(none);
  h.finish(b);
  h.commit("m0", 4);
  h.end();
});
good("K1", "a retry holds its key until it is through", (h) => {
  h.records("a a b");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.runs("m0", 2);
  h.wait(70);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.runs("m0", 1);
  h.commit("m0", 3);
  h.end();
});
good(
  "K1",
  "a zombie's effects interleave with its successor's: each epoch is in order",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0] });
    const zombie = h.begin("m0", 0);
    h.fault("sigstop", "injected");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0);
    const second = h.begin("m1", 1);
    h.finish(zombie);
    h.finish(second);
    h.commit("m1", 2);
    h.fault("sigstop", "healed");
    h.rebalance(3, { m0: [], m1: [0] });
    h.end();
  },
  explained,
);
bad("K1", "two records of one key at once", (h) => {
  h.records("a a");
  h.rebalance(1, { m0: [0] });
  const [first, second] = h.begins("m0", 0, 1);
  h.finish(second);
  h.finish(first);
  h.commit("m0", 2);
  h.end();
});
bad("K1", "a retry lets go of its key", (h) => {
  h.records("a a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.runs("m0", 1);
  h.wait(70);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.commit("m0", 2);
  h.end();
});
bad("K1", "the next of a key begins before the dead letter is acknowledged", (h) => {
  h.records("a a");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "poison");
  const next = h.begin("m0", 1);
  h.diverted("m0", 0);
  h.finish(next);
  h.commit("m0", 2);
  h.end();
  h.deadLetter(0);
});
good("K1", "records without a key run beside each other", (h) => {
  h.records("- - a a");
  h.rebalance(1, { m0: [0] });
  const [first, second] = h.begins("m0", 0, 1);
  h.finish(second);
  h.finish(first);
  h.runs("m0", 2, 3);
  h.commit("m0", 4);
  h.end();
});
bad(
  "K1",
  "ordering by partition: two of a partition at once",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const [first, second] = h.begins("m0", 0, 1);
    h.finish(first);
    h.finish(second);
    h.commit("m0", 2);
    h.end();
  },
  { ordering: "partition" },
);

bad(
  "K1",
  "an earlier record of the key begins after a later one has ended",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 1, 0);
    h.commit("m0", 2);
    h.end();
  },
  {},
  ["K2"],
);
bad(
  "K1",
  "a zombie's completion lets the successor go on while its own handler runs",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0] });
    const zombie = h.begin("m0", 0);
    h.rebalance(2, { m1: [0] });
    const first = h.begin("m1", 0);
    h.finish(zombie);
    const second = h.begin("m1", 1);
    h.finish(first);
    h.finish(second);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
bad(
  "K1",
  "a zombie's dead letter lets the successor go on while its own is outstanding",
  (h) => {
    h.records("a a");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.rebalance(2, { m1: [0] });
    h.finish(h.begin("m1", 0), "poison");
    h.diverted("m0", 0);
    const second = h.begin("m1", 1);
    h.diverted("m1", 0);
    h.finish(second);
    h.commit("m1", 2);
    h.end();
    h.deadLetter(0);
    h.deadLetter(0);
  },
  explained,
);

good(
  "K1",
  "parked: the rest of the key follows into the retry topic, and comes out in order",
  (h) => {
    h.records("a a b");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 0 });
    h.diverted("m0", 1, { to: "in.retry", at: 1 });
    h.runs("m0", 2);
    h.commit("m0", 3);
    h.retried("m1", 0, 0);
    h.retried("m1", 1, 1);
    h.end();
    h.retryTopic(0, 1);
  },
  park,
);
good(
  "K1",
  "parked: once it is through, its key goes on in the source",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 0 });
    h.retried("m1", 0, 0);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
    h.retryTopic(0);
  },
  park,
);
good(
  "K1",
  "released: the key goes on while its record waits in the retry topic",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 0 });
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.retried("m1", 0, 0);
    h.end();
    h.retryTopic(0);
  },
  { retry: { ...retry, mode: "release" } },
);
bad(
  "K1",
  "parked: the key goes on while its record waits in the retry topic",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 0 });
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.retried("m1", 0, 0);
    h.end();
    h.retryTopic(0);
  },
  park,
);
good(
  "K1",
  "parked again from the start, when the partition has come back",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 0 });
    h.diverted("m0", 1, { to: "in.retry", at: 1 });
    h.rebalance(2, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 0, { to: "in.retry", at: 2 });
    h.diverted("m0", 1, { to: "in.retry", at: 3 });
    h.commit("m0", 2);
    for (const at of [0, 1, 2, 3]) h.retried("m1", at, at % 2);
    h.end();
    h.retryTopic(0, 1, 0, 1);
  },
  { ...park, ...explained },
);
bad(
  "K1",
  "parked: the rest of the key lies before its head in the retry topic",
  (h) => {
    h.records("a a");
    h.rebalance(1, { m0: [0], m1: [] });
    h.finish(h.begin("m0", 0), "retry");
    h.diverted("m0", 1, { to: "in.retry", at: 0 });
    h.diverted("m0", 0, { to: "in.retry", at: 1 });
    h.commit("m0", 2);
    h.retried("m1", 0, 1);
    h.retried("m1", 1, 0);
    h.end();
    h.retryTopic(1, 0);
  },
  park,
);
bad("K1", "nobody asked for release: a retry topic lets go of the key all the same", (h) => {
  h.records("a a");
  h.rebalance(1, { m0: [0], m1: [] });
  h.finish(h.begin("m0", 0), "retry");
  h.diverted("m0", 0, { to: "in.retry", at: 0 });
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});

// ------------------------------------------------------------------------------------------- K2
good("K2", "a new owner starts at the committed offset", (h) => {
  h.records("a a a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.rebalance(2, { m0: [], m1: [0] });
  h.runs("m1", 1, 2);
  h.commit("m1", 3);
  h.end();
});
good(
  "K2",
  "what commit metadata showed as settled is left out by the next owner",
  (h) => {
    h.records("b a a");
    h.rebalance(1, { m0: [0] });
    const b = h.begin("m0", 0);
    h.runs("m0", 1);
    h.commit("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 2, 0);
    h.finish(b, "throw");
    h.commit("m1", 3);
    h.end();
  },
  explained,
);
bad(
  "K2",
  "a new owner starts beyond an unsettled record of the key",
  (h) => {
    h.records("a a a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 2);
    h.rebalance(3, { m0: [0], m1: [] });
    h.runs("m0", 1, 2);
    h.commit("m0", 3);
    h.end();
  },
  explained,
);
bad("K2", "a running record, dropped on revocation, is passed over afterwards", (h) => {
  h.records("a a");
  h.rebalance(1, { m0: [0] });
  const dropped = h.begin("m0", 0);
  h.rebalance(2, { m0: [0] });
  h.runs("m0", 1);
  h.finish(dropped);
  h.commit("m0", 2);
  h.end();
});

good("K2", "a record without key is in nobody's way", (h) => {
  h.records("a - a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 2);
  h.runs("m0", 1);
  h.commit("m0", 3);
  h.end();
});

// ------------------------------------------------------------------------------------------- N1
good("N1", "everything before the furthest begin is begun too", (h) => {
  h.records("a b . c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 3, 0, 1);
  h.commit("m0", 4);
  h.end();
});
good(
  "N1",
  "what an earlier epoch settled need not begin again",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 2);
    h.commit("m1", 3);
    h.end();
  },
  explained,
);
good("N1", "a record waits behind its key, which the runner still holds", (h) => {
  h.records("a a b");
  h.rebalance(1, { m0: [0] });
  h.begin("m0", 0);
  h.runs("m0", 2);
  h.phase("quiesce");
  h.content();
});
good("N1", "settled elsewhere and not committed yet: no skip", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.rebalance(2, { m0: [], m1: [0] });
  h.runs("m1", 2);
  h.end({ stop: false });
});
good("N1", "begun and held by the runner: no skip", (h) => {
  h.records("- a");
  h.rebalance(1, { m0: [0] });
  h.begin("m0", 0);
  h.runs("m0", 1);
  h.end({ stop: false });
});
good(
  "N1",
  "a record waits for a free slot",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 1);
    h.end({ stop: false });
  },
  { concurrency: 1 },
);
bad(
  "N1",
  "a record is never begun although later ones are",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 2);
    h.commit("m0", 1);
    h.end();
  },
  {},
  ["V1"],
);
unknown("N1", "passed over, but the cluster was ill", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 2);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.add({
    type: "guard",
    guard: "healthy",
    kind: "environment",
    met: false,
    detail: "no leader for in/0",
  });
  h.end();
});

// ------------------------------------------------------------------------------------------- X1
good("X1", "every begin names a record of the topic, with its content", (h) => {
  h.records("a - b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1, 2);
  h.commit("m0", 3);
  h.end();
});
good("X1", "each grant of a partition allows one more epoch of it", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.rebalance(2, { m0: [0] });
  h.rebalance(3, { m0: [0] });
  h.finish(h.begin("m0", 1, { epoch: "a word" }));
  h.rebalance(4, { m0: [0] });
  h.finish(h.begin("m0", 2, { epoch: "another" }));
  h.commit("m0", 3);
  h.end();
});
good("X1", "a coordinator silent for a session: lost, and taken back under the same grant", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { epoch: "1" }));
  h.commit("m0", 1);
  h.fault("SIGKILL broker", "injected");
  h.add({ type: "claim", member: "m0", claim: "lost", epoch: "1", partitions: [["in", 0]] });
  h.fault("SIGKILL broker", "healed");
  h.finish(h.begin("m0", 1, { epoch: "2" }));
  h.commit("m0", 2);
  h.end();
});
bad("X1", "a claim of loss that no fault explains grants no new epoch", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { epoch: "1" }));
  h.commit("m0", 1);
  h.add({ type: "claim", member: "m0", claim: "lost", epoch: "1", partitions: [["in", 0]] });
  h.finish(h.begin("m0", 1, { epoch: "2" }));
  h.commit("m0", 2);
  h.end();
});
bad("X1", "one loss explains one new epoch, not two", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { epoch: "1" }));
  h.fault("SIGKILL broker", "injected");
  h.add({ type: "claim", member: "m0", claim: "lost", epoch: "1", partitions: [["in", 0]] });
  h.fault("SIGKILL broker", "healed");
  h.finish(h.begin("m0", 1, { epoch: "2" }));
  h.finish(h.begin("m0", 2, { epoch: "3" }));
  h.commit("m0", 3);
  h.end();
});
good("X1", "deleted by the script since: what was acknowledged is known all the same", (h) => {
  h.records("a b");
  h.produced("a", 0);
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.phase("quiesce");
  h.stop("m0");
  h.add({ type: "log-range", topic: "in", partition: 0, start: "1", end: "2" });
  h.add({
    type: "visible",
    topic: "in",
    partition: 0,
    offset: "1",
    key: base64("b"),
    valueHash: base64("v1"),
    headers: [],
    timestamp: 1,
  });
});
bad("X1", "an offset that the topic does not hold", (h) => {
  h.records("a . b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1, 2);
  h.commit("m0", 3);
  h.end();
});
bad("X1", "another key than the record's", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { key: "b" }));
  h.commit("m0", 1);
  h.end();
});
bad("X1", "another value than the record's", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { value: "no" }));
  h.commit("m0", 1);
  h.end();
});
bad("X1", "more epochs claimed than the wire granted", (h) => {
  h.records("a a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0, { epoch: "1" }));
  h.finish(h.begin("m0", 1, { epoch: "2" }));
  h.commit("m0", 2);
  h.end();
});
bad(
  "X1",
  "a liar: begins without ever having joined",
  (h) => {
    h.records("a");
    h.member("m0", "ready");
    h.runs("m0", 0);
    h.end();
  },
  {},
  ["V2", "V5"],
);
bad("X1", "a begin before the partition was granted", (h) => {
  h.records("a");
  h.join("m0");
  const early = h.begin("m0", 0);
  h.assign("m0", 1, [0]);
  h.finish(early);
  h.commit("m0", 1);
  h.end();
});
bad("X1", "one name for two handlers", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.begin("m0", 0, { handle: "m0-1" });
  h.finish(h.begin("m0", 1, { handle: "m0-1" }));
  h.end({ stop: false });
});
unknown("X1", "the topic was not read to its end: what is missing may exist", (h) => {
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.end();
});

// ------------------------------------------------------------------------------------------- D1
good("D1", "a failed attempt is tried again", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "throw");
  h.wait(90);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.commit("m0", 1);
  h.end();
});
good(
  "D1",
  "applied but unacknowledged: the next owner starts behind it or before it",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.ask("m0", 2);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 1);
    h.logged(2);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
good("D1", "a retry goes on at another member after a reassignment", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.rebalance(2, { m0: [], m1: [0] });
  h.runs("m1", 0);
  h.commit("m1", 1);
  h.end();
});
bad(
  "D1",
  "a record is begun again after success",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 0);
    h.commit("m0", 1);
    h.end();
  },
  {},
  ["D2"],
);
bad(
  "D1",
  "a record is begun again while it runs",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const [first, second] = h.begins("m0", 0, 0);
    h.finish(first);
    h.finish(second);
    h.commit("m0", 1);
    h.end();
  },
  {},
  ["D2"],
);
bad(
  "D1",
  "a new owner begins below an offset that was committed before",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 0, 1);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);

bad("D1", "a member ignores what was committed before it came", (h) => {
  h.records("a b");
  h.add({ type: "start", topic: "in", partition: 0, offset: "1" });
  h.logged(1, { own: true });
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.end();
});
bad(
  "D1",
  "a record is begun again while an attempt runs that fails only then",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const [first, second] = h.begins("m0", 0, 0);
    h.finish(first, "retry");
    h.finish(second);
    h.commit("m0", 1);
    h.end();
  },
  {},
  ["D2"],
);

// ------------------------------------------------------------------------------------------- D2
good("D2", "a graceful handover repeats nothing", (h) => {
  h.records("a b c");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.rebalance(2, { m0: [], m1: [0] });
  h.runs("m1", 2);
  h.commit("m1", 3);
  h.end();
});
good(
  "D2",
  "cooperative: a kept partition goes on in its epoch",
  (h) => {
    h.records("a b");
    h.records("c", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    const a = h.begin("m0", 0);
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1, { p: 1 });
    h.rebalance(2, { m0: [0], m1: [] });
    h.rebalance(3, { m0: [0], m1: [1] });
    h.finish(a);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  { ...twoPartitions, ...cooperative },
);
good(
  "D2",
  "a crash repeats what was begun and not committed",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    const b = h.begin("m0", 1);
    h.runs("m0", 2);
    h.finish(b);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 1, 2);
    h.commit("m1", 3);
    h.end();
  },
  { duplicates: "crash-window" },
);
good(
  "D2",
  "a crash repeats what was unfinished and not what commits tell",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.runs("m0", 1, 2);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0);
    h.commit("m1", 3);
    h.end();
  },
  { duplicates: "unfinished" },
);
good(
  "D2",
  "what was unfinished at two crashes runs a third time",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.runs("m0", 1);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.begin("m1", 0);
    h.kill("m1");
    h.rebalance(3, { m2: [0] });
    h.runs("m2", 0);
    h.commit("m2", 2);
    h.end();
  },
  { duplicates: "unfinished" },
);
good(
  "D2",
  "a failure for good whose dead letter was not acknowledged at the crash is unfinished",
  (h) => {
    h.records("a b");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.runs("m0", 1);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.finish(h.begin("m1", 0), "poison");
    h.diverted("m1", 0);
    h.commit("m1", 2);
    h.end();
    h.deadLetter(0);
  },
  { duplicates: "unfinished" },
);
bad(
  "D2",
  "a crash repeats what was finished",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.runs("m0", 1);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0, 1);
    h.commit("m1", 2);
    h.end();
  },
  { duplicates: "unfinished" },
);
bad("D2", "a graceful handover repeats a record", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.rebalance(2, { m0: [], m1: [0] });
  h.runs("m1", 0, 1);
  h.commit("m1", 2);
  h.end();
});
bad(
  "D2",
  "a crash repeats what was committed",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.begin("m0", 1);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0, 1);
    h.commit("m1", 2);
    h.end();
  },
  { duplicates: "crash-window" },
  ["D1"],
);
bad(
  "D2",
  "a repeat that no crash explains",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.runs("m1", 0);
    h.kill("m0");
    h.runs("m1", 1);
    h.commit("m1", 2);
    h.end();
  },
  { duplicates: "crash-window" },
);

bad(
  "D2",
  "a crash repeats a record whose dead letter was acknowledged",
  (h) => {
    h.records("a b");
    h.expect(1);
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.finish(h.begin("m0", 1), "poison");
    h.diverted("m0", 1);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0);
    h.finish(h.begin("m1", 1), "poison");
    h.diverted("m1", 1);
    h.commit("m1", 2);
    h.end();
    h.deadLetter(1);
    h.deadLetter(1);
  },
  { duplicates: "unfinished" },
);
bad(
  "D2",
  "what was unfinished at a crash runs twice after it",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.begin("m1", 0);
    h.rebalance(3, { m1: [], m2: [0] });
    h.runs("m2", 0);
    h.commit("m2", 1);
    h.end();
  },
  { duplicates: "unfinished" },
);
bad(
  "D2",
  "a repeat within one epoch explains itself by nothing",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 0);
    h.commit("m0", 1);
    h.end();
  },
  explained,
  ["D1"],
);

// ------------------------------------------------------------------------------------------- Q1
/** @param {Script} h */
const poisoned = (h, headers = /** @type {[string, string | null][]} */ ([])) => {
  h.records("a b", { headers });
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "poison");
  h.diverted("m0", 0);
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
};
good("Q1", "exactly the record that failed for good is a dead letter", (h) => {
  poisoned(h);
  h.deadLetter(0);
});
good(
  "Q1",
  "a crash between acknowledgement and commit writes a second one",
  (h) => {
    h.records("a");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.diverted("m0", 0);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.finish(h.begin("m1", 0), "poison");
    h.diverted("m1", 0);
    h.commit("m1", 1);
    h.end();
    h.deadLetter(0);
    h.deadLetter(0);
  },
  { duplicates: "crash-window" },
);
good(
  "Q1",
  "a lost acknowledgement may write a second one",
  (h) => {
    h.records("a");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.fault("produce-ack-lost", "observed");
    h.diverted("m0", 0);
    h.commit("m0", 1);
    h.end();
    h.deadLetter(0);
    h.deadLetter(0);
  },
  explained,
);
bad("Q1", "the dead letter is missing", (h) => {
  poisoned(h);
});
bad(
  "Q1",
  "a record that succeeded is a dead letter as well",
  (h) => {
    poisoned(h);
    h.deadLetter(0);
    h.deadLetter(1);
  },
  {},
  ["Q2"],
);
bad("Q1", "two dead letters for one failure", (h) => {
  poisoned(h);
  h.deadLetter(0);
  h.deadLetter(0);
});
bad("Q1", "a dead letter without origin", (h) => {
  poisoned(h);
  h.deadLetter(0);
  h.deadLetter(0, { origin: null });
});

unknown("Q1", "a dead letter is missing, but the cluster was ill", (h) => {
  h.records("a");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "poison");
  h.phase("quiesce");
  h.add({
    type: "guard",
    guard: "healthy",
    kind: "environment",
    met: false,
    detail: "no leader for in.dlq/0",
  });
  h.end();
});
unknown(
  "Q1",
  "the script contradicts itself: what was to fail for good succeeded",
  (h) => {
    h.records("a");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.rebalance(2, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
    h.deadLetter(0);
  },
  {},
  ["D2"],
);

// ------------------------------------------------------------------------------------------- Q2
/** @type {[string, string | null][]} */
const headers = [
  ["h", base64("1")],
  ["g", ""],
  ["h", base64("2")],
  ["n", null],
];
/** What every dead letter of a poisoned record carries. @type {[string, string | null][]} */
const envelope = [
  ["sluice-spec", base64("1")],
  ["sluice-error-kind", base64("permanent")],
  ["sluice-dlq-reason", base64("non-retryable")],
];
/** @param {string} header @param {string} [text] */
const envelopeBut = (header, text) =>
  envelope.flatMap(([name, value]) =>
    name !== header ? [[name, value]] : text === undefined ? [] : [[name, base64(text)]],
  );
/** Three attempts fail, then a dead letter. @param {Script} h */
function exhausted(h) {
  h.records("a");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.wait(90);
  h.finish(h.begin("m0", 0, { attempt: 2 }), "throw");
  h.wait(190);
  h.finish(h.begin("m0", 0, { attempt: 3 }), "retry");
  h.diverted("m0", 0);
  h.commit("m0", 1);
  h.end();
}
good("Q2", "key, value, headers, origin, time and attempts are carried over", (h) => {
  poisoned(h, headers);
  h.deadLetter(0);
});
good(
  "Q2",
  "a client without header order and empty values is judged without them",
  (h) => {
    poisoned(h, headers);
    h.deadLetter(0, {
      headers: [...envelope, ["n", ""], ["h", base64("1")], ["h", base64("2")], ["g", null]],
    });
  },
  { headerCaps: { order: false, empty: false, null: false } },
);
good("Q2", "headers left out for size are declared", (h) => {
  poisoned(h, headers);
  h.deadLetter(0, {
    headers: [["h", base64("1")], ...envelope, ["sluice-truncated", base64("stack,headers")]],
  });
});
good("Q2", "a value left out for size is declared", (h) => {
  poisoned(h);
  h.deadLetter(0, {
    valueHash: null,
    headers: [...envelope, ["sluice-truncated", base64("value")]],
  });
});
bad("Q2", "another version of the specification", (h) => {
  poisoned(h);
  h.deadLetter(0, { headers: envelopeBut("sluice-spec", "2") });
});
bad(
  "Q2",
  "an origin that does not exist",
  (h) => {
    poisoned(h);
    h.deadLetter(0);
    h.deadLetter(0, {}, { offset: "7" });
  },
  {},
  ["Q1"],
);
bad("Q2", "an empty header value becomes null", (h) => {
  poisoned(h, headers);
  const changed = headers.map(([name, value]) => [name, value === "" ? null : value]);
  h.deadLetter(0, { headers: [...changed, ...envelope] });
});
bad("Q2", "headers change their order", (h) => {
  poisoned(h, headers);
  h.deadLetter(0, { headers: [...[...headers].reverse(), ...envelope] });
});
bad("Q2", "a null value becomes an empty one", (h) => {
  poisoned(h);
  h.deadLetter(0, { valueHash: null });
});
bad("Q2", "an empty key for a key", (h) => {
  poisoned(h);
  h.deadLetter(0, { key: "" });
});
bad("Q2", "another number of attempts than the ledger's", (h) => {
  poisoned(h);
  h.deadLetter(0, {}, { attempts: 2 });
});
bad("Q2", "another time than the record's", (h) => {
  poisoned(h);
  h.deadLetter(0, {}, { timestamp: 5 });
});
bad("Q2", "the specification's version is missing", (h) => {
  poisoned(h);
  h.deadLetter(0, { headers: envelopeBut("sluice-spec") });
});
good("Q2", "after the last attempt the class of error is one that is tried again", (h) => {
  exhausted(h);
  h.deadLetter(0, {}, { attempts: 3 });
});
good("Q2", "a class of error that is not in the registry counts as unknown", (h) => {
  exhausted(h);
  h.deadLetter(
    0,
    {
      headers: [
        ["sluice-spec", base64("1")],
        ["sluice-error-kind", base64("quota")],
        ["sluice-dlq-reason", base64("retries-exhausted")],
      ],
    },
    { attempts: 3 },
  );
});
bad("Q2", "what is never tried again is said to be transient", (h) => {
  poisoned(h);
  h.deadLetter(0, { headers: envelopeBut("sluice-error-kind", "transient") });
});
bad("Q2", "what was tried to the end is said to be permanent", (h) => {
  exhausted(h);
  h.deadLetter(0, { headers: envelope }, { attempts: 3 });
});
bad("Q2", "the class of error is missing", (h) => {
  poisoned(h);
  h.deadLetter(0, { headers: envelopeBut("sluice-error-kind") });
});
bad("Q2", "the reason is missing", (h) => {
  poisoned(h);
  h.deadLetter(0, { headers: envelopeBut("sluice-dlq-reason") });
});

// ------------------------------------------------------------------------------------------- Q3
good("Q3", "the commit waits for the acknowledgement", (h) => {
  poisoned(h);
  h.deadLetter(0);
});
good("Q3", "commits before the failed record go on meanwhile", (h) => {
  h.records("a b c");
  h.expect(1);
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.finish(h.begin("m0", 1), "dead-letter");
  h.runs("m0", 2);
  h.commit("m0", 1);
  h.diverted("m0", 1);
  h.commit("m0", 3);
  h.end();
  h.deadLetter(1);
});
bad(
  "Q3",
  "the commit passes before the acknowledgement",
  (h) => {
    h.records("a b");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.diverted("m0", 0);
    h.end();
    h.deadLetter(0);
  },
  {},
  ["P1", "P1s"],
);
bad(
  "Q3",
  "retries are exhausted, the dead letter is refused, and the commit passes",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "throw");
    h.commit("m0", 1);
    h.end();
  },
  { retry: { maxAttempts: 1, backoffMs: [], slackMs: 50 } },
  ["P1", "P1s", "V1"],
);

good("Q3", "refused, tried again and acknowledged at last; only then the commit passes", (h) => {
  h.records("a b");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "poison");
  h.runs("m0", 1);
  h.fault("dead-letter-topic", "injected");
  h.commit("m0", 0);
  h.fault("dead-letter-topic", "healed");
  h.diverted("m0", 0);
  h.commit("m0", 2);
  h.end();
  h.deadLetter(0);
});

// ------------------------------------------------------------------------------------------- T1
good("T1", "attempts are numbered and spaced as the policy says", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.wait(95);
  h.finish(h.begin("m0", 0, { attempt: 2 }), "throw");
  h.wait(200);
  h.finish(h.begin("m0", 0, { attempt: 3 }));
  h.commit("m0", 1);
  h.end();
});
good("T1", "a retry across a reassignment starts at 1 elsewhere and goes on at home", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.rebalance(2, { m0: [], m1: [0] });
  h.finish(h.begin("m1", 0), "retry");
  h.rebalance(3, { m0: [0], m1: [] });
  h.finish(h.begin("m0", 0, { attempt: 2 }), "retry");
  h.wait(200);
  h.finish(h.begin("m0", 0, { attempt: 3 }));
  h.commit("m0", 1);
  h.end();
});
good(
  "T1",
  "a retry that is due waits for a free slot",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "retry");
    const b = h.begin("m0", 1);
    h.wait(500);
    h.finish(b);
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.runs("m0", 2);
    h.commit("m0", 3);
    h.end();
  },
  { concurrency: 1 },
);
bad("T1", "an attempt is left out of the numbers", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.wait(90);
  h.finish(h.begin("m0", 0, { attempt: 3 }));
  h.commit("m0", 1);
  h.end();
});
bad("T1", "an attempt comes too early", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.wait(60);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.commit("m0", 1);
  h.end();
});
bad("T1", "an attempt comes too late", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.wait(300);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.commit("m0", 1);
  h.end();
});
bad(
  "T1",
  "a record that failed for good is tried again",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "poison");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.commit("m0", 1);
    h.end();
  },
  {},
  ["D2"],
);
bad(
  "T1",
  "one attempt more than the limit",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.commit("m0", 1);
    h.end();
  },
  { retry: { maxAttempts: 1, backoffMs: [{ min: 100, max: 100 }], slackMs: 50 } },
);
bad(
  "T1",
  "given up before the limit",
  (h) => {
    h.records("a");
    h.expect(0);
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "retry");
    h.wait(90);
    h.finish(h.begin("m0", 0, { attempt: 2 }), "retry");
    h.diverted("m0", 0);
    h.commit("m0", 1);
    h.end();
    h.deadLetter(0, {}, { attempts: 2 });
  },
  {},
  ["Q2"],
);

bad(
  "T1",
  "a member goes on beyond the limit in its next epoch",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.finish(h.begin("m0", 0), "retry");
    h.rebalance(2, { m0: [0] });
    h.finish(h.begin("m0", 0, { attempt: 2 }));
    h.commit("m0", 1);
    h.end();
  },
  { retry: { maxAttempts: 1, backoffMs: [], slackMs: 50 } },
);
bad("T1", "another member begins with the second attempt", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "retry");
  h.rebalance(2, { m0: [], m1: [0] });
  h.finish(h.begin("m1", 0, { attempt: 2 }), "retry");
  h.wait(190);
  h.finish(h.begin("m1", 0, { attempt: 3 }));
  h.commit("m1", 1);
  h.end();
});

// ------------------------------------------------------------------------------------------- H1
/**
 * @param {Script} h @param {string} key @param {object} answer
 * @param {"valid" | "invalid" | "acceptable"} [result]
 */
const murmur2Over12 = (h, key, answer, result = "valid") =>
  h.add({
    type: "vector",
    file: "partitioner_murmur2",
    tcId: 1,
    op: "Partition",
    comment: `the key ${key} over 12 partitions`,
    requirements: ["SLC-PRT-002"],
    result,
    input: { partitioner: "murmur2", key, counts: [12] },
    expected: HASHES[key],
    answer,
  });
/** @type {Record<string, { hash: number, partitions: readonly number[] }>} */
const HASHES = {
  3231: { hash: -973932308, partitions: [0] },
  "": { hash: 275646681, partitions: [275646681 % 12] },
};
good("H1", "an answer equals, whatever the order of its fields and however many", (h) => {
  murmur2Over12(h, "3231", { ok: { took: 1, partitions: [0], hash: -973932308 } });
});
good("H1", "an empty key is a key", (h) => {
  murmur2Over12(h, "", { ok: { hash: 275646681, partitions: [9] } });
});
good("H1", "what is only acceptable may be unsupported", (h) => {
  murmur2Over12(h, "3231", { error: { code: "unsupported" } }, "acceptable");
});
bad("H1", "the hash is taken as unsigned instead", (h) => {
  murmur2Over12(h, "3231", { ok: { hash: -973932308, partitions: [8] } });
  h.phase("quiesce");
});
bad("H1", "what is valid must not be unsupported", (h) => {
  murmur2Over12(h, "3231", { error: { code: "unsupported" } });
  h.phase("quiesce");
});
bad("H1", "what is acceptable must not be answered wrongly", (h) => {
  murmur2Over12(h, "3231", { ok: { hash: -973932308, partitions: [8] } }, "acceptable");
  h.phase("quiesce");
});
bad("H1", "what is acceptable must not be refused as damaged", (h) => {
  murmur2Over12(h, "3231", { error: { code: "input", message: "no" } }, "acceptable");
  h.phase("quiesce");
});
unknown("H1", "no vector was answered", () => {});

// ------------------------------------------------------------------------------------------- B1
good(
  "B1",
  "as many as concurrency allows",
  (h) => {
    h.records("a b c");
    h.rebalance(1, { m0: [0] });
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(a);
    const c = h.begin("m0", 2);
    h.finish(b);
    h.finish(c);
    h.commit("m0", 3);
    h.end();
  },
  { concurrency: 2 },
);
good(
  "B1",
  "an abandoned handler no longer counts",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.add({ type: "dropped", member: "m0", handle: a, reason: "revoked" });
    h.rebalance(2, { m0: [0] });
    h.finish(h.begin("m0", 0));
    h.runs("m0", 1);
    h.finish(a);
    h.commit("m0", 2);
    h.end();
  },
  { concurrency: 1, ...explained },
);
bad(
  "B1",
  "one handler too many",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(a);
    h.finish(b);
    h.commit("m0", 2);
    h.end();
  },
  { concurrency: 1 },
);

good(
  "B1",
  "fetching stops while nothing begins; answers without records are no records",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.fetched("m0", 3000, 0);
    const a = h.begin("m0", 0);
    h.fetched("m0", 4000);
    for (let i = 0; i < 20; i += 1) h.fetched("m0", 80);
    h.buffered("m0", 10);
    h.finish(a);
    h.runs("m0", 1);
    h.fetched("m0", 4000);
    h.commit("m0", 2);
    h.end();
  },
  { concurrency: 1, ...buffer },
);
good(
  "B1",
  "what is fetched anew after an assignment replaces what was held",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.fetched("m0", 80);
    h.fetched("m0", 4000);
    h.rebalance(2, { m0: [0] });
    h.fetched("m0", 4000);
    h.buffered("m0", 10);
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
  },
  buffer,
);
bad(
  "B1",
  "fetching goes on while all handlers are held",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.fetched("m0", 80, 0);
    const a = h.begin("m0", 0);
    h.fetched("m0", 3000);
    h.fetched("m0", 3000);
    h.finish(a);
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
  },
  { concurrency: 1, ...buffer },
);
bad(
  "B1",
  "a member itself says that it holds more than its buffer",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.buffered("m0", 11);
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
  },
  buffer,
);

// ------------------------------------------------------------------------------------------- V1
good("V1", "every record settles after the fault is healed", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.phase("inject");
  h.fault("broker-kill", "injected");
  h.fault("broker-kill", "healed");
  h.phase("heal");
  h.phase("quiesce");
  h.wait(4000);
  h.runs("m0", 0, 1);
  h.commit("m0", 2);
  h.end();
});
good("V1", "a skip settles as well", (h) => {
  h.records("a");
  h.expect(0, "skip");
  h.rebalance(1, { m0: [0] });
  h.finish(h.begin("m0", 0), "skip");
  h.commit("m0", 1);
  h.end();
});
bad("V1", "a record is never begun", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.end();
});
bad("V1", "a record settles too late", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.phase("quiesce");
  h.wait(6000);
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.end();
});
bad("V1", "the null subject: it joins and does nothing", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.add({ type: "guard", guard: "G1", kind: "subject", met: false, detail: "m0 began nothing" });
  h.end();
});
unknown("V1", "the runner itself never answered the handler", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.begin("m0", 0);
  h.phase("quiesce");
  h.wait(6000);
  h.content();
});
unknown("V1", "nothing settles, but the cluster was ill", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.phase("quiesce");
  h.add({
    type: "guard",
    guard: "healthy",
    kind: "environment",
    met: false,
    detail: "broker 1 did not come back",
  });
  h.wait(6000);
  h.end();
});

good("V1", "settled by its dead letter's acknowledgement", (h) => {
  h.records("a");
  h.expect(0);
  h.rebalance(1, { m0: [0] });
  h.phase("quiesce");
  h.finish(h.begin("m0", 0), "poison");
  h.diverted("m0", 0);
  h.commit("m0", 1);
  h.end();
  h.deadLetter(0);
});

// ------------------------------------------------------------------------------------------- V2
good("V2", "the end is committed in time", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.phase("quiesce");
  h.wait(500);
  h.commit("m0", 2);
  h.end();
});
good("V2", "applied, answer lost: the commit log tells that the end was reached", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.phase("quiesce");
  h.ask("m0", 1);
  h.wait(1500);
  h.logged(1);
  h.end();
});
bad(
  "V2",
  "the end is never committed",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.phase("quiesce");
    h.wait(2000);
    h.end();
  },
  {},
  ["V5"],
);
bad("V2", "the end is committed too late", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.phase("quiesce");
  h.wait(2000);
  h.commit("m0", 1);
  h.end();
});
unknown("V2", "the run ended before the commit was due", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.end({ stop: false });
});

good("V2", "one commit covers the records and the markers behind them", (h) => {
  h.records("a b . .");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0, 1);
  h.phase("quiesce");
  h.wait(900);
  h.commit("m0", 4);
  h.end();
});

good(
  "V2",
  "a zombie settles the record, and its owner may not commit before its own attempts end",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const late = h.begin("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    h.finish(h.begin("m1", 0), "throw");
    h.phase("quiesce");
    h.finish(late);
    h.wait(900);
    h.finish(h.begin("m1", 0, { attempt: 2 }), "throw");
    h.wait(900);
    h.finish(h.begin("m1", 0, { attempt: 3 }));
    h.commit("m1", 1);
    h.end();
  },
  {
    ...explained,
    retry: {
      maxAttempts: 3,
      backoffMs: [
        { min: 0, max: 5000 },
        { min: 0, max: 5000 },
      ],
      slackMs: 50,
    },
  },
);
bad(
  "V2",
  "the owner's own attempt ended, after a zombie's success, and no commit follows",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const late = h.begin("m0", 0);
    h.rebalance(2, { m0: [], m1: [0] });
    const own = h.begin("m1", 0);
    h.phase("quiesce");
    h.finish(late);
    h.wait(900);
    h.finish(own);
    h.wait(2000);
    h.commit("m1", 1);
    h.end();
  },
  explained,
);

good("V2", "retention deletes a record whose handler runs on: the commit waits for it", (h) => {
  h.records("a b");
  h.produced("a", 0);
  h.rebalance(1, { m0: [0] });
  const deleted = h.begin("m0", 0);
  h.runs("m0", 1);
  h.log.get(0)?.shift();
  h.phase("quiesce");
  h.wait(2000);
  h.finish(deleted);
  h.commit("m0", 2);
  h.stop("m0");
  h.content({ start: 1 });
});

// ------------------------------------------------------------------------------------------- V3
good("V3", "a held handler leaves the generation alone", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  const a = h.begin("m0", 0);
  for (let i = 0; i < 4; i += 1) {
    h.wait(4000);
    h.heartbeat("m0", 1);
  }
  h.finish(a);
  h.commit("m0", 1);
  h.end();
});
good(
  "V3",
  "a member that comes and a fault are causes",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0, 1] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.wait(9000);
    h.rebalance(2, { m0: [0], m1: [1] });
    h.finish(h.begin("m1", 0, { p: 1 }));
    h.commit("m1", 1, { p: 1 });
    h.wait(9000);
    h.fault("broker-kill", "injected");
    h.wait(5000);
    h.rebalance(3, { m0: [0], m1: [1] });
    h.end();
  },
  twoPartitions,
);
bad("V3", "the generation rises for no cause", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.wait(9000);
  h.rebalance(2, { m0: [0] });
  h.end();
});

good(
  "V3",
  "a member that leaves is a cause",
  (h) => {
    h.records("a");
    h.records("b", { p: 1 });
    h.rebalance(1, { m0: [0], m1: [1] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.wait(9000);
    h.stop("m1");
    h.rebalance(2, { m0: [0, 1] });
    h.finish(h.begin("m0", 0, { p: 1 }));
    h.commit("m0", 1, { p: 1 });
    h.end();
  },
  twoPartitions,
);

/** A cooperative member is given less than it holds, and its drain takes longer than a session. @param {Script} h */
const givesUp = (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0, 1] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.wait(9000);
  h.rebalance(2, { m0: [0], m1: [2] });
  h.wait(7000);
  h.rebalance(3, { m0: [0], m1: [1, 2] });
};
good(
  "V3",
  "what a cooperative member gives up goes to another in the next generation, however long its drain",
  (h) => {
    givesUp(h);
    h.end();
  },
  { ...cooperative, topics: { in: 3 } },
);
bad(
  "V3",
  "and in one generation, not in two",
  (h) => {
    givesUp(h);
    h.wait(9000);
    h.rebalance(4, { m0: [0], m1: [1, 2] });
    h.end();
  },
  { ...cooperative, topics: { in: 3 } },
);

// ------------------------------------------------------------------------------------------- V4
/** @param {Script} h @param {boolean} progress */
const impact = (h, progress) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.phase("inject");
  h.fault("broker-freeze", "injected");
  h.phase("impact");
  const b = h.begin("m0", 1);
  if (progress) h.finish(b);
  h.wait(3000);
  h.fault("broker-freeze", "healed");
  h.phase("heal");
  if (!progress) h.finish(b);
  h.commit("m0", 2);
  h.end();
};
good("V4", "the healthy path goes on while the fault lasts", (h) => impact(h, true));
good("V4", "the same, seen by the ledger alone", (h) => impact(h, true), { witnesses: ["ledger"] });
bad("V4", "everything stands still while the fault lasts", (h) => impact(h, false));

good("V4", "one record is enough, and failures beside it do not matter", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  h.phase("inject");
  h.fault("broker-kill", "injected");
  h.phase("impact");
  h.finish(h.begin("m0", 0), "retry");
  h.wait(90);
  h.finish(h.begin("m0", 0, { attempt: 2 }));
  h.wait(300);
  h.phase("heal");
  h.fault("broker-kill", "healed");
  h.runs("m0", 1);
  h.commit("m0", 2);
  h.end();
});

// ------------------------------------------------------------------------------------------- V5
good("V5", "drained, committed, left, exit 0", (h) => {
  h.records("a b");
  h.rebalance(1, { m0: [0] });
  const [a] = h.begins("m0", 0);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.finish(a);
  h.commit("m0", 1);
  h.leave("m0");
  h.member("m0", "exited", { code: 0, signal: null, forced: false });
  h.rebalance(2, { m1: [0] });
  h.runs("m1", 1);
  h.commit("m1", 2);
  h.stop("m1");
  h.content();
});
good(
  "V5",
  "what others settled a stopping member need not have committed",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const zombie = h.begin("m0", 0);
    h.fault("sigstop", "injected");
    h.rebalance(2, { m1: [0] });
    h.finish(zombie);
    h.stop("m1");
    h.fault("sigstop", "healed");
    h.rebalance(3, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
  },
  explained,
);
good(
  "V5",
  "settled by a zombie in front of what the stopping member settled itself",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const zombie = h.begin("m0", 0);
    h.fault("sigstop", "injected");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 1);
    h.finish(zombie);
    h.stop("m1");
    h.fault("sigstop", "healed");
    h.rebalance(3, { m0: [0] });
    h.runs("m0", 0, 1);
    h.commit("m0", 2);
    h.end();
  },
  explained,
);
bad("V5", "the process never exits", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.leave("m0");
  h.wait(6000);
  h.end({ stop: false });
});
bad(
  "V5",
  "the last commit is skipped",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.stop("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0, 1);
    h.commit("m1", 2);
    h.end();
  },
  explained,
);
bad("V5", "the member does not leave the group", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.member("m0", "exited", { code: 0, signal: null, forced: false });
  h.end({ stop: false });
});
bad("V5", "the process exits too late", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.leave("m0");
  h.wait(6000);
  h.member("m0", "exited", { code: 0, signal: null, forced: false });
  h.end({ stop: false });
});
bad("V5", "the process exits with 1", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.leave("m0");
  h.member("m0", "exited", { code: 1, signal: null, forced: false });
  h.end({ stop: false });
});
bad("V5", "the stop was forced", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "stopping", { deadlineMs: 4000 });
  h.leave("m0");
  h.member("m0", "exited", { code: 0, signal: null, forced: true });
  h.end({ stop: false });
});

// ------------------------------------------------------------------------------------------- V6
good("V6", "a held handler costs nothing", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  const a = h.begin("m0", 0);
  h.wait(18000);
  h.heartbeat("m0", 1);
  h.finish(a);
  h.commit("m0", 1);
  h.end();
});
good(
  "V6",
  "a kill that the runner ordered is no crash",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.begin("m0", 0);
    h.kill("m0");
    h.rebalance(2, { m1: [0] });
    h.runs("m1", 0);
    h.commit("m1", 1);
    h.end();
  },
  { duplicates: "crash-window" },
);
good(
  "V6",
  "a fault makes a member join anew over a held handler",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.wait(7000);
    h.fault("coordinator-kill", "injected");
    h.rebalance(2, { m0: [0] });
    h.finish(h.begin("m0", 0));
    h.finish(a);
    h.commit("m0", 1);
    h.end();
  },
  explained,
);
bad("V6", "the process exits by itself", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.member("m0", "exited", { code: 1, signal: null });
  h.end({ stop: false });
});
bad(
  "V6",
  "a held handler costs the member its membership",
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    const a = h.begin("m0", 0);
    h.wait(7000);
    h.rebalance(2, { m0: [0] });
    const again = h.begin("m0", 0);
    h.finish(a);
    h.finish(again);
    h.commit("m0", 1);
    h.end();
  },
  explained,
  ["V3"],
);

// ------------------------------------------------------------------------------------- failovers
bad(
  "P1",
  "asked for too early, answered with NOT_COORDINATOR (16), and in the log of the next coordinator",
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(b);
    h.answer("m0", h.ask("m0", 2), { error: 16 });
    h.finish(a);
    h.logged(2);
    h.end();
  },
  {},
  ["P1s"],
);
// ---------------------------------------------------------------------------------------- polls
// No proxy and no commit log, as on a cluster that is not the suite's own.
good(
  "P1",
  "where only polls tell what is committed, each shows what was settled by then",
  (h) => {
    h.records("a b c");
    h.member("m0", "ready");
    const [a, b, c] = h.begins("m0", 0, 1, 2);
    h.polled({});
    h.finish(c);
    h.finish(a);
    h.polled({ 0: 1 });
    h.polled({ 0: 1 });
    h.finish(b);
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 3 });
    h.content();
  },
  polls,
);
good(
  "P1",
  "a poll that comes late shows nothing against a commit that was made too early and made good since",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(b);
    h.polled({});
    // Committed 2 here, unseen: no poll can tell.
    h.finish(a);
    h.polled({ 0: 2 });
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 2 });
    h.content();
  },
  polls,
);
good(
  "P1",
  "what polls show before a member is there is the runner's own, and a dead letter settles by its failure",
  (h) => {
    h.records("a b c");
    h.add({ type: "start", topic: "in", partition: 0, offset: "1" });
    h.polled({ 0: 1 }, { own: true });
    h.expect(1);
    h.member("m0", "ready");
    const [b, c] = h.begins("m0", 1, 2);
    h.finish(c);
    h.polled({ 0: 1 });
    h.finish(b, "poison");
    h.polled({ 0: 3 });
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 3 });
    h.content();
    h.deadLetter(1);
  },
  polls,
);
bad(
  "P1",
  "a poll shows a commit above a record that is still running",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    const [a, b] = h.begins("m0", 0, 1);
    h.finish(b);
    h.polled({});
    h.polled({ 0: 2 });
    h.finish(a);
    h.polled({ 0: 2 });
    h.phase("quiesce");
    h.gone("m0");
    h.content();
  },
  polls,
);
good(
  "P2",
  "the last poll, when nobody is left, shows the end of the log",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    h.runs("m0", 0);
    h.polled({ 0: 1 });
    h.runs("m0", 1);
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 2 });
    h.content();
  },
  polls,
);
bad(
  "P2",
  "a poll shows a place beyond the end of the log",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    h.runs("m0", 0, 1);
    h.polled({ 0: 3 });
    h.phase("quiesce");
    h.gone("m0");
    h.content();
  },
  polls,
);
good(
  "P3",
  "polls show the committed offset stay or rise; the set-up may have put it back before",
  (h) => {
    h.records("a b c d");
    h.polled({ 0: 3 }, { own: true });
    h.polled({ 0: 1 }, { own: true });
    h.add({ type: "start", topic: "in", partition: 0, offset: "1" });
    h.member("m0", "ready");
    h.polled({ 0: 1 });
    h.runs("m0", 1);
    h.polled({ 0: 2 });
    h.polled({ 0: 2 });
    h.runs("m0", 2, 3);
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 4 });
    h.content();
  },
  polls,
);
bad(
  "P3",
  "a later poll shows less than an earlier one",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    h.runs("m0", 0, 1);
    h.polled({ 0: 2 });
    h.polled({ 0: 1 });
    h.polled({ 0: 2 });
    h.phase("quiesce");
    h.gone("m0");
    h.content();
  },
  polls,
);
good(
  "V2",
  "a commit that only a poll shows is never late: it may be older than the poll",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    h.runs("m0", 0, 1);
    h.phase("quiesce");
    h.wait(3000);
    h.polled({ 0: 2 });
    h.gone("m0");
    h.content();
  },
  polls,
);
bad(
  "V2",
  "nobody is left, and the last poll shows a commit short of the end",
  (h) => {
    h.records("a b");
    h.member("m0", "ready");
    h.runs("m0", 0);
    h.polled({ 0: 1 });
    h.runs("m0", 1);
    h.phase("quiesce");
    h.gone("m0");
    h.polled({ 0: 1 });
    h.content();
  },
  polls,
  ["P2"],
);

// ------------------------------------------------------------------------------------ SUBSTRATE
const all = ["P1", "X1", "V1", "V2"];
const lost = { topic: "in", partition: 0, offset: "1", key: base64("b"), valueHash: base64("v1") };
history(
  "SUBSTRATE",
  "good-1",
  "pass",
  "every acknowledged record is in the topic",
  {},
  (h) => {
    h.records("a b");
    h.add({ type: "produced", ...lost });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.commit("m0", 2);
    h.end();
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "good-2",
  "pass",
  "an acknowledged record that the script had deleted: the log begins above it",
  {},
  (h) => {
    h.records(". b");
    h.add({ type: "produced", ...lost, offset: "0" });
    h.add({ type: "start", topic: "in", partition: 0, offset: "1" });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 1);
    h.commit("m0", 2);
    h.end();
    h.add({ type: "log-range", topic: "in", partition: 0, start: "1", end: "2" });
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "good-3",
  "pass",
  "what nobody was told of may be in the topic: written, and the acknowledgement lost",
  {},
  (h) => {
    h.records("a b");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.commit("m0", 2);
    h.end();
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "unknown-1",
  "unknown",
  "the broker lost an acknowledged record",
  {},
  (h) => {
    h.records("a .");
    h.add({ type: "produced", ...lost });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.commit("m0", 1);
    h.end();
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "unknown-2",
  "unknown",
  "the broker holds another content",
  {},
  (h) => {
    h.records("a b");
    h.add({ type: "produced", ...lost, valueHash: base64("other") });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 1);
    h.commit("m0", 2);
    h.end();
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "fail-1",
  "fail",
  "a violation stands whatever the broker lost",
  {},
  (h) => {
    h.records("a b c .");
    h.add({ type: "produced", ...lost, offset: "3" });
    h.rebalance(1, { m0: [0] });
    const [a, b, c] = h.begins("m0", 0, 1, 2);
    h.finish(c);
    h.commit("m0", 3);
    h.finish(a);
    h.finish(b);
    h.end();
  },
  { invariants: all, violates: ["P1"], also: ["P1s"] },
);

history(
  "SUBSTRATE",
  "unknown-3",
  "unknown",
  "where records are lost, a begin that names none proves nothing",
  {},
  (h) => {
    h.records("a . .");
    h.add({ type: "produced", ...lost });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0, 2);
    h.commit("m0", 1);
    h.end();
  },
  { invariants: all },
);
history(
  "SUBSTRATE",
  "unknown-4",
  "unknown",
  "where the broker contradicts itself, a third content proves nothing",
  {},
  (h) => {
    h.records("a b");
    h.add({ type: "produced", ...lost, valueHash: base64("other") });
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.finish(h.begin("m0", 1, { value: "third" }));
    h.commit("m0", 2);
    h.end();
  },
  { invariants: all },
);

// -------------------------------------------------------------------------------------- WITNESS
history(
  "WITNESS",
  "unknown-1",
  "unknown",
  "the commit log lacks what the broker was seen to accept",
  {},
  (h) => {
    h.records("a");
    h.rebalance(1, { m0: [0] });
    h.runs("m0", 0);
    h.answer("m0", h.ask("m0", 1));
    h.end();
  },
  { invariants: ["P1"] },
);
history(
  "WITNESS",
  "unknown-2",
  "unknown",
  "the proxy saw nothing: a commit that nobody asked for proves nothing then",
  {},
  (h) => {
    h.records("a");
    h.member("m0", "ready");
    h.runs("m0", 0);
    h.logged(1);
    h.end({ stop: false });
  },
  { invariants: ["P1", "P4", "X1"] },
);

// ---------------------------------------------------------------------------------------- GUARDS
/** @param {Script} h @param {"environment" | "subject"} kind */
const guarded = (h, kind) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.phase("quiesce");
  h.add({ type: "guard", guard: "G3", kind, met: true, detail: "seen once" });
  h.add({
    type: "guard",
    guard: "G3",
    kind,
    met: false,
    detail: "no commit was answered without being passed on",
  });
  h.end();
};
history(
  "GUARDS",
  "unknown-1",
  "unknown",
  "an unmet environment guard",
  {},
  (h) => guarded(h, "environment"),
  {
    invariants: ["P1"],
  },
);
history(
  "GUARDS",
  "fail-1",
  "fail",
  "an unmet subject guard fails by V1, demanded or not",
  {},
  (h) => guarded(h, "subject"),
  {
    invariants: ["P1"],
    violates: ["V1"],
  },
);
history(
  "GUARDS",
  "unknown-2",
  "unknown",
  "an unmet subject guard while the cluster was ill",
  {},
  (h) => {
    h.phase("quiesce");
    h.add({
      type: "guard",
      guard: "healthy",
      kind: "environment",
      met: false,
      detail: "no coordinator",
    });
    guarded(h, "subject");
  },
  { invariants: ["P1"] },
);

// ---------------------------------------------------------------------------------------- BROKEN
/** @param {string} name @param {string} title @param {(h: Script) => void} write */
const broken = (name, title, write) =>
  history("BROKEN", name, "unknown", title, {}, write, { invariants: ["P1"] });
broken("unknown-1", "the first line is no case", (h) => {
  h.events.shift();
  h.phase("quiesce");
});
broken("unknown-2", "an event of an unknown type", (h) => {
  h.add({ type: "surprise" });
  h.end();
});
broken("unknown-3", "time goes back", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.t = 5;
  h.end();
});
broken("unknown-4", "no quiesce phase: the run was cut short", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.runs("m0", 0);
  h.commit("m0", 1);
  h.content();
});
broken("unknown-5", "a finish of a handler that was never begun", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.finish("m0-1");
  h.end();
});
broken("unknown-6", "an offset that is no int64", (h) => {
  h.records("a");
  h.rebalance(1, { m0: [0] });
  h.add({ type: "committed", topic: "in", partition: 0, offset: "1e3", metadata: "", seq: 1 });
  h.end();
});

/** Path and text of every file. */
export const files = new Map([
  ...histories.map(({ entry, text }) => /** @type {const} */ ([entry.file, text])),
  [
    "manifest.json",
    `${JSON.stringify(
      histories.map(({ entry }) => entry),
      null,
      2,
    )}\n`,
  ],
]);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const here = new URL(".", import.meta.url);
  let old = [];
  try {
    old = JSON.parse(readFileSync(new URL("manifest.json", here), "utf8"));
  } catch {
    // First time.
  }
  for (const { file } of old) if (!files.has(file)) rmSync(new URL(file, here), { force: true });
  for (const [file, text] of files) {
    mkdirSync(new URL(file.includes("/") ? `${file.split("/")[0]}/` : ".", here), {
      recursive: true,
    });
    writeFileSync(new URL(file, here), text);
  }
  console.log(`${histories.length} histories written`);
}
