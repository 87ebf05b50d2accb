import type { Mutant } from "./mutant.ts";
import { tapConsumer, tapEvents } from "./port-tap.ts";

/** M16: no lock on a key: its records run side by side. */
export const noKeyLock: Mutant = (options) => ({ ...options, ordering: "none" });

/** M15: tries again at once. */
export const impatientRetry: Mutant = (options) => ({
  ...options,
  retry: { ...options.retry, backoff: { type: "fixed", delayMs: 1, jitter: "none" } },
});

/** M17: a handler that takes long takes the event loop with it, and the heartbeats. */
export const blocksEventLoop: Mutant = (options, { sessionTimeoutMs }) => ({
  ...options,
  handler: (record, context) => {
    setTimeout(() => {
      if (context.signal.aborted || record.partition !== 0 || record.offset !== 5) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * sessionTimeoutMs);
    }, 1_000).unref();
    return options.handler(record, context);
  },
});

/** M18: takes in whatever comes, however little of it is done. */
export const unboundedBuffer: Mutant = (options) => ({
  ...tapConsumer(options, () => ({ pause: () => {} })),
  budget: { records: 1_000_000, bytes: 1024 ** 3 },
});

/** Counts what it holds, and not how large it is. */
export const countsRecordsOnly: Mutant = (options) => ({
  ...options,
  budget: { ...options.budget, bytes: 1024 ** 3 },
});

/** M12: does not ask what is committed and begins where the reset policy says. */
export const ignoresCommitted: Mutant = (options) =>
  tapEvents(options, (events) => ({
    assigned: ({ partitions }) =>
      events.assigned({ partitions: partitions.map((of) => ({ ...of, committed: null })) }),
  }));

/** M20: commits do not tell what is done above them. */
export const forgetsFinished: Mutant = (options) => ({ ...options, commitMetadata: false });

/** Takes `latest` for `earliest`. */
export const startsAtEarliest: Mutant = (options) => ({ ...options, startAt: "earliest" });

/** Takes `earliest` for `latest`: what comes before it knows of a partition is lost. */
export const startsAtLatest: Mutant = (options) => ({ ...options, startAt: "latest" });

const IMPATIENCE_MS = 500;

/** M25: the first trouble with the broker is the last. */
export const givesUp: Mutant = (options) => {
  const watched = tapConsumer(options, (port) => ({
    commit: async (offsets, timeoutMs) => {
      // An adapter that waits an outage out reports none: a commit without an answer is trouble enough.
      const impatience = setTimeout(() => process.exit(1), IMPATIENCE_MS);
      const results = await port.commit(offsets, timeoutMs);
      clearTimeout(impatience);
      if (results.some(({ error }) => error !== undefined)) process.exit(1);
      return results;
    },
  }));
  return tapEvents(watched, () => ({ down: () => process.exit(1) }));
};

/** Joins the group and does nothing: no record ever begins. */
export const doesNothing: Mutant = (options) => ({
  ...options,
  handler: () => new Promise(() => {}),
});

/** Begins records, and ignores what the runner says of them: no handler ever ends. */
export const deaf: Mutant = (options) => ({
  ...options,
  handler: async (record, context) => {
    await options.handler(record, context);
    return await new Promise(() => {});
  },
});

/** Logs on standard output, which belongs to the protocol. */
export const chatty: Mutant = (options) => ({
  ...options,
  handler: (record, context) => {
    if (record.offset === 1) process.stdout.write("handling a record\n");
    return options.handler(record, context);
  },
});
