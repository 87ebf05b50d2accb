import { PortError, type CommitOffset, type CommitResult } from "@sluice/core";

import type { Assignments } from "./assignments.ts";
import type { NativeConsumer, NativeOffset } from "./client.ts";
import { asNative, ERR, kindOf, portError } from "./errors.ts";
import { toNative } from "./offsets.ts";
import { delay, monotonic, settlesWithin } from "./timing.ts";

/** While the member's next generation or epoch is on its way, ask again this often. */
const RESEND_MS = 100;

/** These may fail for one partition of a request while its others are committed. */
const PER_PARTITION: ReadonlySet<number> = new Set([
  ERR.unknownTopicOrPartition,
  ERR.offsetMetadataTooLarge,
  ERR.topicAuthorizationFailed,
]);

/** The member may still own the partition under a generation it is about to hear of. */
const MEMBERSHIP: ReadonlySet<number> = new Set([
  ERR.illegalGeneration,
  ERR.unknownMemberId,
  ERR.rebalanceInProgress,
  ERR.staleMemberEpoch,
]);

/** One call of the client's `commit`, until its callback comes. */
interface Sent {
  readonly offsets: readonly NativeOffset[];
  /** The same partitions and offsets in any order give the same text. */
  readonly signature: string;
  /** Settles when the client is through with it, which may be long after its deadline. */
  readonly over: Promise<void>;
  /** Null when the broker acknowledged, else an error code. */
  answer(code: number | null): void;
}

interface Request {
  readonly index: number;
  readonly offset: CommitOffset;
  readonly native: NativeOffset;
  /** Of the `commit` call. */
  readonly order: number;
}

export interface CommitsOptions {
  /** False for a client that is in no group: what is refused then stays refused. */
  readonly member: boolean;
  readonly onAcknowledged: () => void;
  /** The client may have left its group, and not have been heard yet. */
  readonly mayHaveLeft?: () => boolean;
}

/**
 * Offset commits with the broker's own answer. The client's `commitCb` only says that the commit is
 * queued, and its `commitSync` stops the event loop for as long as the coordinator is away (trap
 * T10): what is left is `commit` and the consumer-wide `offset_commit_cb`, whose calls are matched
 * to their commits here.
 *
 * Of each partition the client has one commit at a time. After a lost connection it sends all that
 * are unanswered again by itself, and nothing takes one back: with 10 and 15 on their way the broker
 * would see 10, 15, 10, 15, and with 15 handed over while it waits to repeat 10, it would end at 10.
 * What is handed over meanwhile waits, the latest only (ADR 0023).
 */
export class Commits {
  readonly #client: NativeConsumer;
  readonly #assignments: Assignments;
  readonly #onAcknowledged: () => void;
  readonly #member: boolean;
  readonly #mayHaveLeft: () => boolean;
  /** In the order sent. Those whose deadline has passed stay, to take in their late callback. */
  #sent: Sent[] = [];
  #calls = 0;

  constructor(
    client: NativeConsumer,
    assignments: Assignments,
    { member, onAcknowledged, mayHaveLeft = () => false }: CommitsOptions,
  ) {
    this.#client = client;
    this.#assignments = assignments;
    this.#member = member;
    this.#onAcknowledged = onAcknowledged;
    this.#mayHaveLeft = mayHaveLeft;
  }

