import { PortError, type AssignedPartition, type ConsumerEvents, type Logger } from "@sluice/core";

import { describe, named, type Assignments, type Holding } from "./assignments.ts";
import { call, type NativeConsumer, type NativePartition } from "./client.ts";
import { asNative, ERR } from "./errors.ts";
import type { OffsetReader } from "./offset-reader.ts";
import { isOffset } from "./offsets.ts";
import type { Pausing } from "./pausing.ts";
import type { PollLoop } from "./poll-loop.ts";
import { delay, monotonic, settlesWithin, unlessAborted } from "./timing.ts";

const READ_TIMEOUT_MS = 5000;
const READ_RETRY_MS = 250;
const SEEK_TIMEOUT_MS = 1000;
const SEEK_RETRY_MS = 250;
/** librdkafka's name for "the committed offset". */
const STORED = -1000;
/** How often a drain looks whether the member has been thrown out meanwhile. */
const LOST_CHECK_MS = 200;
/** Between the deadline that the port's user is told and its end: their timers race. */
export const GRACE_MS = 500;

export interface RebalancerParts {
  readonly client: NativeConsumer;
  readonly loop: PollLoop;
  readonly reader: OffsetReader;
  readonly assignments: Assignments;
  readonly pausing: Pausing;
  readonly events: ConsumerEvents;
  readonly logger: Logger;
  /** Only what moves is named in a rebalance (cooperative-sticky, KIP-848), or everything. */
  readonly incremental: boolean;
  /** Longest drain granted, milliseconds. */
  readonly deadlineMs: number;
  /** The client was left alone for longer than it stays in its group. */
  readonly mayHaveLeft: () => boolean;
  /** An assignment cannot be begun, now or ever. */
  readonly onBroken: (error: PortError) => void;
}

/**
 * Turns the client's rebalance callback into awaited `assigned` and `revoked`, and `lost`. The
 * client gives nothing up and takes nothing over until it is answered with (un)assign, so every
 * callback is answered, an empty one too, whatever happens in between: an unanswered one would make
 * `disconnect` hang for ever (trap T11). The poll loop goes on meanwhile; `max.poll.interval.ms`
 * counts from its calls.
 */
export class Rebalancer {
  readonly #parts: RebalancerParts;
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Drains end, and start offsets are no longer looked for. */
  readonly #hurry = new AbortController();
  #closing = false;
  #drainUntil = Infinity;
  #closingDrain: Promise<void> = Promise.resolve();
  #detached = false;

  constructor(parts: RebalancerParts) {
    this.#parts = parts;
  }

