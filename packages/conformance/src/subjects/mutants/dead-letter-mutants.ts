import type { Sent } from "@sluice/core";
import { RetryableError } from "@sluice/runtime";
import type { Mutant } from "./mutant.ts";
import { tapProducer } from "./port-tap.ts";

/** M19: a dead letter counts when it is handed to the client, not when brokers have it. */
export const settlesBeforeAck: Mutant = (options) =>
  tapProducer(options, (port) => ({
    send: (record) => {
      port.send(record).catch(() => {});
      return Promise.resolve(UNKNOWN);
    },
  }));

const PATIENCE_MS = 50;

/** M20b: the client goes on sending a dead letter that nobody acknowledges, and the record is let go. */
export const goesOnWithoutAck: Mutant = (options) =>
  tapProducer(options, (port) => ({
    send: (record) => {
      const sent = port.send(record);
      sent.catch(() => {});
      return Promise.race([sent, after(PATIENCE_MS)]);
    },
  }));

const QUEUED_MS = 2_000;

/** A dead letter counts when it is queued; who crashes before the queue is written forgets it. */
export const queuesDeadLetters: Mutant = (options) =>
  tapProducer(options, (port) => ({
    send: (record) => {
      setTimeout(() => void port.send(record).catch(() => {}), QUEUED_MS).unref();
      return Promise.resolve(UNKNOWN);
    },
  }));

/** M21: tries again what no repetition can mend. */
export const retriesPoison: Mutant = (options) => ({
  ...options,
  handler: async (record, context) => {
    try {
      return await options.handler(record, context);
    } catch (error) {
      throw new RetryableError(error instanceof Error ? error.message : String(error));
    }
  },
});

/** Nobody has said where it is. */
const UNKNOWN: Sent = { offset: 0 };

function after(ms: number): Promise<Sent> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(UNKNOWN), ms).unref();
  });
}
