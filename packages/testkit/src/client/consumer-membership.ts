import type { TopicPartition } from "@sluice/core";
import type {
  ConsumerGroup,
  ConsumerHeartbeat,
  ConsumerHeartbeatAnswer,
} from "../cluster/consumer-group.ts";
import { ERROR } from "../cluster/error-code.ts";
import { keyOf } from "../partition-key.ts";
import type { Membership, MembershipHost } from "./membership.ts";
import type { SimClient } from "./sim-client.ts";
import type { Connection } from "./sim-network.ts";

/** ConsumerGroupHeartbeat (KIP-848): the member follows the target it is told, partition by partition. */
export class ConsumerMembership implements Membership {
  readonly memberId: string;
  generation = 0;
  readonly #client: SimClient;
  readonly #group: string;
  readonly #connection: Connection;
  readonly #host: MembershipHost;
  #topics: readonly string[] = [];
  #target: readonly TopicPartition[] = [];
  #lastContact = 0;
  #beating = false;
  #beatAgain = false;
  /** The coordinator does not know what the member holds now. */
  #untold = true;
  /** An answer may have been lost: what the member holds is told again, and it is told everything. */
  #missed = true;
  #revoking = false;
  #stopping = false;
  #left = false;

  constructor(client: SimClient, group: string, connection: Connection, host: MembershipHost) {
    this.#client = client;
    this.#group = group;
    this.#connection = connection;
    this.#host = host;
    this.memberId = client.process.environment.messageId();
  }

  start(topics: readonly string[]): void {
    this.#topics = topics;
    this.#lastContact = this.#now();
    this.#tick();
  }

  stopJoining(): void {
    this.#stopping = true;
  }

  async leave(): Promise<void> {
    this.#left = true;
    if (this.generation === 0) return;
    const { process, witness } = this.#client;
    witness.leave(process, this.memberId);
    await this.#send(-1, null, false).catch(() => {});
  }

  #tick(): void {
    if (this.#left) return;
    void this.#beat();
    this.#client.process.environment.time.setTimer(
      () => this.#tick(),
      this.#client.tuning.heartbeatMs,
    );
  }

  async #beat(): Promise<void> {
    if (this.#left || (this.#stopping && this.generation === 0)) return;
    if (this.#beating) {
      this.#beatAgain = true;
      return;
    }
    this.#beating = true;
    this.#beatAgain = false;
    const asked = this.generation;
    const owned = this.#untold ? this.#owned() : null;
    this.#untold = false;
    const full = this.#missed;
    this.#missed = false;
    try {
      const answer = await this.#send(asked, owned, full);
      this.#lastContact = this.#now();
      if (!this.#left) this.#heard(answer);
    } catch {
      this.#untold = true;
      this.#missed = true;
      if (this.#hasLapsed()) this.#host.lose(this.#host.held());
    }
    this.#beating = false;
    if (this.#beatAgain) void this.#beat();
  }

  #heard({ error, memberEpoch, assignment }: ConsumerHeartbeatAnswer): void {
    const { process, witness } = this.#client;
    if (error !== ERROR.none) {
      this.generation = 0;
      this.#target = [];
      this.#untold = true;
      this.#host.lose(this.#host.held());
      this.#beatAgain = true;
      return;
    }
    this.generation = memberEpoch;
    witness.heartbeat(process, memberEpoch);
    if (assignment !== null) {
      this.#target = assignment;
      witness.assignment(process, this.memberId, memberEpoch, assignment);
    }
    this.#reconcile();
  }

  #reconcile(): void {
    if (this.#revoking || this.#stopping) return;
    const held = this.#host.held();
    const target = new Set(this.#target.map(keyOf));
    const gone = held.filter((each) => !target.has(keyOf(each)));
    const known = new Set(held.map(keyOf));
    const added = this.#target.filter((each) => !known.has(keyOf(each)));
    if (added.length > 0) {
      void this.#host.assign(added);
      this.#tellSoon();
    }
    if (gone.length === 0) return;
    this.#revoking = true;
    void this.#host.revoke(gone, this.#client.tuning.barrierMs).then(() => {
      this.#revoking = false;
      this.#tellSoon();
      // The target may have moved on meanwhile.
      this.#reconcile();
    });
  }

  #tellSoon(): void {
    this.#untold = true;
    if (this.#beating) this.#beatAgain = true;
    else void this.#beat();
  }

  #owned(): TopicPartition[] {
    return this.#host.held().map(({ topic, partition }) => ({ topic, partition }));
  }

  #hasLapsed(): boolean {
    return this.#now() - this.#lastContact > this.#client.cluster.settings.sessionTimeoutMs;
  }

  #now(): number {
    return this.#client.process.environment.time.now();
  }

  #send(
    memberEpoch: number,
    owned: readonly TopicPartition[] | null,
    full: boolean,
  ): Promise<ConsumerHeartbeatAnswer> {
    const { cluster, network, process, witness } = this.#client;
    const request: ConsumerHeartbeat = {
      memberId: this.memberId,
      clientId: process.name,
      memberEpoch,
      topics: this.#topics,
      owned,
      full,
    };
    if (memberEpoch === 0) witness.join(process, this.memberId);
    else if (owned !== null) witness.owned(process, this.memberId, memberEpoch, owned);
    return network.send<ConsumerHeartbeatAnswer>(
      this.#connection,
      memberEpoch === -1 ? "leave" : "heartbeat",
      (answer) =>
        answer((cluster.group(this.#group).coordinator as ConsumerGroup).heartbeat(request)),
    );
  }
}
