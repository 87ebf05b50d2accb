import type { TopicPartition } from "@sluice/core";
import type { Time, Timer } from "@sluice/runtime/internals";
import { keyOf } from "../partition-key.ts";
import { assign } from "./assign.ts";
import type { GroupSettings } from "./classic-group.ts";
import { ERROR } from "./error-code.ts";
import { SessionTimers } from "./session-timers.ts";

export interface ConsumerHeartbeat {
  readonly memberId: string;
  readonly clientId: string;
  /** 0 joins, -1 leaves. */
  readonly memberEpoch: number;
  /** Given with a join. */
  readonly topics: readonly string[];
  /** What the member holds now; null when that has not changed since its last heartbeat. */
  readonly owned: readonly TopicPartition[] | null;
  /** The member may have missed an answer: it is told everything. */
  readonly full: boolean;
}

export interface ConsumerHeartbeatAnswer {
  readonly error: number;
  readonly memberEpoch: number;
  /** Everything the member may hold now; null when that has not changed. */
  readonly assignment: readonly TopicPartition[] | null;
}

/** The coordinator of a KIP-848 group: each member is led to its target by its own heartbeats. */
export class ConsumerGroup {
  readonly #time: Time;
  readonly #settings: GroupSettings;
  readonly #partitionsOf: (topics: readonly string[]) => readonly TopicPartition[];
  readonly #members = new Map<string, Member>();
  readonly #sessions: SessionTimers;
  #groupEpoch = 0;
  #rotation = 0;

  constructor(
    time: Time,
    settings: GroupSettings,
    partitionsOf: (topics: readonly string[]) => readonly TopicPartition[],
  ) {
    this.#time = time;
    this.#settings = settings;
    this.#partitionsOf = partitionsOf;
    this.#sessions = new SessionTimers(time, (memberId) => {
      settings.onExpired?.();
      this.#expire(memberId);
    });
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Everybody has what the target gives it. */
  get isStable(): boolean {
    return [...this.#members.values()].every(
      (member) =>
        member.epoch === this.#groupEpoch &&
        member.revoking.size === 0 &&
        sameKeys(member.assigned, member.target),
    );
  }

  heartbeat(request: ConsumerHeartbeat): ConsumerHeartbeatAnswer {
    const { memberId, clientId, memberEpoch, topics, owned } = request;
    if (memberEpoch === -1) {
      this.#expire(memberId);
      return { error: ERROR.none, memberEpoch: -1, assignment: null };
    }
    let member = this.#members.get(memberId);
    if (memberEpoch === 0) {
      // A member that joins again holds nothing any more.
      if (member !== undefined) this.#forget(memberId);
      member = {
        clientId,
        topics,
        epoch: 0,
        previousEpoch: -1,
        target: new Map(),
        assigned: new Map(),
        revoking: new Map(),
        told: "never",
        revocationTimer: undefined,
      };
      this.#members.set(memberId, member);
      this.#deal(false);
    } else if (member === undefined) {
      return { error: ERROR.unknownMemberId, memberEpoch: -1, assignment: null };
    } else if (memberEpoch !== member.epoch && !isRepeat(member, memberEpoch, owned)) {
      return { error: ERROR.fencedMemberEpoch, memberEpoch: -1, assignment: null };
    }
    this.#sessions.renew(memberId, this.#settings.sessionTimeoutMs);
    this.#reconcile(memberId, member, owned);
    const now = [...member.assigned.keys()].sort().join();
    const news = now !== member.told || request.full;
    member.told = now;
    return {
      error: ERROR.none,
      memberEpoch: member.epoch,
      assignment: news ? [...member.assigned.values()] : null,
    };
  }

  commitError(memberId: string, memberEpoch: number): number {
    const member = this.#members.get(memberId);
    if (member === undefined) return ERROR.unknownMemberId;
    return member.epoch === memberEpoch ? ERROR.none : ERROR.staleMemberEpoch;
  }

  shake(): void {
    if (!this.isEmpty) this.#deal(true);
  }

  /** Throws this client's members out, as when their sessions have run out. */
  evict(clientId: string): void {
    for (const [memberId, member] of this.#members) {
      if (member.clientId === clientId) this.#expire(memberId);
    }
  }

  #expire(memberId: string): void {
    if (!this.#members.has(memberId)) return;
    this.#forget(memberId);
    this.#deal(false);
  }

  halt(): void {
    this.#sessions.stopAll();
  }

  restart(): void {
    for (const memberId of this.#members.keys()) {
      this.#sessions.renew(memberId, this.#settings.sessionTimeoutMs);
    }
  }

  #forget(memberId: string): void {
    this.#sessions.stop(memberId);
    this.#time.clearTimer(this.#members.get(memberId)?.revocationTimer);
    this.#members.delete(memberId);
  }

  #deal(anew: boolean): void {
    this.#groupEpoch++;
    if (anew) this.#rotation++;
    const topics = new Set([...this.#members.values()].flatMap((member) => member.topics));
    const before = anew
      ? new Map<string, readonly TopicPartition[]>()
      : new Map([...this.#members].map(([id, { target }]) => [id, [...target.values()]]));
    const ids = [...this.#members.keys()];
    const shares = assign(ids, this.#partitionsOf([...topics]), before, this.#rotation);
    for (const [memberId, member] of this.#members) {
      member.target = new Map(shares.get(memberId)!.map((each) => [keyOf(each), each]));
    }
  }

  #reconcile(memberId: string, member: Member, owned: readonly TopicPartition[] | null): void {
    if (owned !== null && member.revoking.size > 0) {
      const held = new Set(owned.map(keyOf));
      for (const key of member.revoking.keys()) {
        if (!held.has(key)) member.revoking.delete(key);
      }
    }
    for (const [key, partition] of member.assigned) {
      if (member.target.has(key)) continue;
      member.assigned.delete(key);
      member.revoking.set(key, partition);
    }
    if (member.revoking.size > 0) {
      member.revocationTimer ??= this.#time.setTimer(
        () => this.#expire(memberId),
        this.#settings.rebalanceTimeoutMs,
      );
      return;
    }
    this.#time.clearTimer(member.revocationTimer);
    member.revocationTimer = undefined;
    if (member.epoch !== this.#groupEpoch) {
      member.previousEpoch = member.epoch;
      member.epoch = this.#groupEpoch;
    }
    for (const [key, partition] of member.target) {
      if (!this.#isTaken(key, memberId)) member.assigned.set(key, partition);
    }
  }

  #isTaken(key: string, byOtherThan: string): boolean {
    for (const [memberId, { assigned, revoking }] of this.#members) {
      if (memberId !== byOtherThan && (assigned.has(key) || revoking.has(key))) return true;
    }
    return false;
  }
}

interface Member {
  readonly clientId: string;
  readonly topics: readonly string[];
  epoch: number;
  previousEpoch: number;
  target: Map<string, TopicPartition>;
  /** What it may hold. */
  readonly assigned: Map<string, TopicPartition>;
  /** What it still holds and must give up first. */
  readonly revoking: Map<string, TopicPartition>;
  /** The assignment that was answered last. */
  told: string;
  revocationTimer: Timer | undefined;
}

/** The answer that raised the epoch was lost: what the member holds is still within its assignment. */
function isRepeat(
  member: Member,
  memberEpoch: number,
  owned: readonly TopicPartition[] | null,
): boolean {
  return (
    memberEpoch === member.previousEpoch &&
    owned !== null &&
    owned.every((partition) => member.assigned.has(keyOf(partition)))
  );
}

function sameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
