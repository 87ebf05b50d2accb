import type { TopicPartition } from "@sluice/core";
import type { ClassicGroup, JoinAnswer } from "../cluster/classic-group.ts";
import { ERROR } from "../cluster/error-code.ts";
import { keyOf } from "../partition-key.ts";
import type { Membership, MembershipHost } from "./membership.ts";
import type { SimClient } from "./sim-client.ts";
import type { Connection } from "./sim-network.ts";

/** JoinGroup, Heartbeat and LeaveGroup, eager or cooperative. */
export class ClassicMembership implements Membership {
  memberId = "";
  generation = -1;
  readonly #client: SimClient;
  readonly #group: string;
  readonly #connection: Connection;
  readonly #host: MembershipHost;
  readonly #cooperative: boolean;
  #topics: readonly string[] = [];
  #state: "new" | "joining" | "joined" | "leaving" | "left" = "new";
  #lastContact = 0;
  /** Why the member must join again. */
  #interrupted: "rebalance" | "lost" | null = null;
  #wake: () => void = () => {};

  constructor(client: SimClient, group: string, connection: Connection, host: MembershipHost) {
    this.#client = client;
    this.#group = group;
    this.#connection = connection;
    this.#host = host;
    this.#cooperative = client.cluster.protocol === "cooperative";
  }

  start(topics: readonly string[]): void {
    this.#topics = topics;
    this.#heartbeatLater();
    void this.#stayJoined();
  }

  stopJoining(): void {
    this.#state = "leaving";
    this.#wake();
  }

  async leave(): Promise<void> {
    this.#state = "left";
    const { memberId } = this;
    if (memberId === "") return;
    this.#client.witness.leave(this.#client.process, memberId);
    await this.#send<void>("leave", (answer) => {
      this.#coordinator.leave(memberId);
      answer();
    }).catch(() => {});
  }

  async #stayJoined(): Promise<void> {
    for (;;) {
      const joined = await this.#join();
      if (joined === null) return;
      const { partitions } = joined;
      const mine = new Set(partitions.map(keyOf));
      const held = this.#host.held();
      const known = new Set(held.map(keyOf));
      const gone = held.filter((each) => !mine.has(keyOf(each)));
      const added = partitions.filter((each) => !known.has(keyOf(each)));
      if (added.length > 0) void this.#host.assign(added);
      if (gone.length > 0) {
        await this.#host.revoke(gone, this.#client.tuning.barrierMs);
        if (!this.#isJoined()) return;
        // The rest of the group waits for what was given up.
        this.#interrupted ??= "rebalance";
      }
      if (this.#interrupted === null) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (!this.#isJoined()) return;
      if (this.#interrupted === "rebalance" && !this.#cooperative) {
        await this.#host.revoke(this.#host.held(), this.#client.tuning.barrierMs);
        if (!this.#isJoined()) return;
      }
    }
  }

  /** Joins until it succeeds; null when the member leaves. */
  async #join(): Promise<JoinAnswer | null> {
    const { process, tuning, witness } = this.#client;
    if (this.#isOver()) return null;
    this.#state = "joining";
    this.#interrupted = null;
    for (;;) {
      const { memberId } = this;
      const owned = this.#host.held().map(({ topic, partition }) => ({ topic, partition }));
      witness.join(process, memberId);
      try {
        const answer = await this.#send<JoinAnswer>("join", (reply) =>
          this.#coordinator.join(
            { memberId, clientId: process.name, topics: this.#topics, owned },
            reply,
          ),
        );
        this.#lastContact = this.#now();
        if (this.#isOver()) {
          // It was let in after it had decided to go.
          if (answer.error === ERROR.none) this.memberId = answer.memberId;
          if (this.#hasLeft()) await this.leave();
          return null;
        }
        if (answer.error === ERROR.none) {
          this.memberId = answer.memberId;
          this.generation = answer.generation;
          this.#state = "joined";
          this.#tellAssignment(answer.partitions);
          return answer;
        }
        this.memberId = "";
        this.#host.lose(this.#host.held());
      } catch {
        if (this.#isOver()) return null;
        if (this.#hasLapsed()) this.#host.lose(this.#host.held());
        await this.#pause(tuning.retryMs);
        if (this.#isOver()) return null;
      }
    }
  }

  #tellAssignment(partitions: readonly TopicPartition[]): void {
    const { process, witness } = this.#client;
    witness.assignment(process, this.memberId, this.generation, partitions);
  }

  #heartbeatLater(): void {
    const { process, tuning } = this.#client;
    process.environment.time.setTimer(() => {
      if (this.#state === "left") return;
      // Who waits for a rebalance to end is alive.
      if (this.#state !== "joining" && this.memberId !== "") void this.#heartbeat();
      this.#heartbeatLater();
    }, tuning.heartbeatMs);
  }

  async #heartbeat(): Promise<void> {
    const { memberId, generation } = this;
    let error: number;
    try {
      error = await this.#send<number>("heartbeat", (answer) =>
        answer(this.#coordinator.heartbeat(memberId, generation)),
      );
      this.#lastContact = this.#now();
    } catch {
      if (this.#hasLapsed() && this.#state !== "joining") this.#lose();
      return;
    }
    // Said of a generation that is over.
    if (generation !== this.generation || this.#state === "joining") return;
    if (error === ERROR.none) this.#client.witness.heartbeat(this.#client.process, generation);
    else if (error === ERROR.rebalanceInProgress) this.#interrupt("rebalance");
    else {
      if (error === ERROR.unknownMemberId) this.memberId = "";
      this.#lose();
    }
  }

  #lose(): void {
    this.#host.lose(this.#host.held());
    this.#interrupt("lost");
  }

  #interrupt(why: "rebalance" | "lost"): void {
    if (this.#interrupted !== "lost") this.#interrupted = why;
    this.#wake();
  }

  #hasLapsed(): boolean {
    return this.#now() - this.#lastContact > this.#client.cluster.settings.sessionTimeoutMs;
  }

  #isOver(): boolean {
    return this.#state === "leaving" || this.#state === "left";
  }

  #hasLeft(): boolean {
    return this.#state === "left";
  }

  #isJoined(): boolean {
    return this.#state === "joined";
  }

  #now(): number {
    return this.#client.process.environment.time.now();
  }

  #pause(ms: number): Promise<void> {
    const { time } = this.#client.process.environment;
    return new Promise((resolve) => void time.setTimer(resolve, ms));
  }

  get #coordinator(): ClassicGroup {
    return this.#client.cluster.group(this.#group).coordinator as ClassicGroup;
  }

  #send<A>(
    kind: "join" | "heartbeat" | "leave",
    serve: (answer: (answer: A) => void) => void,
  ): Promise<A> {
    return this.#client.network.send<A>(this.#connection, kind, serve);
  }
}
