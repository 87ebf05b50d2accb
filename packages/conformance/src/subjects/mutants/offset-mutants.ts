import type { KafkaRecord } from "@sluice/core";
import type { ConsumerOptions } from "@sluice/runtime";
import type { Mutant } from "./mutant.ts";
import { key, RogueCommits, tapCommits, tapEvents } from "./port-tap.ts";

type Gap = Pick<KafkaRecord, "topic" | "partition"> & { readonly offset: number };

/** M11: waits for ever for an offset that no record has. */
export const waitsAtGap: Mutant = (options) => {
  const first = new Map<string, number>();
  const watched = atGaps(options, (gap) => {
    if (!first.has(key(gap))) first.set(key(gap), gap.offset);
  });
  return tapCommits(watched, (commit) => ({
    ...commit,
    offset: Math.min(commit.offset, first.get(key(commit)) ?? Infinity),
  }));
};

/** M12b: where offsets are missing it takes everything to the end of the log for done. */
export const takesGapForEnd: Mutant = (options) => {
  const rogue = new RogueCommits();
  const ends = new Map<string, number>();
  const watched = tapEvents(rogue.watch(options), (events) => ({
    assigned: (assignment) => {
      for (const of of assignment.partitions) ends.set(key(of), of.high);
      return events.assigned(assignment);
    },
  }));
  return atGaps(watched, (gap) => void rogue.commit(gap, ends.get(key(gap)) ?? 0));
};

/** M28: the client's own auto-commit is left on: what is delivered counts as done. */
export const autoCommit: Mutant = (options, { commitIntervalMs }) => {
  const rogue = new RogueCommits();
  const positions = new Map<string, Gap>();
  const watched = tapEvents(rogue.watch(options), (events) => ({
    records: (of, records, nextPosition) => {
      const { topic, partition } = of;
      positions.set(key(of), { topic, partition, offset: nextPosition });
      events.records(of, records, nextPosition);
    },
  }));
  setInterval(() => {
    for (const at of positions.values()) void rogue.commit(at, at.offset);
  }, commitIntervalMs).unref();
  return watched;
};

/** Commits over and over what is committed already. */
export const commitsAtRest: Mutant = (options, { commitIntervalMs }) => {
  const rogue = new RogueCommits();
  const last = new Map<string, Gap>();
  setInterval(() => {
    for (const at of last.values()) void rogue.commit(at, at.offset);
  }, commitIntervalMs).unref();
  return tapCommits(rogue.watch(options), (commit) => {
    last.set(key(commit), commit);
    return commit;
  });
};

/** Calls back with the first offset of each gap, before the records behind it are handed over. */
function atGaps(options: ConsumerOptions, found: (gap: Gap) => void): ConsumerOptions {
  const next = new Map<string, number>();
  return tapEvents(options, (events) => ({
    assigned: async (assignment) => {
      const starts = await events.assigned(assignment);
      assignment.partitions.forEach((of, i) => next.set(key(of), starts[i] ?? 0));
      return starts;
    },
    records: (of, records, nextPosition) => {
      const { topic, partition } = of;
      for (const { offset } of records) {
        const expected = next.get(key(of)) ?? offset;
        if (offset > expected) found({ topic, partition, offset: expected });
        next.set(key(of), offset + 1);
      }
      events.records(of, records, nextPosition);
    },
  }));
}
