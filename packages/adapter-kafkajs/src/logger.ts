import type { Logger } from "@sluice/core";
import type { logCreator } from "kafkajs";
import { logLevel } from "./internals.ts";

/**
 * Routes kafkajs' log into ours, never to stdout. What kafkajs calls an error is most often a
 * connection it will try again: real failures are told by the port itself, so these are warnings.
 */
export function logInto(logger: Logger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
      const text = `kafkajs ${namespace}: ${message}`;
      if (level <= logLevel.WARN) logger.warn(text, fields);
      else if (level === logLevel.INFO) logger.debug(text, fields);
    };
}
