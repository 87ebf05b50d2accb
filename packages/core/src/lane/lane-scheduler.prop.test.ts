import fc from "fast-check";
import { test } from "vitest";
import { expectReached } from "../../test/reached.ts";
import { LaneScheduler } from "./lane-scheduler.ts";
import type { Slot } from "./lane-scheduler.ts";

const PARTITIONS = 4;

interface Held {
  readonly slot: Slot;
  readonly partition: number;
  /** Null for a lane of its own. */
  readonly lane: string | null;
  readonly bytes: number;
  state: "waiting" | "running" | "parked";
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant("enqueue"),
      fc.nat(PARTITIONS - 1),
      fc.oneof(fc.constant(null), fc.nat(5), fc.nat(5_000)),
      fc.integer({ min: 1, max: 30 }),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant("take"), fc.integer({ min: 1, max: 8 })) },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom("finish", "finish", "park", "unpark"), fc.nat(1_000)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("block", "unblock"), fc.nat(PARTITIONS - 1)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("release"),
      fc.nat(PARTITIONS - 1),
      fc.oneof(fc.constant(0), fc.nat(30)),
    ),
  },
);

test("K1, B1: one of a lane at a time and in order, all that may run does, nothing is lost", () => {
  const seen = {
    laneHeld: 0,
    concurrencyUsed: 0,
    blocked: 0,
    released: 0,
    laneCut: 0,
    grown: 0,
    unfair: 0,
  };
  fc.assert(
    fc.property(
      fc.constantFrom("key" as const, "partition" as const, "none" as const),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(0xffff_ffff),
      fc.array(step, { maxLength: 300, size: "max" }),
      (ordering, concurrency, seed, steps) => {
        const budget = { records: 100, bytes: 1_000 };
        const lanes = new LaneScheduler({ ordering, concurrency, budget, seed });
        let held: Held[] = [];
        const blocked = new Set<number>();

        const mayRun = (record: Held): boolean =>
          record.state === "waiting" &&
          !blocked.has(record.partition) &&
          (record.lane === null || held.find((each) => each.lane === record.lane) === record);

        for (const [name, which, key, bytes] of steps as [
          string,
          number,
          number | null,
          number,
        ][]) {
          const record = held[which % Math.max(1, held.length)];
          if (name === "enqueue") {
            for (let copy = 0; copy < (key === null ? 3 : 1); copy++) {
              const keyBytes = key === null ? null : Uint8Array.of(key & 255, key >> 8);
              const slot = lanes.enqueue(which, keyBytes, bytes);
              check(!held.some((each) => each.slot === slot), "a slot was given out twice");
              const own = ordering === "none" || (ordering === "key" && key === null);
              const lane = own ? null : ordering === "partition" ? `${which}` : `${which} ${key}`;
              held.push({ slot, partition: which, lane, bytes, state: "waiting" });
            }
            if (held.length > 64) seen.grown++;
          } else if (name === "take") {
            for (let count = 0; count < which; count++) {
              const ready = held.filter(mayRun);
              const running = held.filter((each) => each.state === "running").length;
              if (held.some((each) => each.state === "waiting" && each.lane && !mayRun(each))) {
                seen.laneHeld++;
              }
              if (blocked.size > 0) seen.blocked++;
              const slot = lanes.take();
              if (running === concurrency) seen.concurrencyUsed++;
              if (running === concurrency || ready.length === 0) {
                check(slot === -1, "something ran that must not");
                break;
              }
              const taken = ready.find((each) => each.slot === slot);
              check(taken !== undefined, "a record ran out of turn, or none did");
              taken!.state = "running";
            }
          } else if (name === "finish" && record !== undefined) {
            const isHeld = record.state !== "waiting";
            check(lanes.finish(record.slot) === isHeld, "finish");
            if (isHeld) held = held.filter((each) => each !== record);
          } else if (name === "park" && record !== undefined) {
            check(lanes.park(record.slot) === (record.state === "running"), "park");
            if (record.state === "running") record.state = "parked";
          } else if (name === "unpark" && record !== undefined) {
            check(lanes.unpark(record.slot) === (record.state === "parked"), "unpark");
            if (record.state === "parked") record.state = "waiting";
          } else if (name === "block") {
            blocked.add(which);
            lanes.block(which);
          } else if (name === "unblock") {
            blocked.delete(which);
            lanes.unblock(which);
          } else if (name === "release") {
            // All that came after the first few.
            const late = held.slice(key ?? 0);
            const gone = late.filter(
              (each) => each.partition === which && each.state === "waiting",
            );
            const kept = held.filter(
              (each) => each.state === "waiting" && each.lane && !gone.includes(each),
            );
            if (kept.some(({ lane }) => gone.some((each) => each.lane === lane))) seen.laneCut++;
            const released: Slot[] = [];
            lanes.releaseQueued(
              which,
              (slot) => late.some((each) => each.slot === slot),
              (slot) => released.push(slot),
            );
            const isSame = gone.every(({ slot }) => released.includes(slot));
            check(isSame && gone.length === released.length, "released the wrong ones");
            if (gone.length > 1) seen.released++;
            held = held.filter((each) => !gone.includes(each));
          }
          const sum = held.reduce((total, each) => total + each.bytes, 0);
          check(lanes.heldRecords === held.length && lanes.heldBytes === sum, "held");
          check(
            lanes.running === held.filter((each) => each.state === "running").length,
            "running",
          );
        }
        seen.unfair += checkFairness(lanes, held, blocked, concurrency);
      },
    ),
    { numRuns: 400 },
  );
  expectReached(seen, 20);
}, 60_000);

