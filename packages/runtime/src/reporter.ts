import type { EngineNotice, EpochPartition, Logger, TopicPartition } from "@sluice/core";
import type { ConsumerEventMap } from "./consumer-options.ts";
import { Emitter } from "./emitter.ts";
import { Health } from "./health.ts";
import { keyOf, listOf, plain } from "./partitions.ts";

type At = { topic: string; partition: number; offset: number; epoch: number };

/** Tells the user what happens: as an event, in the log, in the health report. */
export class Reporter {
  readonly emitter: Emitter<ConsumerEventMap>;
  readonly health: Health = new Health();
  readonly #logger: Logger;
  readonly #stallAfterMs: number;
  /** Why partitions are paused that nobody has resumed since, by partition, held here or not. */
  readonly #unsupported = new Map<string, string>();

  constructor(logger: Logger, stallAfterMs: number) {
    this.emitter = new Emitter(logger);
    this.#logger = logger;
    this.#stallAfterMs = stallAfterMs;
  }

  assigned(partitions: readonly EpochPartition[], starts: readonly number[]): void {
    this.#logger.info(`assigned ${listOf(partitions)}`);
    // It comes back paused, and no record is tried that would say why.
    for (const key of partitions.map(keyOf)) {
      const text = this.#unsupported.get(key);
      if (text !== undefined) this.health.degraded(`unsupported ${key}`, text);
    }
    this.emitter.emit("assigned", {
      partitions: plain(partitions).map((of, i) => ({ ...of, startAt: starts[i] ?? 0 })),
    });
  }

  revoking(partitions: readonly EpochPartition[], deadlineMs: number): void {
    this.#logger.info(`giving up ${listOf(partitions)} within ${deadlineMs} ms`);
    this.emitter.emit("revoking", { partitions: plain(partitions), deadlineMs });
  }

  revoked(partitions: readonly EpochPartition[]): void {
    this.#cureUnsupported(partitions);
    this.#logger.info(`gave up ${listOf(partitions)}`);
    this.emitter.emit("revoked", { partitions: plain(partitions) });
  }

  lost(partitions: readonly EpochPartition[]): void {
    this.#cureUnsupported(partitions);
    this.#logger.warn(`lost ${listOf(partitions)}`);
    this.emitter.emit("lost", { partitions: plain(partitions) });
  }

  /** The partition was paused over a record that this version cannot handle. */
  unsupported(at: TopicPartition, error: Error): void {
    const text =
      `${keyOf(at)} is paused: ${error.message}; without a dead letter topic it cannot be set ` +
      `aside. Resume the partition to try again`;
    this.#unsupported.set(keyOf(at), text);
    this.health.degraded(`unsupported ${keyOf(at)}`, text);
    this.#logger.error(text);
  }

  /** These are not paused any more. */
  resumed(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#unsupported.delete(keyOf(partition));
    this.#cureUnsupported(partitions);
  }

  interrupted(error: Error): void {
    const text = `the client is down and comes back: ${error.message}`;
    this.health.degraded("client", text);
    this.#logger.warn(text, { error });
    this.emitter.emit("down", { error, willRestart: true });
  }

  failed(error: Error): void {
    this.health.cured("client");
    this.health.degraded("failed", error.message);
    this.#logger.error(`the consumer has failed: ${error.message}`, { error });
    this.emitter.emit("down", { error, willRestart: false });
  }

  stopped(clean: boolean): void {
    this.#logger.info(clean ? "stopped" : "stopped with work unfinished");
  }

  notDelivering(at: TopicPartition, position: number, end: number, idleMs: number): void {
    const name = keyOf(at);
    const text = `${name} delivers nothing: position ${position}, log end ${end}, quiet for ${idleMs} ms`;
    this.health.degraded(`delivery ${name}`, text);
    this.#logger.warn(text);
    this.emitter.emit("notDelivering", { ...at, position, end, idleMs });
  }

  deliveringAgain(at: TopicPartition): void {
    this.health.cured(`delivery ${keyOf(at)}`);
  }

