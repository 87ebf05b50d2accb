import type { CommitOffset, CommitResult } from "@sluice/core";
import { PortError } from "@sluice/core";
import type { Assignment, Membership } from "./assignment.ts";
import { keyOf } from "./assignment.ts";
import { NoAnswer } from "./coordinator.ts";
import { errorOfCode, toPortError } from "./errors.ts";
import type { GroupHooks } from "./group-hooks.ts";
import type { ResponseOf } from "./internals.ts";
import { byTopic } from "./log-offsets.ts";
import { toDecimal } from "./offsets.ts";

/** `offset.metadata.max.bytes` as brokers have it by default. */
export const MAX_METADATA_BYTES = 4096;

const REQUEST_TIMED_OUT = 7;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;

/**
 * Commits by a request of our own, never by `consumer.commitOffsets`: that one resolves without
 * having committed once kafkajs is stopping (T14), and takes whatever generation is current, so
 * that what one assignment has done would be committed in the name of the next.
 *
 * A commit that a later one of the same partition has overtaken is not sent again: a lost connection
 * leaves both unanswered, and brokers keep whatever comes last (ADR 0023). On one connection the
 * broker keeps their order, so the later one need not wait.
 */
export class Commits {
  readonly #group: string;
  readonly #assignment: Assignment;
  readonly #hooks: GroupHooks;
  readonly #inFlight = new Set<InFlight>();

  constructor(group: string, assignment: Assignment, hooks: GroupHooks) {
    this.#group = group;
    this.#assignment = assignment;
    this.#hooks = hooks;
  }

  /** One result for each offset, in order; never rejects. */
  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    const errors = new Map<CommitOffset, PortError>();
    const ready: Ready[] = [];
    for (const offset of offsets) {
      try {
        ready.push(this.#check(offset));
      } catch (thrown) {
        errors.set(offset, toPortError(thrown, "committing", "failed"));
      }
    }
    // All that is held belongs to one membership, but for the moment between two.
    const memberships = new Set(ready.map(({ membership }) => membership));
    await Promise.all(
      [...memberships].map((membership) => {
        const own = ready.filter((one) => one.membership === membership);
        return this.#send(membership, own, timeoutMs, errors);
      }),
    );
    return offsets.map((of) => {
      const { topic, partition, epoch, offset } = of;
      const error = errors.get(of);
      return { topic, partition, epoch, offset, ...(error === undefined ? {} : { error }) };
    });
  }

  /** @throws PortError for what must not be sent */
  #check(of: CommitOffset): Ready {
    const where = keyOf(of.topic, of.partition);
    const held = this.#assignment.get(of);
    if (held === undefined || held.epoch !== of.epoch) {
      // T06: the broker would accept it.
      throw new PortError(`${where}: epoch ${of.epoch} is not held any more`, {
        kind: "fenced",
        outcome: "failed",
      });
    }
    const metadata = of.metadata ?? "";
    if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) {
      throw new PortError(
        `${where}: ${Buffer.byteLength(metadata)} bytes of commit metadata, at most ${MAX_METADATA_BYTES}`,
        { kind: "metadata-too-large", outcome: "failed", code: 12 },
      );
    }
    const decimal = toDecimal(of.offset, where);
    return {
      of,
      topic: of.topic,
      partition: of.partition,
      decimal,
      metadata,
      membership: held.membership,
    };
  }

  async #send(
    membership: Membership,
    ready: readonly Ready[],
    timeoutMs: number,
    errors: Map<CommitOffset, PortError>,
  ): Promise<void> {
    const args = {
      groupId: this.#group,
      groupGenerationId: membership.generation,
      memberId: membership.memberId,
      topics: byTopic(ready, ({ partition, decimal, metadata }) => ({
        partition,
        offset: decimal,
        metadata,
      })),
    };
    const keys = new Set(ready.map(({ topic, partition }) => keyOf(topic, partition)));
    for (const earlier of this.#inFlight) {
      if ([...keys].some((key) => earlier.keys.has(key))) earlier.overtaken.abort();
    }
    const inFlight = { keys, overtaken: new AbortController() };
    this.#inFlight.add(inFlight);
    let response: ResponseOf<"OffsetCommit">;
    try {
      const { coordinator } = this.#hooks;
      const { signal } = inFlight.overtaken;
      response = await coordinator.send("OffsetCommit", args, firstCode, timeoutMs, signal);
    } catch (thrown) {
      const mayHaveArrived = !(thrown instanceof NoAnswer) || thrown.mayHaveArrived;
      const outcome = mayHaveArrived ? "unknown" : "failed";
      const error =
        thrown instanceof NoAnswer
          ? new PortError(thrown.message, { kind: "retriable", outcome, cause: thrown })
          : toPortError(thrown, "committing", outcome);
      for (const { of } of ready) errors.set(of, error);
      return;
    } finally {
      this.#inFlight.delete(inFlight);
    }
    const codes = new Map<string, number>();
    for (const { topic, partitions } of response.responses) {
      for (const { partition, errorCode } of partitions)
        codes.set(keyOf(topic, partition), errorCode);
    }
    for (const { of } of ready) {
      const where = keyOf(of.topic, of.partition);
      const code = codes.get(where);
      if (code === 0) continue;
      errors.set(of, code === undefined ? unanswered(where) : refused(where, code));
    }
    this.#learn(membership, new Set(codes.values()));
  }

  /** What the answers say about the membership. */
  #learn(membership: Membership, codes: ReadonlySet<number>): void {
    if (codes.has(UNKNOWN_MEMBER_ID)) this.#hooks.refused(membership, false);
    else if (codes.has(ILLEGAL_GENERATION)) this.#hooks.refused(membership, true);
    else if (codes.has(0)) this.#hooks.confirmed(membership);
  }
}

interface InFlight {
  readonly keys: ReadonlySet<string>;
  /** Fires when a later commit of one of these partitions has come. */
  readonly overtaken: AbortController;
}

interface Ready {
  readonly of: CommitOffset;
  readonly topic: string;
  readonly partition: number;
  readonly decimal: string;
  readonly metadata: string;
  readonly membership: Membership;
}

function firstCode({ responses }: ResponseOf<"OffsetCommit">): number {
  return responses[0]?.partitions[0]?.errorCode ?? 0;
}

function refused(where: string, code: number): PortError {
  // The coordinator gave up waiting for its replicas; they may have it all the same.
  const outcome = code === REQUEST_TIMED_OUT ? "unknown" : "failed";
  return errorOfCode(code, `committing ${where}`, outcome);
}

function unanswered(where: string): PortError {
  return new PortError(`committing ${where}: the broker's answer leaves it out`, {
    kind: "retriable",
    outcome: "unknown",
  });
}
