import type { Adapter } from "@sluice/core";
import type { Consumer } from "./consumer-options.ts";
import { uuidv7 } from "./message-id.ts";
import { systemTime } from "./time.ts";
import type { Time } from "./time.ts";

/** Everything the runtime takes from the world that is not its client: time and chance. */
export interface Environment {
  readonly time: Time;
  /** Uniform unsigned 32-bit integer. Jitter and the lane seed need no cryptography. */
  random32(): number;
  /** A new message id, unlike any other. */
  messageId(): string;
  /** Told of each consumer that is created here: a test kit must know when all handlers are done. */
  readonly created?: (consumer: Consumer) => void;
}

export const systemEnvironment: Environment = {
  time: systemTime(),
  random32: () => (Math.random() * 0x1_0000_0000) >>> 0,
  messageId: uuidv7,
};

/**
 * Consumers and producers that are given this adapter live in this environment. A simulated cluster
 * binds its own time to the adapters it hands out, so that the code under test is created with the
 * same `createConsumer` as in production.
 */
export function bindEnvironment(adapter: Adapter, environment: Environment): void {
  bound.set(adapter, environment);
}

/** @param adapter as given by a user: anything */
export function environmentOf(adapter: unknown): Environment {
  if (typeof adapter !== "object" || adapter === null) return systemEnvironment;
  return bound.get(adapter) ?? systemEnvironment;
}

const bound = new WeakMap<object, Environment>();