  /** Never rejects; one result per offset, in order. */
  async commit(offsets: readonly CommitOffset[], timeoutMs: number): Promise<CommitResult[]> {
    this.#calls += 1;
    const order = this.#calls;
    const deadline = monotonic() + timeoutMs;
    const errors: (PortError | undefined)[] = [];
    const requests: Request[] = [];
    offsets.forEach((offset, index) => {
      const holding = this.#assignments.current(offset);
      if (holding === undefined) {
        errors[index] = fenced(offset);
        return;
      }
      try {
        requests.push({ index, offset, native: toNative(offset), order });
        holding.latestCommit = order;
      } catch (error) {
        errors[index] = error as PortError;
      }
    });
    for (const [index, error] of await this.#attempt(requests, deadline)) errors[index] = error;
    return offsets.map((offset, index) => {
      const { topic, partition, epoch } = offset;
      const error = errors[index];
      const result = { topic, partition, epoch, offset: offset.offset };
      return error === undefined ? result : { ...result, error };
    });
  }

  /** The client's `offset_commit_cb`. */
  onCallback(error: Error | null | undefined, offsets: readonly NativeOffset[]): void {
    const signature = signatureOf(offsets);
    // Answers come in the order of the commits unless the client has had to send one again.
    const index = this.#sent.findIndex((sent) => sent.signature === signature);
    if (index === -1) return;
    const [sent] = this.#sent.splice(index, 1);
    const failed = error !== null && error !== undefined;
    if (!failed) this.#onAcknowledged();
    sent?.answer(failed ? asNative(error).code : null);
  }

  /** Resolves when the client has an answer to each commit that it was handed. */
  async answered(): Promise<void> {
    await Promise.all(this.#sent.map(({ over }) => over));
  }

  /** Nothing will be answered any more. */
  abandon(): void {
    for (const sent of this.#sent.splice(0)) sent.answer(ERR.transport);
  }

  /** Answers the errors by index; what is missing was acknowledged. */
  async #attempt(
    requests: readonly Request[],
    deadline: number,
  ): Promise<ReadonlyMap<number, PortError>> {
    const errors = new Map<number, PortError>();
    let open = requests;
    let last: number | undefined;
    while (open.length > 0) {
      open = open.filter((request) => {
        const reason = this.#refuse(request, last);
        if (reason !== null) errors.set(request.index, reason);
        return reason === null;
      });
      if (open.length === 0) break;
      if (this.#mayHaveLeft()) {
        // It would be sent without a member id. A moment later it is known.
        if (await comesInTime(RESEND_MS, deadline)) continue;
        for (const { index, offset } of open) errors.set(index, doubtful(offset, last));
        break;
      }
      const before = this.#unansweredOf(open);
      if (before.length > 0) {
        // Whatever has happened meanwhile, what is left of this one is looked at again.
        if (await settlesWithin(Promise.all(before), deadline - monotonic())) continue;
        for (const { index, offset } of open) errors.set(index, blocked(offset, last));
        break;
      }
      const code = await this.#send(open, deadline - monotonic());
      if (code === null) break;
      last = code;
      if (open.length > 1 && PER_PARTITION.has(code)) {
        // One code for all, though others may have been committed: ask for each by itself.
        for (const request of open) {
          for (const [index, error] of await this.#attempt([request], deadline)) {
            errors.set(index, error);
          }
        }
        break;
      }
      const mayPass = this.#member && MEMBERSHIP.has(code);
      if (!mayPass || !(await comesInTime(RESEND_MS, deadline))) {
        for (const { index, offset } of open) errors.set(index, failure(offset, code));
        break;
      }
    }
    return errors;
  }

  /** The ends of all that the client still has of these partitions. */
  #unansweredOf(requests: readonly Request[]): readonly Promise<void>[] {
    return this.#sent
      .filter(({ offsets }) =>
        offsets.some(({ topic, partition }) =>
          requests.some(({ native }) => native.topic === topic && native.partition === partition),
        ),
      )
      .map(({ over }) => over);
  }

  /** Why a commit must not be sent (again): its epoch is over, or a later commit has come. */
  #refuse({ offset, order }: Request, last: number | undefined): PortError | null {
    const holding = this.#assignments.current(offset);
    if (holding === undefined) return fenced(offset);
    if (holding.latestCommit === order) return null;
    return new PortError(`rdkafka: committing ${at(offset)}: a later commit has overtaken it`, {
      kind: "retriable",
      outcome: last === undefined ? "failed" : "unknown",
    });
  }

  /** Null when acknowledged, else the error code; `-185` when no answer came in time. */
  #send(requests: readonly Request[], timeoutMs: number): Promise<number | null> {
    const offsets = requests.map(({ native }) => native);
    return new Promise((resolve) => {
      let end = (): void => {};
      const over = new Promise<void>((done) => (end = done));
      const timer = setTimeout(() => resolve(TIMED_OUT), Math.max(0, timeoutMs));
      const answer = (code: number | null): void => {
        clearTimeout(timer);
        resolve(code);
        end();
      };
      const sent: Sent = { offsets, signature: signatureOf(offsets), over, answer };
      this.#sent.push(sent);
      try {
        this.#client.commit(offsets);
      } catch (error) {
        // Refused by the client itself: there will be no callback.
        this.#sent = this.#sent.filter((other) => other !== sent);
        answer(asNative(error).code);
      }
    });
  }
}

const TIMED_OUT = -185;

function failure(offset: CommitOffset, code: number): PortError {
  const what = `committing ${at(offset)}`;
  if (code === TIMED_OUT) {
    return new PortError(`rdkafka: ${what}: no answer from the group coordinator in time`, {
      kind: "retriable",
      outcome: "unknown",
      code,
    });
  }
  return portError(what, { code, message: `error ${code} (${kindOf(code)})` });
}

/** The client may still send the one before it, so that this one was not handed over. */
function blocked(offset: CommitOffset, last: number | undefined): PortError {
  return new PortError(
    `rdkafka: committing ${at(offset)}: the commit before it has not been answered`,
    { kind: "retriable", outcome: last === undefined ? "failed" : "unknown" },
  );
}

/** Not sent: the event loop was blocked for so long that the client may be no member any more. */
function doubtful(offset: CommitOffset, last: number | undefined): PortError {
  return new PortError(
    `rdkafka: committing ${at(offset)}: the client was not polled in time and may have left the group`,
    { kind: "retriable", outcome: last === undefined ? "failed" : "unknown" },
  );
}

/** Waits, unless the deadline comes first: then it answers false at once. */
async function comesInTime(ms: number, deadline: number): Promise<boolean> {
  if (monotonic() + ms >= deadline) return false;
  await delay(ms);
  return true;
}

function fenced(offset: CommitOffset): PortError {
  return new PortError(
    `rdkafka: committing ${at(offset)}: epoch ${offset.epoch} of this partition is over`,
    { kind: "fenced", outcome: "failed" },
  );
}

function at({ topic, partition, offset }: CommitOffset): string {
  return `${topic}-${partition}@${offset}`;
}

function signatureOf(offsets: readonly NativeOffset[]): string {
  return offsets
    .map(({ topic, partition, offset }) => `${topic}\0${partition}\0${offset}`)
    .sort()
    .join("\n");
}
