import type { TopicPartition } from "@sluice/core";
import type { Time, Timer } from "@sluice/runtime/internals";
import { keyOf } from "../partition-key.ts";
import { assign } from "./assign.ts";
import { ERROR } from "./error-code.ts";
import { SessionTimers } from "./session-timers.ts";

export interface JoinRequest {
  /** Empty for a new member. */
  readonly memberId: string;
  readonly clientId: string;
  readonly topics: readonly string[];
  /** What a cooperative member still holds; empty for an eager one. */
  readonly owned: readonly TopicPartition[];
}

export interface JoinAnswer {
  readonly error: number;
  readonly memberId: string;
  readonly generation: number;
  /** Everything that is the member's in this generation. */
  readonly partitions: readonly TopicPartition[];
}

export interface GroupSettings {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** @defaultValue 4096 */
  readonly metadataBytes?: number;
  /** Told when a member's session has run out. */
  readonly onExpired?: () => void;
}

/**
 * The coordinator of a classic group. JoinGroup and SyncGroup are one step: the assignor runs here,
 * when all members have joined.
 *
 * A commit is checked against member and generation and nothing else, as in Kafka: a member may
 * commit partitions that are no longer its own.
 */
export class ClassicGroup {
  readonly #time: Time;
  readonly #cooperative: boolean;
  readonly #settings: GroupSettings;
  readonly #partitionsOf: (topics: readonly string[]) => readonly TopicPartition[];
  readonly #members = new Map<string, Member>();
  readonly #sessions: SessionTimers;
  #generation = 0;
  #rebalancing = false;
  #rebalanceTimer: Timer | undefined;
  #lastMember = 0;
  #rotation = 0;
  #forgetful = false;

  constructor(
    time: Time,
    cooperative: boolean,
    settings: GroupSettings,
    partitionsOf: (topics: readonly string[]) => readonly TopicPartition[],
  ) {
    this.#time = time;
    this.#cooperative = cooperative;
    this.#settings = settings;
    this.#partitionsOf = partitionsOf;
    this.#sessions = new SessionTimers(time, (memberId) => {
      settings.onExpired?.();
      this.#remove(memberId);
    });
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  get isStable(): boolean {
    return !this.#rebalancing;
  }

  /** Answers when the rebalance that it causes is over. */
  join(request: JoinRequest, answer: (answer: JoinAnswer) => void): void {
    const { memberId, clientId, topics, owned } = request;
    if (memberId !== "" && !this.#members.has(memberId)) {
      answer(UNKNOWN);
      return;
    }
    const id = memberId === "" ? `${clientId}-${++this.#lastMember}` : memberId;
    this.#members.set(id, { clientId, topics, owned, joined: answer });
    // Until everybody has joined nobody is late but by the rebalance's own deadline.
    this.#sessions.stop(id);
    this.#prepare();
    this.#completeIfAllJoined();
  }

  heartbeat(memberId: string, generation: number): number {
    const error = this.#check(memberId, generation);
    if (error !== ERROR.none) return error;
    if (this.#members.get(memberId)!.joined === null) this.#renew(memberId);
    return this.#rebalancing ? ERROR.rebalanceInProgress : ERROR.none;
  }

  leave(memberId: string): void {
    this.#remove(memberId);
  }

  /** What a commit of this member would be answered for each of its partitions. */
  commitError(memberId: string, generation: number): number {
    const error = this.#check(memberId, generation);
    if (error === ERROR.none && this.#members.get(memberId)!.joined === null) this.#renew(memberId);
    return error;
  }

  /** Deals the partitions anew, as if somebody had come and gone. */
  shake(): void {
    if (this.isEmpty) return;
    this.#forgetful = true;
    this.#prepare();
    this.#completeIfAllJoined();
  }

  /** Throws this client's members out, as when their sessions have run out. */
  evict(clientId: string): void {
    for (const [memberId, member] of this.#members) {
      if (member.clientId === clientId) this.#remove(memberId);
    }
  }

  /** The broker is down: answers that are being waited for are gone, and no session runs out. */
  halt(): void {
    this.#sessions.stopAll();
    this.#time.clearTimer(this.#rebalanceTimer);
    this.#rebalancing = false;
    for (const member of this.#members.values()) member.joined = null;
  }

  /** Members have a whole session to come back. */
  restart(): void {
    for (const memberId of this.#members.keys()) this.#renew(memberId);
    if (!this.isEmpty) this.#prepare();
  }

  #check(memberId: string, generation: number): number {
    if (!this.#members.has(memberId)) return ERROR.unknownMemberId;
    return generation === this.#generation ? ERROR.none : ERROR.illegalGeneration;
  }

  #renew(memberId: string): void {
    this.#sessions.renew(memberId, this.#settings.sessionTimeoutMs);
  }

  #remove(memberId: string): void {
    this.#sessions.stop(memberId);
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#members.delete(memberId);
    member.joined?.(UNKNOWN);
    if (this.isEmpty) {
      this.#rebalancing = false;
      this.#time.clearTimer(this.#rebalanceTimer);
      return;
    }
    this.#prepare();
    this.#completeIfAllJoined();
  }

  #prepare(): void {
    if (this.#rebalancing) return;
    this.#rebalancing = true;
    this.#rebalanceTimer = this.#time.setTimer(() => {
      for (const [memberId, { joined }] of this.#members) {
        if (joined !== null) continue;
        this.#sessions.stop(memberId);
        this.#members.delete(memberId);
      }
      if (this.isEmpty) this.#rebalancing = false;
      else this.#complete();
    }, this.#settings.rebalanceTimeoutMs);
  }

  #completeIfAllJoined(): void {
    if ([...this.#members.values()].every(({ joined }) => joined !== null)) this.#complete();
  }

  #complete(): void {
    this.#time.clearTimer(this.#rebalanceTimer);
    this.#rebalancing = false;
    this.#generation++;
    const generation = this.#generation;
    const shares = this.#shares();
    for (const [memberId, member] of this.#members) {
      const joined = member.joined!;
      member.joined = null;
      this.#renew(memberId);
      joined({
        error: ERROR.none,
        memberId,
        generation,
        partitions: shares.get(memberId) ?? [],
      });
    }
  }

  #shares(): Map<string, readonly TopicPartition[]> {
    const ids = [...this.#members.keys()];
    const topics = new Set([...this.#members.values()].flatMap((member) => member.topics));
    const owners = new Map<string, string>();
    for (const [memberId, { owned }] of this.#members) {
      for (const partition of owned) owners.set(keyOf(partition), memberId);
    }
    if (this.#forgetful || !this.#cooperative) this.#rotation++;
    const before = this.#forgetful
      ? new Map<string, readonly TopicPartition[]>()
      : new Map([...this.#members].map(([memberId, { owned }]) => [memberId, owned]));
    this.#forgetful = false;
    const target = assign(ids, this.#partitionsOf([...topics]), before, this.#rotation);
    if (!this.#cooperative) return target;
    // What moves is nobody's until its holder has joined again without it.
    return new Map(
      [...target].map(([memberId, share]) => [
        memberId,
        share.filter((partition) => (owners.get(keyOf(partition)) ?? memberId) === memberId),
      ]),
    );
  }
}

const UNKNOWN: JoinAnswer = {
  error: ERROR.unknownMemberId,
  memberId: "",
  generation: -1,
  partitions: [],
};

interface Member {
  readonly clientId: string;
  readonly topics: readonly string[];
  readonly owned: readonly TopicPartition[];
  /** Waits for the rebalance to end; null while the member has not joined it. */
  joined: ((answer: JoinAnswer) => void) | null;
}
