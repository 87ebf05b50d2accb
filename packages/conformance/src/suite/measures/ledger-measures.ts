import type { Work } from "../../runner/ledger.ts";
import type { Blame, MeasureCondition, Selector } from "../case-file.ts";
import { fieldsOf, matcher, recordMatcher, saySelector } from "../selector.ts";
import type { Scene } from "../scene.ts";
import type { Measure } from "./measure.ts";
import { selectIn } from "./measure.ts";

/** What the runner knows itself: it owns the handlers. */
export const LEDGER_MEASURES: Readonly<Record<string, Measure<Selector>>> = {
  begun: {
    since: "may",
    say: (of) => `begun handlers${saySelector(of)}`,
    read: (scene, of, since) => {
      const wanted = matcher(scene, of);
      return scene.run.ledger.works.filter((work) => work.begunAt >= since && wanted(work)).length;
    },
    inPartition: selectIn,
  },
  held: {
    say: (of) => `running handlers${saySelector(of)}`,
    read: (scene, of) => scene.run.held(matcher(scene, of)).length,
    inPartition: selectIn,
    blame: letGo,
  },
  finished: {
    since: "may",
    say: (of) => `finished handlers${saySelector(of)}`,
    read: (scene, of, since) => {
      const wanted = matcher(scene, of);
      return scene.run.ledger.finished((work) => (work.finishedAt ?? -1) >= since && wanted(work))
        .length;
    },
    inPartition: selectIn,
  },
  uncommitted: {
    say: (of) => `finished handlers${saySelector(of)} whose offset is not committed`,
    read: (scene, of) => {
      const { run } = scene;
      const wanted = matcher(scene, of);
      return run.ledger.finished(
        (work) => work.offset >= run.committed(work.partition) && wanted(work),
      ).length;
    },
    inPartition: selectIn,
  },
  unsettled: {
    say: (of) => `unsettled records${saySelector(of)}`,
    read: (scene, of) => scene.run.unsettled(recordMatcher(scene, fieldsOf(of))),
    inPartition: selectIn,
  },
  produced: {
    say: (of) => `records${saySelector(of)} produced`,
    read: (scene, of) => scene.run.produced.filter(recordMatcher(scene, fieldsOf(of))).length,
    inPartition: selectIn,
  },
  idle: {
    unit: "ms",
    say: (of) => `since a handler${saySelector(of)} has begun`,
    read: (scene, of) => {
      const latest = scene.run.ledger.works.findLast(matcher(scene, of));
      return latest === undefined ? 0 : scene.run.now - latest.begunAt;
    },
  },
  keysAtOnce: {
    say: (of) => `different keys handled at the same time by handlers${saySelector(of)}`,
    read: (scene, of) => keysAtOnce(scene.run.ledger.works.filter(matcher(scene, of))),
    inPartition: selectIn,
  },
  inversionDepth: {
    say: (of) =>
      `records of higher offset finished before one of the same partition${saySelector(of)}`,
    read: (scene, of) => inversionDepth(scene.run.ledger.finished(matcher(scene, of))),
    inPartition: selectIn,
  },
};

/** Handlers that a hold must have taken and nobody has ended: if they do not run, our holds do not hold. */
function letGo(scene: Scene, of: Selector, { atLeast = 1 }: MeasureCondition): Blame {
  const wanted = matcher(scene, of);
  const holds = [...scene.holds.values()].filter(({ inForce }) => inForce);
  const lost = scene.run.ledger.works.filter(
    (work) => wanted(work) && !scene.ended.has(work) && holds.some(({ takes }) => takes(work)),
  );
  return lost.length >= Number(atLeast) ? "environment" : "subject";
}

/** The most keys that had a running handler at once; a null key counts as a key of its own. */
export function keysAtOnce(works: readonly Work[]): number {
  const changes = works.flatMap(({ key, handle, begunAt, finishedAt }) => {
    const name = key ?? `no key ${handle}`;
    return [
      { at: begunAt, name, by: 1 },
      { at: finishedAt ?? Infinity, name, by: -1 },
    ];
  });
  // What ends when another begins did not run beside it.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  const running = new Map<string, number>();
  let most = 0;
  for (const { name, by } of changes) {
    const count = (running.get(name) ?? 0) + by;
    if (count === 0) running.delete(name);
    else running.set(name, count);
    most = Math.max(most, running.size);
  }
  return most;
}

/** The most records of higher offset that were finished before a record of the same partition. */
export function inversionDepth(works: readonly Work[]): number {
  const finished = new Map<number, number[]>();
  let deepest = 0;
  const inOrder = [...works].sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
  for (const { partition, offset } of inOrder) {
    const before = finished.get(partition) ?? [];
    deepest = Math.max(deepest, before.filter((other) => other > offset).length);
    before.push(offset);
    finished.set(partition, before);
  }
  return deepest;
}
