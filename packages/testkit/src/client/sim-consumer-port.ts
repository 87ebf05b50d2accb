import type {
  Caps,
  CommitOffset,
  CommitResult,
  Committed,
  ConsumerEvents,
  ConsumerPort,
  ConsumerPortOptions,
  EpochPartition,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import type { Timer } from "@sluice/runtime/internals";
import { ERROR } from "../cluster/error-code.ts";
import { keyOf } from "../partition-key.ts";
import { Fetcher } from "./fetcher.ts";
import type { HeldPartition } from "./held-partition.ts";
import { ClassicMembership } from "./classic-membership.ts";
import { ConsumerMembership } from "./consumer-membership.ts";
import type { Membership } from "./membership.ts";
import { capsOf, commitError, portError } from "./sim-client.ts";
import type { SimClient } from "./sim-client.ts";
import { Connection } from "./sim-network.ts";

/** A group member without a network card. Keeps rules 1 to 8 of the port. */
export class SimConsumerPort implements ConsumerPort {
  readonly caps: Caps;
  readonly #client: SimClient;
  readonly #group: string;
  readonly #isolation: ConsumerPortOptions["isolation"];
  readonly #membership: Membership;
  readonly #fetcher: Fetcher;
  /** Commits share the coordinator's connection with heartbeats and joins. */
  readonly #connection: Connection;
  readonly #held = new Map<string, HeldPartition>();
  #events: ConsumerEvents | null = null;
  #lastEpoch = 0;
  #lastCommit = 0;
  #closing: Promise<void> | null = null;

  constructor(client: SimClient, { group, isolation }: ConsumerPortOptions) {
    this.#client = client;
    this.#group = group;
    this.#isolation = isolation;
    this.caps = capsOf(client.cluster.protocol);
    this.#connection = new Connection(client.process);
    const host = {
      held: () => [...this.#held.values()],
      assign: (partitions: readonly TopicPartition[]) => this.#assign(partitions),
      revoke: (held: readonly HeldPartition[], deadlineMs: number) =>
        this.#revoke(held, deadlineMs),
      lose: (held: readonly HeldPartition[]) => this.#lose(held),
    };
    this.#membership =
      client.cluster.protocol === "consumer"
        ? new ConsumerMembership(client, group, this.#connection, host)
        : new ClassicMembership(client, group, this.#connection, host);
    this.#fetcher = new Fetcher(client, isolation, {
      held: () => this.#held.values(),
      isCurrent: (held) => this.#isCurrent(held),
      records: (held, records, next) => {
        client.witness.delivered(client.process, namesOf(held), records, next);
        this.#events!.records(namesOf(held), records, next);
      },
      reassign: (held) => {
        client.tuning.onCut?.();
        this.#lose([held]);
        void this.#assign([held]);
      },
    });
  }

  async start(topics: readonly string[], events: ConsumerEvents): Promise<void> {
    this.#events = events;
    await this.#client.network.send<void>(this.#connection, "metadata", (answer) => answer());
    const subscribed = this.#client.cluster.group(this.#group).topics;
    for (const topic of topics) subscribed.add(topic);
    if (this.#closing === null) this.#membership.start(topics);
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#fetcher.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#fetcher.resume(partitions);
  }

  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    const { cluster, process, witness } = this.#client;
    const current = offsets.filter((offset) => this.#isHeld(offset));
    const { memberId, generation } = this.#membership;
    let errors: readonly number[] = [];
    let failure: unknown = null;
    if (current.length > 0) {
      const id = ++this.#lastCommit;
      witness.commitRequest(process, memberId, generation, id, current);
      const { time } = process.environment;
      let timer: Timer | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = time.setTimer(
          () => reject(portError("retriable", "commit: no answer in time", "unknown")),
          timeoutMs,
        );
      });
      const sent = this.#client.network.send<readonly number[]>(
        this.#connection,
        "commit",
        (answer, { loses }) => {
          const codes = cluster.commit(
            this.#group,
            memberId,
            generation,
            current.map(({ topic, partition, offset, metadata = "" }) => ({
              topic,
              partition,
              offset,
              metadata,
            })),
          );
          witness.commitAnswer(process, id, loses !== "answer", current, codes);
          answer(codes);
        },
      );
      try {
        errors = await Promise.race([sent, late]);
      } catch (thrown) {
        failure = thrown;
      }
      time.clearTimer(timer);
      witness.commitOver(process, current, failure === null ? errors : null);
    }
    return offsets.map((offset) => {
      const index = current.indexOf(offset);
      if (index === -1) return { ...offset, error: FENCED };
      if (failure !== null) return { ...offset, error: failure as typeof FENCED };
      const code = errors[index]!;
      return code === ERROR.none
        ? offset
        : { ...offset, error: commitError(code, cluster.protocol) };
    });
  }

  watermarks(partitions: readonly TopicPartition[]): Promise<Watermarks[]> {
    return this.#client.network.send<Watermarks[]>(this.#connection, "metadata", (answer) =>
      answer(partitions.map((partition) => this.#watermarks(partition))),
    );
  }

  close(drainMs: number): Promise<void> {
    return (this.#closing ??= this.#close(drainMs));
  }

  async #close(drainMs: number): Promise<void> {
    this.#membership.stopJoining();
    await this.#revoke([...this.#held.values()], drainMs);
    await this.#membership.leave();
    this.#fetcher.stop();
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const held = partitions.map(({ topic, partition }): HeldPartition => ({
      topic,
      partition,
      epoch: ++this.#lastEpoch,
      stage: "assigning",
      announced: false,
      position: -1,
      revoked: null,
    }));
    for (const each of held) this.#held.set(keyOf(each), each);
    const found = await this.#offsetsOf(held);
    const announced = held.flatMap((each, i) =>
      this.#isCurrent(each) && each.stage === "assigning" && found !== null
        ? [{ each, ...found[i]! }]
        : [],
    );
    if (announced.length === 0) return;
    for (const { each } of announced) {
      each.announced = true;
      // A new assignment starts unpaused.
      this.#fetcher.forget(each);
    }
    const assigned = announced.map(({ each, committed, low, end }) => ({
      ...namesOf(each),
      committed,
      low,
      high: end,
    }));
    this.#client.witness.assigning(this.#client.process, assigned);
    const starts = await this.#events!.assigned({ partitions: assigned });
    for (const [i, { each }] of announced.entries()) {
      if (!this.#isCurrent(each) || each.stage !== "assigning") continue;
      each.position = starts[i]!;
      each.stage = "consuming";
    }
    this.#fetcher.changed();
  }

  /** Asks until there is an answer or nobody needs one any more. */
  async #offsetsOf(
    held: readonly HeldPartition[],
  ): Promise<readonly (Watermarks & { committed: Committed | null })[] | null> {
    const { cluster, network, process, tuning } = this.#client;
    while (held.some((each) => this.#isCurrent(each))) {
      try {
        return await network.send(this.#connection, "offsets", (answer) => {
          const { offsets } = cluster.group(this.#group);
          answer(held.map((each) => ({ ...this.#watermarks(each), committed: offsets.get(each) })));
        });
      } catch {
        await new Promise<void>(
          (resolve) => void process.environment.time.setTimer(resolve, tuning.retryMs),
        );
      }
    }
    return null;
  }

  #watermarks({ topic, partition }: TopicPartition): Watermarks {
    const { low, end, lastStableOffset } = this.#client.cluster.log({ topic, partition });
    return {
      topic,
      partition,
      low,
      end: this.#isolation === "read_committed" ? lastStableOffset : end,
    };
  }

  async #revoke(held: readonly HeldPartition[], deadlineMs: number): Promise<void> {
    for (const each of held) if (!each.announced) this.#forget(each);
    const under = held.flatMap(({ revoked }) => revoked ?? []);
    const fresh = held.filter((each) => each.announced && each.revoked === null);
    if (fresh.length > 0) {
      const { time } = this.#client.process.environment;
      let timer: Timer | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = time.setTimer(resolve, Math.max(0, deadlineMs));
      });
      const told = this.#events!.revoked({ partitions: fresh.map(namesOf), deadlineMs });
      const revoked = Promise.race([told, deadline]).then(() => {
        time.clearTimer(timer);
        for (const each of fresh) this.#forget(each);
      });
      for (const each of fresh) Object.assign(each, { stage: "revoking", revoked });
      under.push(revoked);
    }
    await Promise.all(under);
  }

  #lose(held: readonly HeldPartition[]): void {
    const lost = held.filter((each) => this.#isCurrent(each) && each.announced);
    for (const each of held) this.#forget(each);
    if (lost.length > 0) this.#events!.lost(lost.map(namesOf));
  }

  #forget(held: HeldPartition): void {
    if (this.#isCurrent(held)) this.#held.delete(keyOf(held));
  }

  #isCurrent(held: HeldPartition): boolean {
    return this.#held.get(keyOf(held)) === held;
  }

  #isHeld(of: EpochPartition): boolean {
    const held = this.#held.get(keyOf(of));
    return held !== undefined && held.announced && held.epoch === of.epoch;
  }
}

const FENCED = portError("fenced", "the epoch is over");

function namesOf({ topic, partition, epoch }: EpochPartition): EpochPartition {
  return { topic, partition, epoch };
}