  /** The client's `rebalance_cb`. */
  onRebalance(
    error: { code: number; message: string },
    partitions: readonly NativePartition[],
  ): void {
    const { client, logger, mayHaveLeft } = this.#parts;
    const assigning = error.code === ERR.assignPartitions;
    if (!assigning && error.code !== ERR.revokePartitions) {
      logger.error(`rebalance failed: ${error.message}`, { code: error.code });
    }
    // Only true inside this callback for the revocation at hand, and not at all for one that waited
    // to be heard when the client left the group for want of a poll.
    const gone = (): boolean => client.assignmentLost() || mayHaveLeft();
    const lost = !assigning && (error.code !== ERR.revokePartitions || gone());
    if (this.#detached) {
      this.#answer(assigning, partitions, []);
      return;
    }
    void this.#enqueue(() =>
      assigning ? this.#assign(partitions) : this.#revoke(partitions, lost),
    );
  }

  get idle(): boolean {
    return this.#pending === 0;
  }

  /**
   * Drains what is held, without waiting for the client to revoke it: with a rebalance under way it
   * may take long to come to that. What it revokes afterwards it gets back without a word, and what
   * it still assigns is taken without one. Takes at most `drainMs` and {@link GRACE_MS}.
   */
  async close(drainMs: number): Promise<void> {
    this.#closing = true;
    this.#drainUntil = monotonic() + drainMs;
    const timer = setTimeout(() => this.#hurry.abort(), drainMs + GRACE_MS);
    this.#closingDrain = this.#drainForGood();
    await Promise.all([this.#tail, this.#closingDrain]);
    // What became active in the last moment before.
    await this.#drainForGood();
    clearTimeout(timer);
    this.#hurry.abort();
  }

  /** The poll loop has stopped: answer at once, from inside the callback. */
  detach(): void {
    this.#detached = true;
  }

  /** Tells the port that everything is gone. The client, which may not know, is not asked. */
  disown(): void {
    this.#lose(this.#parts.assignments.all());
  }

  /** Of what is being drained, tells the port that it is gone. The drains end. */
  disownDraining(): void {
    this.#lose(this.#parts.assignments.all().filter(({ state }) => state === "revoking"));
  }

  /** Announces anew what was disowned although the client still holds it. */
  readopt(): Promise<void> {
    return this.#enqueue(() => this.#readopt());
  }

  async #assign(partitions: readonly NativePartition[]): Promise<void> {
    const { assignments, loop, logger } = this.#parts;
    const holdings = assignments.begin(partitions);
    const starts = partitions.length === 0 ? [] : await this.#announce(holdings);
    await loop.between(() => {
      this.#answer(true, partitions, starts ?? []);
      this.#settle(holdings, starts);
    });
    if (partitions.length > 0) logger.info(`assigned ${describe(partitions)}`);
  }

  /**
   * Partitions that were disowned although the client kept them come back under a new epoch, with a
   * seek in place of an assignment.
   */
  async #readopt(): Promise<void> {
    const { assignments, loop, logger } = this.#parts;
    const kept = assignments.all().filter(({ state }) => state === "disowned");
    if (kept.length === 0 || this.#closing) return;
    const holdings = assignments.begin(kept);
    const starts = await this.#announce(holdings);
    // Paused, and not passed on, until every one stands where it should: from a position that was
    // left in place the records before it would be missing without a trace.
    let standing = starts;
    while (standing !== null && !(await loop.between(() => this.#seek(holdings, standing ?? [])))) {
      await delay(SEEK_RETRY_MS, this.#hurry.signal);
      // A rebalance waits behind this: it may take them away, and else they are tried again.
      if (this.#closing || this.#pending > 1) standing = null;
    }
    await loop.between(() => {
      if (standing === null) this.#lose(holdings);
      this.#settle(holdings, standing);
    });
    if (starts !== null && standing === null && !this.#closing) void this.readopt();
    if (standing !== null) logger.info(`took back ${describe(holdings)}`);
  }

  /** @returns false when it should be tried again */
  async #seek(holdings: readonly Holding[], starts: readonly number[]): Promise<boolean> {
    const { client, logger } = this.#parts;
    try {
      for (const [index, { topic, partition }] of holdings.entries()) {
        const offset = starts[index] ?? STORED;
        await call((done) => client.seek({ topic, partition, offset }, SEEK_TIMEOUT_MS, done));
      }
      return true;
    } catch (error) {
      logger.warn(`seek refused, trying again: ${asNative(error).message}`);
      return false;
    }
  }

  /** Start offsets from the port's user; null when there is nobody left to give them. */
  async #announce(holdings: readonly Holding[]): Promise<readonly number[] | null> {
    const { events, onBroken } = this.#parts;
    const partitions = await this.#read(holdings);
    if (partitions === null) return null;
    for (const holding of holdings) holding.state = "starting";
    try {
      // Closing does not wait for a user who does not answer.
      const answer = await unlessAborted(events.assigned({ partitions }), this.#hurry.signal);
      if (Array.isArray(answer) && answer.length === holdings.length && answer.every(isOffset)) {
        return answer;
      }
      if (this.#hurry.signal.aborted) return null;
      throw new TypeError(`there is no start offset for each of ${describe(holdings)}`);
    } catch (error) {
      const message = `assigned failed: ${asNative(error).message}`;
      onBroken(new PortError(message, { kind: "fatal", outcome: "failed", cause: error }));
      return null;
    }
  }

  /** Where the partitions stand. Goes on trying: a partition cannot be begun without knowing. */
  async #read(holdings: readonly Holding[]): Promise<readonly AssignedPartition[] | null> {
    const { reader, logger, client } = this.#parts;
    while (!this.#closing) {
      try {
        const partitions = await reader.assigned(holdings, READ_TIMEOUT_MS);
        return this.#closing ? null : partitions;
      } catch (error) {
        // Not the broker's trouble, and no better next time.
        if (error instanceof PortError) {
          this.#parts.onBroken(error);
          return null;
        }
        const { code, message } = asNative(error);
        // Thrown out before it began: the revocation that says so waits for this answer.
        if (code === ERR.unknownMemberId || client.assignmentLost()) return null;
        logger.warn(`start offsets of ${describe(holdings)} not read, trying again: ${message}`);
        await delay(READ_RETRY_MS, this.#hurry.signal);
      }
    }
    return null;
  }

  /** After the client has been given the partitions: with starts records flow, without they do not. */
  #settle(holdings: readonly Holding[], starts: readonly number[] | null): void {
    // Answered too late for records to flow before the close: there is nothing to drain either.
    if (this.#closing) this.#lose(holdings);
    const flows = starts !== null && !this.#closing;
    holdings.forEach((holding, index) => {
      // Not if it was lost while its start was being asked for.
      holding.state = flows && holding.state === "starting" ? "active" : "disowned";
      holding.position = starts?.[index] ?? -1;
    });
    this.#parts.pausing.apply(holdings);
  }

  async #revoke(partitions: readonly NativePartition[], lost: boolean): Promise<void> {
    const { assignments, loop, logger } = this.#parts;
    const holdings = assignments.of(partitions);
    if (lost) this.#lose(holdings);
    else await this.#closingDrain;
    const announced = holdings.filter(({ state }) => state !== "disowned");
    if (announced.length > 0) await this.#drain(announced);
    await loop.between(() => {
      assignments.end(holdings);
      this.#answer(false, partitions, []);
    });
    if (partitions.length > 0) logger.info(`${lost ? "lost" : "revoked"} ${describe(partitions)}`);
  }

  async #drainForGood(): Promise<void> {
    const holdings = this.#parts.assignments.all().filter(({ state }) => state === "active");
    if (holdings.length === 0) return;
    await this.#drain(holdings);
    for (const holding of holdings) holding.state = "disowned";
  }

  /** Resolves when the port's user has let go, was thrown out, or has no time left. */
  async #drain(holdings: readonly Holding[]): Promise<void> {
    const { client, events, logger, pausing } = this.#parts;
    const left = Math.max(0, Math.round(this.#drainUntil - monotonic()));
    const deadlineMs = Math.min(this.#parts.deadlineMs, left);
    for (const holding of holdings) holding.state = "revoking";
    // Nothing more is passed on, so nothing more need be fetched for the length of the drain.
    pausing.apply(holdings);
    const done = events.revoked({ partitions: named(holdings), deadlineMs });
    const thrownOut = new AbortController();
    const stop = AbortSignal.any([thrownOut.signal, this.#hurry.signal]);
    const watch = setInterval(() => {
      const told = holdings.every(({ state }) => state === "disowned");
      if (told || client.assignmentLost()) thrownOut.abort();
    }, LOST_CHECK_MS);
    try {
      if (await settlesWithin(done, deadlineMs + GRACE_MS, stop)) return;
    } finally {
      clearInterval(watch);
      done.catch((error: unknown) => {
        logger.error(`revoked rejected: ${asNative(error).message}`);
      });
    }
    // Thrown out in mid-drain, or out of time: either way nothing is committed any more, and who
    // still drains must hear of it.
    if (!thrownOut.signal.aborted) {
      logger.warn(`drain of ${describe(holdings)} did not end in time; giving it up all the same`);
    }
    this.#lose(holdings);
  }

  #lose(holdings: readonly Holding[]): void {
    const { events, pausing } = this.#parts;
    const announced = holdings.filter(({ state }) => state !== "disowned");
    if (announced.length === 0) return;
    for (const holding of announced) holding.state = "disowned";
    pausing.apply(announced);
    events.lost(named(announced));
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#pending += 1;
    this.#tail = this.#tail
      .then(work)
      .catch((error: unknown) => {
        this.#parts.logger.error(`rebalance failed: ${asNative(error).message}`);
      })
      .finally(() => {
        this.#pending -= 1;
      });
    return this.#tail;
  }

  /** While no `consume` is under way, or from inside the callback once the loop has stopped. */
  #answer(
    assigning: boolean,
    partitions: readonly NativePartition[],
    starts: readonly number[],
  ): void {
    const { client, incremental, logger } = this.#parts;
    const list = partitions.map(({ topic, partition }, index) => ({
      topic,
      partition,
      offset: starts[index] ?? STORED,
    }));
    try {
      if (assigning && incremental) client.incrementalAssign(list);
      else if (assigning) client.assign(list);
      else if (incremental) client.incrementalUnassign(list);
      else client.unassign();
    } catch (error) {
      // Happens when the client died or was closed meanwhile: there is nothing left to answer.
      logger.warn(`${assigning ? "assign" : "unassign"} refused: ${asNative(error).message}`);
    }
  }
}
