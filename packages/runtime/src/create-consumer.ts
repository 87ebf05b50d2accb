import { ConsumerEngine } from "@sluice/core";
import { systemClock } from "./clock.ts";
import type { Consumer, ConsumerOptions } from "./consumer-options.ts";
import { ConsumerShell } from "./consumer-shell.ts";
import { validateConsumerOptions } from "./validate-options.ts";

/**
 * A consumer of the given topics; it does nothing until `start`.
 *
 * @throws ConfigurationError for an option that is unknown, missing or out of range
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  return new ConsumerShell(
    validateConsumerOptions(options),
    (config, sink) => new ConsumerEngine(config, sink),
    systemClock(),
  );
}