/** From here on partitions with ready records take turns. Answers in how many runs that mattered. */
function checkFairness(
  lanes: LaneScheduler,
  held: readonly Held[],
  blocked: ReadonlySet<number>,
  concurrency: number,
): number {
  const heads = new Map<string, Held>();
  for (const each of held)
    if (each.lane !== null && !heads.has(each.lane)) heads.set(each.lane, each);
  const ready = Array.from(
    { length: PARTITIONS },
    (_, partition) =>
      held.filter(
        (each) =>
          each.partition === partition &&
          each.state === "waiting" &&
          !blocked.has(partition) &&
          (each.lane === null || heads.get(each.lane) === each),
      ).length,
  );
  const running = held.filter((each) => each.state === "running").length;
  const taken = Array.from({ length: PARTITIONS }, () => 0);
  for (let count = running; count < concurrency; count++) {
    const slot = lanes.take();
    if (slot === -1) break;
    taken[held.find((each) => each.slot === slot)!.partition]!++;
  }
  const least = Math.min(...taken.filter((times, partition) => times < ready[partition]!));
  check(Math.max(...taken) <= least + 1, `unfair: ${taken} of ${ready}`);
  return least < Infinity && ready.filter((each) => each > 0).length > 1 ? 1 : 0;
}

function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

test("no partition and no topic starves: topics take turns, and partitions within a topic", () => {
  let manyWaited = 0;
  fc.assert(
    fc.property(
      // Of each topic, how many records each of its partitions has ready: few topics have many.
      fc.array(
        fc.oneof(
          fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 2 }),
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 20, maxLength: 40 }),
        ),
        { minLength: 1, maxLength: 6 },
      ),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      (topics, concurrency, picks, shuffle) => {
        const budget = { records: 1e6, bytes: 1e9 };
        const lanes = new LaneScheduler({ ordering: "none", concurrency, budget, seed: 1 });
        const partitions = topics.flatMap((counts, topic) =>
          counts.map((ready) => ({ topic, ready, turns: 0 })),
        );
        for (const [partition, { topic }] of partitions.entries()) lanes.place(partition, topic);
        const owner = new Map<Slot, number>();
        for (let index = 0; index < partitions.length; index++) {
          const partition = (index + shuffle) % partitions.length;
          for (let count = 0; count < partitions[partition]!.ready; count++) {
            owner.set(lanes.enqueue(partition, null, 1), partition);
          }
        }
        const running: Slot[] = [];
        const turns = topics.map(() => 0);
        const readyOf = (topic: number): number =>
          partitions.reduce((sum, each) => sum + (each.topic === topic ? each.ready : 0), 0);
        for (let step = 0; step < owner.size; step++) {
          const open = topics.map((_, topic) => readyOf(topic) > 0);
          const slot = lanes.take();
          if (slot === -1) {
            lanes.finish(running.splice(picks[step % picks.length]! % running.length, 1)[0]!);
            continue;
          }
          running.push(slot);
          const partition = partitions[owner.get(slot)!]!;
          partition.ready--;
          partition.turns++;
          turns[partition.topic]!++;
          // While something of a topic was ready all the time, it has had its turns.
          const least = Math.min(...turns.filter((_, topic) => open[topic] === true));
          const most = Math.max(...turns.filter((_, topic) => open[topic] === true));
          check(most <= least + 1, `topics had ${turns.join(", ")} turns`);
          for (const topic of topics.keys()) {
            const own = partitions.filter((each) => each.topic === topic);
            const waiting = own.filter((each) => each.ready > 0);
            const fewest = Math.min(...waiting.map((each) => each.turns));
            const greatest = Math.max(...waiting.map((each) => each.turns));
            check(
              waiting.length === 0 || greatest <= fewest + 1,
              `partitions of topic ${topic} had ${own.map((each) => each.turns).join(", ")} turns`,
            );
          }
        }
        if (topics.length > 1 && topics.some((counts) => counts.length >= 20)) manyWaited++;
      },
    ),
    { numRuns: 200 },
  );
  expectReached({ manyWaited }, 20);
}, 60_000);
