// @ts-check
// Traces of a gate and of lanes. Choices are drawn first and turned into events by a small model, so
// that a trace keeps to D.10 and D.11 also when it is shrunk.
import fc from "fast-check";
import { MAX_INTEGER } from "./bytes.mjs";

const gateChoice = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant("settle") },
    { weight: 3, arbitrary: fc.constant("fetch") },
    { weight: 1, arbitrary: fc.constant("turn") },
    { weight: 1, arbitrary: fc.constant("stray") },
  ),
  at: fc.nat(),
  steps: fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.constantFrom(2, 3, 9, 100_000_000)),
    { maxLength: 6 },
  ),
  after: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4 })),
});

export const gateTraceInput = fc
  .record({
    start: fc.oneof(
      { weight: 6, arbitrary: fc.nat(100) },
      fc.constantFrom(0, 2 ** 31 - 2, 2 ** 32 - 1, MAX_INTEGER - 2_000_000_000),
    ),
    choices: fc.array(gateChoice, { maxLength: 40, size: "max" }),
  })
  .map(({ start, choices }) => {
    /** @type {object[]} */
    const events = [];
    let epoch = 0;
    let position = start;
    let assigned = false;
    /** @type {number[]} records of this epoch that have not settled */
    let held = [];
    /** @type {{ offset: number, epoch: number }[]} records of any epoch, settled ones too */
    const seen = [];
    const assign = (/** @type {number} */ at) => {
      epoch += 1;
      position = at;
      held = [];
      assigned = true;
      events.push({ type: "assigned", position: String(position) });
    };
    assign(start);
    for (const { what, at, steps, after } of choices) {
      if (what === "turn") {
        if (assigned) events.push({ type: "revoked" });
        // The next epoch may begin anywhere, also below.
        if (assigned && at % 3 > 0) assigned = false;
        else assign(Math.max(0, position - (at % 12)));
      } else if (what === "fetch" && assigned) {
        /** @type {number[]} */
        const offsets = [];
        let next = position;
        for (const step of steps) {
          next += step;
          offsets.push(next - 1);
        }
        if (next + after > MAX_INTEGER) continue;
        position = next + after;
        held.push(...offsets);
        seen.push(...offsets.map((offset) => ({ offset, epoch })));
        events.push({ type: "fetched", offsets: offsets.map(String), position: String(position) });
      } else if (what === "settle" && held.length > 0 && assigned) {
        // Mostly near the frontier, so that it moves.
        const [offset = 0] = held.splice((at % held.length) % 4, 1);
        events.push({ type: "settled", offset: String(offset), epoch });
      } else {
        const old = seen[at % Math.max(1, seen.length)];
        const { offset, epoch: of } = old ?? { offset: position + (at % 3), epoch };
        const stray = at % 4 === 0 ? offset + 1 : offset;
        if (of === epoch && assigned) held = held.filter((one) => one !== stray);
        events.push({ type: "settled", offset: String(stray), epoch: of });
      }
    }
    return { events };
  });

const laneChoice = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constant("end") },
    { weight: 3, arbitrary: fc.constant("fetch") },
    { weight: 3, arbitrary: fc.constant("due") },
    { weight: 1, arbitrary: fc.constant("turn") },
    { weight: 1, arbitrary: fc.constant("stray") },
  ),
  partition: fc.constantFrom(0, 1, 7),
  at: fc.nat(),
  fails: fc.boolean(),
  keys: fc.array(fc.constantFrom("61", "61", "62", "63", "", null), { maxLength: 5 }),
  gap: fc.constantFrom(0, 0, 0, 1, 5),
});

/** @typedef {{ partition: number, offset: number, epoch: number, lane: string }} Begun */

export const laneTraceInput = fc
  .record({
    ordering: fc.constantFrom("key", "key", "partition", "none"),
    first: fc.constantFrom(0, 0, 5, MAX_INTEGER - 100_000),
    choices: fc.array(laneChoice, { maxLength: 40, size: "max" }),
  })
  .map(({ ordering, first, choices }) => {
    /** @type {object[]} */
    const events = [];
    /** @type {Map<number, { epoch: number, assigned: boolean, next: number, queued: Begun[] }>} */
    const partitions = new Map();
    /** @type {Begun[]} also of earlier epochs: handlers that go on */
    let running = [];
    /** @type {Begun[]} */
    let waiting = [];
    const laneOf = (
      /** @type {number} */ partition,
      /** @type {number} */ offset,
      /** @type {string | null} */ key,
    ) => {
      if (ordering === "partition") return `${partition}`;
      return ordering === "none" || key === null
        ? `${partition} @${offset}`
        : `${partition} ${key}`;
    };
    const busy = (/** @type {string} */ lane) =>
      [...running, ...waiting].some((one) => one.lane === lane);
    const begin = () => {
      for (const state of partitions.values()) {
        state.queued = state.queued.filter((record) => {
          if (busy(record.lane)) return true;
          running.push(record);
          return false;
        });
      }
    };
    const name = (/** @type {string} */ type, /** @type {Begun} */ { partition, offset, epoch }) =>
      events.push({ type, partition, offset: String(offset), epoch });

    for (const { what, partition, at, fails, keys, gap } of choices) {
      const state = partitions.get(partition) ?? {
        epoch: 0,
        assigned: false,
        next: first,
        queued: [],
      };
      partitions.set(partition, state);
      const ending = running[at % running.length];
      const resuming = waiting[at % waiting.length];
      if (what === "turn" || (what === "fetch" && !state.assigned)) {
        if (state.assigned) {
          events.push({ type: "revoked", partition });
          state.queued = [];
          waiting = waiting.filter((one) => one.partition !== partition);
          state.assigned = false;
        } else {
          events.push({ type: "assigned", partition });
          state.epoch += 1;
          state.assigned = true;
          state.next = Math.max(0, state.next - (at % 6));
        }
      } else if (what === "fetch") {
        let offset = state.next;
        /** @type {[string, string | null][]} */
        const records = [];
        for (const key of keys) {
          const lane = laneOf(partition, offset, key);
          const held = running.some((one) => one.lane === lane && one.epoch < state.epoch);
          // SLC-ORD-006 is a SHOULD: traces stay out of its way.
          if (!held && offset <= MAX_INTEGER) {
            records.push([String(offset), key]);
            state.queued.push({ partition, offset, epoch: state.epoch, lane });
          }
          offset += 1 + gap;
        }
        state.next = offset;
        events.push({ type: "fetched", partition, records });
      } else if (what === "end" && ending !== undefined) {
        running = running.filter((one) => one !== ending);
        const present = partitions.get(ending.partition);
        const alive = present?.assigned === true && present.epoch === ending.epoch;
        if (fails && alive) waiting.push(ending);
        name(fails ? "failed" : "settled", ending);
      } else if (what === "due" && resuming !== undefined) {
        waiting = waiting.filter((one) => one !== resuming);
        running.push(resuming);
        name("due", resuming);
      } else if (what === "stray" && state.epoch > 0) {
        // A record that runs nowhere, waits nowhere or is of an epoch that never held it.
        const offset = first + (at % 9);
        const epoch = 1 + (at % state.epoch);
        const known = [...running, ...waiting].some(
          (one) => one.partition === partition && one.offset === offset && one.epoch === epoch,
        );
        if (!known)
          name(["settled", "failed", "due"][at % 3] ?? "due", {
            partition,
            offset,
            epoch,
            lane: "",
          });
      }
      begin();
    }
    return {
      ordering,
      events: events.length === 0 ? [{ type: "assigned", partition: 0 }] : events,
    };
  });
