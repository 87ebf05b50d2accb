import type {
  Adapter,
  CommitOffset,
  CommitResult,
  ConsumerEvents,
  ConsumerPort,
  KafkaRecord,
  ProducerPort,
} from "@sluice/core";
import type { ConsumerOptions, HandlerContext } from "@sluice/runtime";

/** Puts something between runtime and consumer port. */
export function tapConsumer(
  options: ConsumerOptions,
  tap: (port: ConsumerPort) => Partial<ConsumerPort>,
): ConsumerOptions {
  const { adapter } = options;
  return {
    ...options,
    adapter: { ...members(adapter), consumer: (of) => override(adapter.consumer(of), tap) },
  };
}

export function tapProducer(
  options: ConsumerOptions,
  tap: (port: ProducerPort) => Partial<ProducerPort>,
): ConsumerOptions {
  const { adapter } = options;
  return {
    ...options,
    adapter: { ...members(adapter), producer: (of) => override(adapter.producer(of), tap) },
  };
}

/** Changes what the port tells the runtime. */
export function tapEvents(
  options: ConsumerOptions,
  tap: (events: ConsumerEvents, port: ConsumerPort) => Partial<ConsumerEvents>,
): ConsumerOptions {
  return tapConsumer(options, (port) => ({
    start: (topics, events) =>
      port.start(
        topics,
        override(events, () => tap(events, port)),
      ),
  }));
}

/** Changes what the runtime commits; the answers still name what it asked for. */
export function tapCommits(
  options: ConsumerOptions,
  tap: (offset: CommitOffset) => CommitOffset,
): ConsumerOptions {
  return tapConsumer(options, (port) => ({
    commit: async (offsets, timeoutMs): Promise<readonly CommitResult[]> => {
      const results = await port.commit(offsets.map(tap), timeoutMs);
      return results.map((result, i) => ({ ...result, offset: offsets[i]?.offset ?? 0 }));
    },
  }));
}

/** Calls back when a handler has succeeded. */
export function afterSuccess(
  options: ConsumerOptions,
  then: (record: KafkaRecord, context: HandlerContext) => void,
): ConsumerOptions {
  const { handler } = options;
  return {
    ...options,
    handler: async (record, context) => {
      const outcome = await handler(record, context);
      if (outcome === undefined) then(record, context);
      return outcome;
    },
  };
}

/** Knows which epoch of a partition is current, and commits in its name without asking the engine. */
export class RogueCommits {
  #port: ConsumerPort | null = null;
  readonly #epochs = new Map<string, number>();

  watch(options: ConsumerOptions): ConsumerOptions {
    return tapEvents(options, (events, port) => {
      this.#port = port;
      return {
        assigned: (assignment) => {
          for (const of of assignment.partitions) this.#epochs.set(key(of), of.epoch);
          return events.assigned(assignment);
        },
      };
    });
  }

  epoch(of: { readonly topic: string; readonly partition: number }): number | undefined {
    return this.#epochs.get(key(of));
  }

  commit(of: Pick<KafkaRecord, "topic" | "partition">, offset: number): Promise<unknown> {
    const { topic, partition } = of;
    const epoch = this.epoch(of);
    if (epoch === undefined || this.#port === null) return Promise.resolve();
    return this.#port.commit([{ topic, partition, epoch, offset }], 5_000);
  }
}

export function key({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}-${partition}`;
}

function members(adapter: Adapter): Adapter {
  return {
    name: adapter.name,
    caps: adapter.caps,
    consumer: (options) => adapter.consumer(options),
    producer: (options) => adapter.producer(options),
    admin: (options) => adapter.admin(options),
  };
}

/** Ports are classes: whatever is not overridden is called on the original. */
function override<T extends object>(original: T, tap: (original: T) => Partial<T>): T {
  const changed = tap(original);
  return new Proxy(original, {
    get(target, property) {
      if (Object.hasOwn(changed, property)) return changed[property as keyof T];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
