import type { Logger } from "@sluice/core";
import type { Consumer, ConsumerEventMap, ConsumerOptions, Handler } from "../consumer-options.ts";
import { createConsumer } from "../create-consumer.ts";
import type { FakeKafka } from "./fake-kafka.ts";

/** Resolves when `condition` holds; rejects, naming it, when it never does. */
export async function until(
  what: string,
  condition: () => boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A promise with its ends outside. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** A consumer of `orders` with fast retries and commits, dead letters to `orders.dlq`. */
export function consumerOf(
  kafka: FakeKafka,
  handler: Handler,
  options: Partial<ConsumerOptions> = {},
): Consumer {
  return createConsumer({
    adapter: kafka.adapter,
    group: "test",
    topics: ["orders"],
    handler,
    commitIntervalMs: 5,
    retry: { maxAttempts: 3, backoff: { type: "fixed", delayMs: 1 } },
    deadLetter: { topic: "orders.dlq" },
    ...options,
  });
}

/** Everything a consumer emits of the given kinds, as it comes. */
export function record<E extends keyof ConsumerEventMap>(
  consumer: Consumer,
  event: E,
): ConsumerEventMap[E][] {
  const seen: ConsumerEventMap[E][] = [];
  consumer.on(event, (payload) => seen.push(payload));
  return seen;
}

export function memoryLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level}: ${message}`);
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("utf8");
}
