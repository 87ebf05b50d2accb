import type {
  CommitOffset,
  CommitResult,
  ConsumerEvents,
  ConsumerPort,
  ConsumerPortOptions,
  TopicPartition,
  Watermarks,
} from "@sluice/core";
import { PortError } from "@sluice/core";
import { Assignment } from "./assignment.ts";
import { toPortError } from "./errors.ts";
import { CLOSE_MARGIN_MS, Life } from "./life.ts";
import { logOffsets } from "./log-offsets.ts";
import type { MemberSettings, Settings } from "./settings.ts";
import { isolationLevel } from "./settings.ts";
import { abortController, Backoff, delay, within } from "./waiting.ts";
import { kafkajsCaps } from "./caps.ts";

/** A group member: keeps one kafkajs consumer going, and replaces it when it dies. */
export class KafkajsConsumer implements ConsumerPort {
  readonly caps: ConsumerPort["caps"] = kafkajsCaps();
  readonly #settings: MemberSettings;
  readonly #assignment = new Assignment();
  readonly #closed = abortController();
  #life: Life | null = null;
  #events: ConsumerEvents | null = null;
  #topics: readonly string[] = [];
  #closing: Promise<void> | null = null;
  #restarting: Promise<void> | null = null;

  constructor(config: Settings, options: ConsumerPortOptions) {
    this.#settings = { ...options, config };
  }

  async start(topics: readonly string[], events: ConsumerEvents): Promise<void> {
    if (this.#events !== null || this.#closed.signal.aborted) {
      throw new PortError("a consumer port is started once", FATAL);
    }
    this.#events = events;
    this.#topics = [...topics];
    const life = this.#newLife(events);
    try {
      await life.begin(this.#closed.signal);
    } catch (thrown) {
      await life.end(0);
      throw toPortError(thrown, "starting the consumer", "failed");
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) {
      const held = this.#assignment.get(at);
      if (held !== undefined) held.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) {
      const held = this.#assignment.get(at);
      if (held !== undefined) held.paused = false;
    }
    this.#life?.wake();
  }

  async commit(
    offsets: readonly CommitOffset[],
    timeoutMs: number,
  ): Promise<readonly CommitResult[]> {
    if (this.#life !== null) return this.#life.commits.commit(offsets, timeoutMs);
    const error = new PortError("the consumer is not running", {
      kind: "fenced",
      outcome: "failed",
    });
    return offsets.map(({ topic, partition, epoch, offset }) => ({
      topic,
      partition,
      epoch,
      offset,
      error,
    }));
  }

  async watermarks(
    partitions: readonly TopicPartition[],
    timeoutMs: number,
  ): Promise<Watermarks[]> {
    const life = this.#life;
    if (life === null) throw new PortError("the consumer is not running", FATAL);
    const asked = logOffsets(
      life.client.cluster,
      partitions,
      isolationLevel(this.#settings.isolation),
      timeoutMs,
    );
    const marks = await within(asked, timeoutMs);
    if (typeof marks !== "symbol") return marks;
    throw new PortError(`the log offsets were not answered within ${timeoutMs} ms`, {
      kind: "retriable",
      outcome: "failed",
    });
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    this.#closed.abort();
    await this.#life?.close(drainMs);
    await this.#restarting;
  }

  #newLife(events: ConsumerEvents): Life {
    const life = new Life(this.#settings, this.#topics, this.#assignment, events, (error) => {
      if (this.#life !== life || this.#closed.signal.aborted) return;
      this.#restarting = this.#recover(life, events, error);
    });
    this.#life = life;
    return life;
  }

  /** kafkajs has died: for good, or to be replaced (T15). Its position and pauses died with it. */
  async #recover(dead: Life, events: ConsumerEvents, error: PortError): Promise<void> {
    const { signal } = this.#closed;
    const willRestart = error.kind === "retriable";
    events.down(error, willRestart);
    await dead.end(CLOSE_MARGIN_MS);
    const backoff = new Backoff(300, 10_000);
    let last = error;
    while (last.kind === "retriable") {
      await delay(backoff.next(), signal);
      if (signal.aborted) return;
      const life = this.#newLife(events);
      try {
        await life.begin(signal);
        return;
      } catch (thrown) {
        await life.end(0);
        last = toPortError(thrown, "restarting the consumer", "failed");
        this.#settings.logger.warn("the consumer could not be restarted", { error: last.message });
      }
    }
    if (willRestart) events.down(last, false);
  }
}

const FATAL = { kind: "fatal", outcome: "failed" } as const;
