import { ConsumerEngine } from "@sluice/core";
import type { BatchConsumerOptions, Consumer, ConsumerOptions } from "./consumer-options.ts";
import { ConsumerShell } from "./consumer-shell.ts";
import { environmentOf } from "./environment.ts";
import { validateConsumerOptions } from "./validate-options.ts";

/**
 * A consumer of the given topics; it does nothing until `start`.
 *
 * @throws ConfigurationError for an option that is unknown, missing or out of range
 */
export function createConsumer(options: ConsumerOptions | BatchConsumerOptions): Consumer {
  const settings = validateConsumerOptions(options);
  const environment = environmentOf(settings.adapter);
  const consumer = new ConsumerShell(
    settings,
    (config, sink) => new ConsumerEngine(config, sink),
    environment,
  );
  environment.created?.(consumer);
  return consumer;
}
