import type { EngineNotice, Logger } from "@sluice/core";
import type { ConsumerEventMap } from "./consumer-options.ts";
import type { Emitter } from "./emitter.ts";
import type { Health } from "./health.ts";

export interface Publishing {
  readonly emitter: Emitter<ConsumerEventMap>;
  readonly logger: Logger;
  readonly health: Health;
  readonly stallAfterMs: number;
  readonly now: number;
  /** Where the dead letter that is being acknowledged was written. */
  readonly writtenTo: ConsumerEventMap["deadLetter"]["to"] | null;
}

/** Tells the user what the engine noticed: as an event, in the log, in the health report. */
export function publishNotice(notice: EngineNotice, to: Publishing): void {
  const { emitter, logger, health, now } = to;
  switch (notice.type) {
    case "retry-scheduled": {
      const { attempt, at, error } = notice;
      const payload = { ...where(notice), attempt, delayMs: Math.max(0, at - now), error };
      logger.debug(`attempt ${attempt} at ${name(notice)} failed and will be repeated`, payload);
      emitter.emit("retry", payload);
      return;
    }
    case "dead-lettered": {
      const { attempts, cause } = notice;
      health.cured("dead letters");
      if (to.writtenTo === null) return;
      const reason = `${cause.reason}: ${cause.error.message}`;
      const payload = { ...where(notice), attempts, reason, to: to.writtenTo };
      logger.warn(`${name(notice)} became a dead letter`, payload);
      emitter.emit("deadLetter", payload);
      return;
    }
    case "dead-letter-failed": {
      const { error, retryAt } = notice;
      const payload = { ...where(notice), error, retryInMs: Math.max(0, retryAt - now) };
      const text = `the dead letter of ${name(notice)} could not be written: ${error}`;
      // The next attempt may take as long as a delivery; until then nothing says it is mended.
      health.degraded("dead letters", text, retryAt + 120_000);
      logger.error(text, payload);
      emitter.emit("deadLetterFailed", payload);
      return;
    }
    case "skipped":
      logger.info(`${name(notice)} was skipped: ${notice.reason}`, where(notice));
      emitter.emit("skipped", { ...where(notice), reason: notice.reason });
      return;
    case "stale-completion":
      logger.info(`a handler finished ${name(notice)} too late; its result is dropped`, {
        ...where(notice),
      });
      emitter.emit("staleCompletion", where(notice));
      return;
    case "stalled": {
      const { runningMs, attempt } = notice;
      const text = `the handler has been at ${name(notice)} for ${runningMs} ms (attempt ${attempt})`;
      // Stated again each `stallAfterMs` while it lasts.
      health.degraded(`stalled ${name(notice)}`, text, now + 2 * to.stallAfterMs);
      logger.warn(text, { ...where(notice), runningMs, attempt });
      emitter.emit("stalled", { ...where(notice), runningMs, attempt });
      return;
    }
    case "committed":
      health.cured("commits");
      emitter.emit("committed", { offsets: notice.offsets });
      return;
    case "commit-failed": {
      const { offsets, error } = notice;
      // A partition that has moved on meanwhile is committed by its new owner: nothing here would cure it.
      health.degraded("commits", `offsets could not be committed: ${error}`, now + 30_000);
      logger.warn(`offsets could not be committed: ${error}`, { offsets });
      emitter.emit("commitFailed", { offsets, error });
      return;
    }
    case "offset-out-of-range": {
      const { partition, committed, startAt } = notice;
      const { topic, partition: number } = partition;
      logger.warn(
        `the committed offset ${committed} of ${topic}-${number} is outside its log; starting at ${startAt}`,
      );
      emitter.emit("offsetOutOfRange", { topic, partition: number, committed, startAt });
      return;
    }
  }
}

type At = { topic: string; partition: number; offset: number; epoch: number };

function where({ topic, partition, offset, epoch }: At): At {
  return { topic, partition, offset, epoch };
}

function name({ topic, partition, offset }: At): string {
  return `${topic}-${partition}@${offset}`;
}
