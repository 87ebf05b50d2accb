import type { HistoryEvent } from "@sluice/checker";
import type { Case } from "../runner/case.ts";

const WINDOW = 32;
const WANTED_DEPTH = 8;
/** No handler begins for so long: those held are all there are, the rest waits for their keys. */
const IDLE_MS = 30;

export const randomCompletion: Case = {
  id: "core/random-completion",
  level: "L1",
  title: "handlers finish in a seeded random order, up to 32 at a time",
  about:
    "Whatever the order of completion, commits follow the finished prefix, one beyond its last " +
    "record, and never go back.",
  needs: ["broker"],
  invariants: [
    ...["P1", "P1s", "P2", "P3", "K1", "N1", "X1", "D2", "B1"],
    ...["V1", "V2", "V5", "V6"],
  ] as Case["invariants"],
  faults: [],
  duplicates: "none",
  settings: { concurrency: 48 },
  run: async (c) => {
    c.hold(() => true);
    await c.start("m0");
    const total = c.produced.length;
    const begun = (): number => c.ledger.works.length;
    while (c.ledger.okCount < total) {
      let seen = begun();
      let since = c.now;
      await c.until(
        "handlers begin",
        () => {
          if (begun() !== seen) [seen, since] = [begun(), c.now];
          const held = c.held().length;
          return held >= WINDOW || (held > 0 && (seen === total || c.now - since >= IDLE_MS));
        },
        { progress: () => `${c.ledger.okCount} of ${total} finished` },
      );
      const held = c.random.shuffle(c.held());
      c.finish(held.slice(0, Math.ceil(held.length / 2)));
    }
    const depth = inversionDepth(c.history.events);
    c.guard("inversion depth", depth >= WANTED_DEPTH, `${depth}, wanted ${WANTED_DEPTH}`);
  },
};

/** The most records of higher offset that were finished before a record of the same partition. */
export function inversionDepth(events: readonly HistoryEvent[]): number {
  const begun = new Map<string, { partition: number; offset: number }>();
  const finished = new Map<number, number[]>();
  let deepest = 0;
  for (const event of events) {
    if (event.type === "begin") {
      begun.set(event.handle, { partition: event.partition, offset: Number(event.offset) });
    } else if (event.type === "finish") {
      const work = begun.get(event.handle);
      if (work === undefined) continue;
      const before = finished.get(work.partition) ?? [];
      deepest = Math.max(deepest, before.filter((offset) => offset > work.offset).length);
      finished.set(work.partition, [...before, work.offset]);
    }
  }
  return deepest;
}
