import type {
  AssignedPartition,
  Assignment,
  CommitOffset,
  CommitResult,
  ConsumerEvents,
  ConsumerPort,
  EpochPartition,
  KafkaRecord,
  Revocation,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { PortError } from "@sluice/core";
import { asPortError } from "./errors.ts";
import { keyOf } from "./partitions.ts";

/** The port's events, with epochs that hold over all ports there ever are. */
export interface SessionOwner {
  assigned(partitions: readonly AssignedPartition[]): Promise<readonly number[]>;
  revoked(revocation: Revocation): Promise<void>;
  lost(partitions: readonly EpochPartition[]): void;
  records(partition: EpochPartition, records: readonly KafkaRecord[], nextPosition: number): void;
  down(error: PortError, willRestart: boolean): void;
}

/**
 * One life of a consumer port. A port that died is replaced by a new one, whose epochs begin again
 * at 1: without the shift a late completion of the old port's epoch 1 would pass for the new one's.
 */
export class PortSession {
  readonly #port: ConsumerPort;
  readonly #owner: SessionOwner;
  readonly #shift: number;
  readonly #held = new Map<string, EpochPartition>();
  #over = false;
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));
  #failStart: ((error: PortError) => void) | null = null;
  #closing: Promise<void> | undefined;

  /** @param shift added to the port's epochs; the highest epoch of the session before */
  constructor(port: ConsumerPort, owner: SessionOwner, shift: number) {
    this.#port = port;
    this.#owner = owner;
    this.#shift = shift;
  }

  /** Also fails when the port dies, or is abandoned, before it runs. @throws PortError */
  async start(topics: readonly string[]): Promise<void> {
    const died = new Promise<never>((_, reject) => (this.#failStart = reject));
    try {
      await Promise.race([this.#port.start(topics, this.#events), died]);
    } catch (error) {
      throw asPortError(error, "the consumer cannot start");
    } finally {
      this.#failStart = null;
    }
  }

  /** Hears nothing more from the port; answers what it still held. */
  abandon(): readonly EpochPartition[] {
    this.#over = true;
    this.#end();
    this.#failStart?.(FENCED);
    const held = [...this.#held.values()];
    this.#held.clear();
    return held;
  }

  /** Leaves the group; `revoked` is heard for what is still held. Never rejects. */
  close(drainMs: number): Promise<void> {
    return (this.#closing ??= this.#port.close(drainMs).catch(() => {}));
  }

  pause(partitions: readonly TopicPartition[]): void {
    if (!this.#over) this.#port.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    if (!this.#over) this.#port.resume(partitions);
  }

  /** Never rejects. An epoch of an earlier session is fenced here. */
  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    if (this.#over || offsets.some(({ epoch }) => epoch <= this.#shift)) {
      return offsets.map((offset) => ({ ...offset, error: FENCED }));
    }
    try {
      const sent = this.#shift === 0 ? offsets : offsets.map((offset) => this.#toPort(offset));
      const results = await this.#port.commit(sent, timeoutMs);
      return this.#shift === 0 ? results : results.map((result) => this.#fromPort(result));
    } catch (thrown) {
      const error = asPortError(thrown, "commit");
      return offsets.map((offset) => ({ ...offset, error }));
    }
  }

  /** @throws PortError */
  watermarks(partitions: readonly TopicPartition[], timeoutMs: number): Promise<Watermarks[]> {
    return this.#port.watermarks(partitions, timeoutMs);
  }

  readonly #events: ConsumerEvents = {
    assigned: ({ partitions }) => this.#assigned(partitions),
    revoked: (revocation) => this.#revoked(revocation),
    lost: (partitions) => {
      if (this.#over) return;
      const translated = partitions.map((partition) => this.#fromPort(partition));
      this.#forget(translated);
      this.#owner.lost(translated);
    },
    records: (partition, records, nextPosition) => {
      if (this.#over) return;
      const from = this.#shift === 0 ? partition : this.#fromPort(partition);
      this.#owner.records(from, records, nextPosition);
    },
    down: (error, willRestart) => {
      if (this.#over) return;
      if (this.#failStart !== null && !willRestart) this.#failStart(error);
      else this.#owner.down(error, willRestart);
    },
  };

  async #assigned(partitions: Assignment["partitions"]): Promise<readonly number[]> {
    // Whatever an abandoned port delivers is dropped; but it cannot close without an answer (T11).
    const anyStart = partitions.map(({ committed, low }) => committed?.offset ?? low);
    if (this.#over) return anyStart;
    const translated = partitions.map((partition) => this.#fromPort(partition));
    for (const { topic, partition, epoch } of translated) {
      this.#held.set(keyOf({ topic, partition }), { topic, partition, epoch });
    }
    return Promise.race([
      this.#owner.assigned(translated),
      this.#ended.then((): readonly number[] => anyStart),
    ]);
  }

  async #revoked({ partitions, deadlineMs }: Revocation): Promise<void> {
    if (this.#over) return;
    const translated = partitions.map((partition) => this.#fromPort(partition));
    await Promise.race([this.#owner.revoked({ partitions: translated, deadlineMs }), this.#ended]);
    this.#forget(translated);
  }

  #forget(partitions: readonly EpochPartition[]): void {
    for (const partition of partitions) {
      const key = keyOf(partition);
      if (this.#held.get(key)?.epoch === partition.epoch) this.#held.delete(key);
    }
  }

  #fromPort<T extends EpochPartition>(of: T): T {
    return { ...of, epoch: of.epoch + this.#shift };
  }

  #toPort<T extends EpochPartition>(of: T): T {
    return { ...of, epoch: of.epoch - this.#shift };
  }
}

/** Shared, for the stack of a local refusal tells nothing. */
export const FENCED: PortError = new PortError(
  "the assignment belongs to a client that has been replaced",
  {
    kind: "fenced",
    outcome: "failed",
  },
);
