import type { CommitOffset, KafkaRecord } from "@sluice/core";
import type { ConsumerOptions } from "@sluice/runtime";
import type { Mutant } from "./mutant.ts";
import { afterSuccess, key, RogueCommits, tapCommits, tapConsumer, tapEvents } from "./port-tap.ts";

/** M08: commits behind the highest completed record, whatever is unfinished below it. */
export const commitsHighest: Mutant = (options, { commitIntervalMs }) => {
  const { raised, raise } = raisesCommits(options, commitIntervalMs);
  return afterSuccess(raised, raise);
};

/** Commits a record when its handler begins: whoever dies in between has lost it. */
export const atMostOnce: Mutant = (options, { commitIntervalMs }) => {
  const { raised, raise } = raisesCommits(options, commitIntervalMs);
  return {
    ...raised,
    handler: (record, context) => {
      raise(record);
      return options.handler(record, context);
    },
  };
};

/** M10: commits the last finished offset in place of the next one to read. */
export const offByOne: Mutant = (options) =>
  tapCommits(options, (commit) => ({ ...commit, offset: Math.max(0, commit.offset - 1) }));

/** M10b: commits the offset behind the next one to read. */
export const oneTooFar: Mutant = (options) =>
  tapCommits(options, (commit) => ({ ...commit, offset: commit.offset + 1 }));

/** M13: takes everything that runs for done when its partition is revoked. */
export const doneOnRevoke: Mutant = (options) => {
  const rogue = new RogueCommits();
  const begun = new Map<string, number>();
  const watched = rogue.watch(options);
  const revoking = tapEvents(watched, (events) => ({
    revoked: async ({ partitions }) => {
      for (const of of partitions) await rogue.commit(of, (begun.get(key(of)) ?? -1) + 1);
      events.lost(partitions);
    },
  }));
  return {
    ...revoking,
    handler: (record, context) => {
      begun.set(key(record), Math.max(begun.get(key(record)) ?? -1, record.offset));
      return options.handler(record, context);
    },
  };
};

/** M14: always one commit behind, so the last one, of what the drain finished, is never sent. */
export const skipsFinalCommit: Mutant = (options) => {
  const asked = new Map<string, number>();
  return tapCommits(options, (offset) => {
    const assignment = `${key(offset)} ${offset.epoch}`;
    const before = asked.get(assignment) ?? offset.offset;
    asked.set(assignment, offset.offset);
    return { ...offset, offset: before };
  });
};

/** M09b: fences by member: a completion counts as long as the member owns the partition (again). */
export const fencesByMember: Mutant = (options) => {
  const rogue = new RogueCommits();
  return afterSuccess(rogue.watch(options), (record, { epoch }) => {
    const current = rogue.epoch(record);
    if (current !== undefined && current !== epoch) void rogue.commit(record, record.offset + 1);
  });
};

/** M27: sends the commit before last again, now and then, before the newest. */
export const resendsOldCommits: Mutant = (options) => {
  let sent = 0;
  let older: readonly CommitOffset[] = [];
  let last: readonly CommitOffset[] = [];
  return tapConsumer(options, (port) => ({
    commit: async (offsets, timeoutMs) => {
      if (++sent % 3 === 0) await port.commit(older, timeoutMs);
      [older, last] = [last, offsets];
      return await port.commit(offsets, timeoutMs);
    },
  }));
};

/** Commits behind the highest record that it was told of, by the timer and in place of lower ones. */
function raisesCommits(
  options: ConsumerOptions,
  commitIntervalMs: number,
): { readonly raised: ConsumerOptions; readonly raise: (record: KafkaRecord) => void } {
  const rogue = new RogueCommits();
  const highest = new Map<string, { topic: string; partition: number; offset: number }>();
  setInterval(() => {
    for (const at of highest.values()) void rogue.commit(at, at.offset);
  }, commitIntervalMs).unref();
  const raised = tapCommits(rogue.watch(options), (commit) => ({
    ...commit,
    offset: Math.max(commit.offset, highest.get(key(commit))?.offset ?? 0),
  }));
  const raise = ({ topic, partition, offset }: KafkaRecord): void => {
    const at = highest.get(key({ topic, partition }));
    if (at === undefined || at.offset <= offset) {
      highest.set(key({ topic, partition }), { topic, partition, offset: offset + 1 });
    }
  };
  return { raised, raise };
}