  /** @param writtenTo where the dead letter that is being acknowledged was written */
  notice(
    notice: EngineNotice,
    now: number,
    writtenTo: ConsumerEventMap["deadLetter"]["to"] | null,
  ): void {
    switch (notice.type) {
      case "retry-scheduled": {
        const { attempt, at, error } = notice;
        const payload = { ...where(notice), attempt, delayMs: Math.max(0, at - now), error };
        this.#logger.debug(`attempt ${attempt} at ${nameOf(notice)} failed: ${error}`, payload);
        this.emitter.emit("retry", payload);
        return;
      }
      case "dead-lettered": {
        const { attempts, cause } = notice;
        this.health.cured(`dead letter ${nameOf(notice)}`);
        if (writtenTo === null) return;
        const reason = `${cause.reason}: ${cause.error.message}`;
        const payload = { ...where(notice), attempts, reason, to: writtenTo };
        this.#logger.warn(`${nameOf(notice)} became a dead letter: ${reason}`, payload);
        this.emitter.emit("deadLetter", payload);
        return;
      }
      case "dead-letter-failed": {
        const { error, retryAt } = notice;
        const payload = { ...where(notice), error, retryInMs: Math.max(0, retryAt - now) };
        const text = `the dead letter of ${nameOf(notice)} could not be written: ${error}`;
        // Stated again by the next failure, which may take as long as a delivery.
        this.health.degraded(`dead letter ${nameOf(notice)}`, text, retryAt + LONG_DELIVERY_MS);
        this.#logger.error(text, payload);
        this.emitter.emit("deadLetterFailed", payload);
        return;
      }
      case "skipped":
        this.#logger.info(`${nameOf(notice)} was skipped: ${notice.reason}`);
        this.emitter.emit("skipped", { ...where(notice), reason: notice.reason });
        return;
      case "stale-completion":
        this.#logger.info(`${nameOf(notice)} was finished too late; its result is dropped`);
        this.emitter.emit("staleCompletion", where(notice));
        return;
      case "stalled": {
        const { runningMs, attempt, records } = notice;
        const text = `the handler has been at ${manyOf(notice)} for ${runningMs} ms (attempt ${attempt})`;
        // Stated again each `stallAfterMs` while it lasts.
        this.health.degraded(`stalled ${nameOf(notice)}`, text, now + 2 * this.#stallAfterMs);
        this.#logger.warn(text);
        this.emitter.emit("stalled", { ...where(notice), runningMs, attempt, records });
        return;
      }
      case "timed-out": {
        const { runningMs, attempt, records } = notice;
        this.#logger.warn(
          `attempt ${attempt} at ${manyOf(notice)} has failed: the handler has not returned after ${runningMs} ms`,
        );
        this.emitter.emit("timedOut", { ...where(notice), runningMs, attempt, records });
        return;
      }
      case "committed":
        this.health.cured("commits");
        this.emitter.emit("committed", { offsets: notice.offsets });
        return;
      case "commit-failed": {
        const { offsets, error } = notice;
        const text = `offsets could not be committed: ${error}`;
        // What has moved on meanwhile is committed by its new owner: nothing here would cure it.
        this.health.degraded("commits", text, now + COMMIT_TROUBLE_MS);
        this.#logger.warn(text, { offsets });
        this.emitter.emit("commitFailed", { offsets, error });
        return;
      }
      case "metadata-rejected": {
        const { topic, partition } = notice.partition;
        this.#logger.warn(
          `the metadata committed at ${topic}-${partition}@${notice.committed} cannot be used (${notice.reason}); ` +
            "what an earlier owner finished above it is done again",
        );
        return;
      }
      case "offset-out-of-range": {
        const { committed, startAt } = notice;
        const { topic, partition } = notice.partition;
        this.#logger.warn(
          `the committed offset ${committed} of ${topic}-${partition} is outside its log; starting at ${startAt}`,
        );
        this.emitter.emit("offsetOutOfRange", { topic, partition, committed, startAt });
        return;
      }
    }
  }

  #cureUnsupported(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.health.cured(`unsupported ${keyOf(partition)}`);
  }
}

const LONG_DELIVERY_MS = 120_000;
const COMMIT_TROUBLE_MS = 30_000;

function where({ topic, partition, offset, epoch }: At): At {
  return { topic, partition, offset, epoch };
}

function manyOf(notice: At & { records: number }): string {
  const others = notice.records === 1 ? "" : ` and ${notice.records - 1} more`;
  return `${nameOf(notice)}${others}`;
}

function nameOf({ topic, partition, offset }: At): string {
  return `${topic}-${partition}@${offset}`;
}
