import { checkObject } from "@sluice/core";
import { environmentOf } from "./environment.ts";
import type { Producer, ProducerOptions } from "./producer-options.ts";
import { ProducerShell } from "./producer-shell.ts";
import { ProducerLink } from "./producer-link.ts";
import { adapterOf, flag, oneOf, validateLogger } from "./validate-options.ts";

/**
 * An idempotent producer whose partitions are chosen by Sluice, the same with every client.
 *
 * @throws ConfigurationError for an option that is unknown, missing or out of range
 */
export function createProducer(options: ProducerOptions): Producer {
  checkObject(options, "", ["adapter", "partitioner", "writeTraceId", "logger"]);
  const adapter = adapterOf(options.adapter);
  const partitioner = oneOf(options.partitioner, "partitioner", PARTITIONERS, "murmur2");
  const writeTraceId = flag(options.writeTraceId, "writeTraceId");
  const logger = validateLogger(options.logger);
  const environment = environmentOf(adapter);
  return new ProducerShell(
    new ProducerLink(adapter, { logger }, environment.time),
    { partitioner, writeTraceId },
    environment,
  );
}

const PARTITIONERS = ["murmur2", "crc32", "fnv1a-abs", "fnv1a-mask"] as const;
