import type { KafkaRecord } from "@sluice/core";
import { setTimeout as sleep } from "node:timers/promises";
import type { Mutant } from "./mutant.ts";

const LOOK_MS = 20;

/** M15b: takes a delay for a time of day, and looks at the wall clock until it has come. */
export const wallClockRetry: Mutant = (options, { retry: { backoffMs } }) => {
  const due = new Map<string, number>();
  return {
    ...options,
    retry: { ...options.retry, backoff: { type: "fixed", delayMs: 1, jitter: "none" } },
    handler: async (record, context) => {
      while (Date.now() < (due.get(place(record)) ?? 0)) await sleep(LOOK_MS);
      try {
        return await options.handler(record, context);
      } catch (error) {
        due.set(place(record), Date.now() + backoffMs);
        throw error;
      }
    },
  };
};

function place({ topic, partition, offset }: KafkaRecord): string {
  return `${topic}-${partition}@${offset}`;
}
