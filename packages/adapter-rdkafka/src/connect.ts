import { ConfigurationError, PortError } from "@sluice/core";

import { call, type NativeConsumer, type NativeProducer } from "./client.ts";
import type { ResolvedRdkafkaConfig } from "./config.ts";
import { asNative } from "./errors.ts";
import { delay } from "./timing.ts";

/** @throws ConfigurationError with librdkafka's words for a setting it does not take */
export function createClient<T>(create: () => T): T {
  try {
    return create();
  } catch (error) {
    throw new ConfigurationError("client", `librdkafka says: ${asNative(error).message}`);
  }
}

/**
 * Connects within `timeouts.connectMs`. Wrong credentials are known at once, but only from the
 * client's log (trap T24): the call itself would end in a time-out like that of a dead port.
 * @param onAuthentication is given the listener for what the log says about authentication
 * @throws PortError `authentication`, `configuration` or `retriable`
 */
export async function connect(
  client: NativeConsumer | NativeProducer,
  config: ResolvedRdkafkaConfig,
  onAuthentication: (listener: (message: string) => void) => void,
): Promise<void> {
  const { connectMs } = config.timeouts;
  const brokers = config.brokers.join(", ");
  const answered = new AbortController();
  const refused = new Promise<never>((_, reject) => {
    const fail = (message: string, cause?: unknown): void =>
      reject(
        new PortError(`rdkafka: ${message}`, {
          kind: "authentication",
          outcome: "failed",
          code: -169,
          cause,
        }),
      );
    onAuthentication((message) => fail(`${brokers} refused the credentials: ${message}`));
    // The addon emits this when there is no OAuth token to be had, now or at a later renewal; without
    // a listener it would end the process. A later failure has nobody to tell here: librdkafka tries
    // again in 10 s.
    client.on("error", (error: Error) => fail(error.message, error));
  });
  // A client that is given up here ends by itself when its own time-out has passed.
  const connected = call((done) =>
    client.connect({ allTopics: false, timeout: connectMs }, done),
  ).catch((error: unknown) => {
    throw connectError(error, brokers, connectMs);
  });
  const late = delay(connectMs + 250, answered.signal).then(() => {
    throw connectError(new Error("timed out"), brokers, connectMs);
  });
  try {
    await Promise.race([connected, refused, late]);
  } finally {
    late.catch(() => {});
    connected.catch(() => {});
    answered.abort();
  }
}

function connectError(cause: unknown, brokers: string, connectMs: number): PortError {
  const { code, message } = asNative(cause);
  // Settings that contradict each other are found only here, and come without a code.
  const local = code === -172 || (code === -1 && /config|must be|`/i.test(message));
  return local
    ? new PortError(`rdkafka: ${message}`, {
        kind: "configuration",
        outcome: "failed",
        code,
        cause,
      })
    : new PortError(
        `rdkafka: no broker answered within ${connectMs} ms at ${brokers} (${message})`,
        {
          kind: "retriable",
          outcome: "failed",
          code,
          cause,
        },
      );
}
