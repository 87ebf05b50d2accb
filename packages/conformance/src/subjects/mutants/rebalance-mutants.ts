import type { CommitOffset, CommitResult, EpochPartition } from "@sluice/core";
import { PortError } from "@sluice/core";
import { addToCommitRequests } from "./kafkajs-commits.ts";
import type { Mutant } from "./mutant.ts";
import { afterSuccess, key, tapCommits, tapConsumer, tapEvents } from "./port-tap.ts";

/**
 * M09: no fence at all: what a stale handler did goes out with the next commit, in the current
 * generation, owned or not.
 */
export const noFence: Mutant = (options) => {
  const stale: Entry[] = [];
  addToCommitRequests(() => stale.splice(0));
  const gone = new Set<string>();
  const owned = tapEvents(options, (events) => ({
    revoked: async (revocation) => {
      await events.revoked(revocation);
      for (const of of revocation.partitions) gone.add(`${key(of)} ${of.epoch}`);
    },
  }));
  return afterSuccess(owned, (record, { epoch }) => {
    if (!gone.has(`${key(record)} ${epoch}`)) return;
    const { topic, partition, offset } = record;
    stale.push({ topic, partition, offset: offset + 1 });
  });
};

/** M23: every commit names all partitions it has ever committed, whoever owns them now. */
export const commitsEverSeen: Mutant = (options) => {
  const seen = new Map<string, Entry>();
  addToCommitRequests((named) => [...seen.values()].filter((entry) => !named.has(key(entry))));
  return tapCommits(options, (commit) => {
    const { topic, partition, offset } = commit;
    seen.set(key(commit), { topic, partition, offset });
    return commit;
  });
};

interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** M24: a rebalance forgets what is done and not committed: who is rebalanced often gets nowhere. */
export const resetsProgress: Mutant = (options) =>
  tapEvents(options, (events) => ({
    revoked: ({ partitions }) => {
      events.lost(partitions);
      return Promise.resolve();
    },
  }));

/** M13b: when some partitions go, it drops the state of those that stay, too. */
export const dropsRetained: Mutant = (options) => {
  const owned = new Map<string, EpochPartition>();
  return tapEvents(options, (events) => ({
    assigned: (assignment) => {
      for (const of of assignment.partitions) owned.set(key(of), of);
      return events.assigned(assignment);
    },
    revoked: async (revocation) => {
      for (const of of revocation.partitions) owned.delete(key(of));
      events.lost([...owned.values()]);
      owned.clear();
      await events.revoked(revocation);
    },
  }));
};

const IMPATIENCE_MS = 500;

/** M26: goes on asking the coordinator that it has found first, also when that one has gone. */
export const keepsCoordinator: Mutant = (options) => {
  let gone = false;
  return tapConsumer(options, (port) => ({
    commit: async (offsets, timeoutMs) => {
      if (gone) return offsets.map(unanswered);
      // The adapter finds the new one and sends the commit again: what is left to see is that it takes long.
      const silence = setTimeout(() => (gone = true), IMPATIENCE_MS);
      const results = await port.commit(offsets, timeoutMs);
      clearTimeout(silence);
      gone ||= results.some(({ error }) => error !== undefined);
      return results;
    },
  }));
};

function unanswered({ topic, partition, epoch, offset }: CommitOffset): CommitResult {
  const error = new PortError("the coordinator does not answer", {
    kind: "retriable",
    outcome: "failed",
  });
  return { topic, partition, epoch, offset, error };
}
