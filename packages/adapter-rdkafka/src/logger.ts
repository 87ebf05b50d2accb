import type { Logger } from "@sluice/core";

import type { LogEvent } from "./client.ts";

/** What the client says only in its log (trap T24). */
export interface LogFindings {
  /** A broker refused the credentials or the TLS handshake. */
  authentication(message: string): void;
  /** The client object is dead: a fenced static member, an idempotent producer out of step. */
  fatal(message: string): void;
  /** A consumer was not polled within `max.poll.interval.ms`. */
  neglected?(): void;
}

/** Takes the client's log events into Sluice's logger; nothing goes to stderr. */
export function routeLog(logger: Logger, findings: LogFindings): (event: LogEvent) => void {
  return ({ severity, fac, message }) => {
    const text = message.replace(/^\[thrd:[^\]]*\]: /, "");
    const fields = { client: "rdkafka", facility: fac };
    if (fac === "FATAL") {
      logger.error(text, fields);
      findings.fatal(text);
    } else if (AUTHENTICATION.test(text)) {
      logger.error(text, fields);
      findings.authentication(text);
    } else if (fac === "MAXPOLL") {
      logger.warn(text, fields);
      findings.neglected?.();
    } else if (severity <= 4 || fac === "FAIL" || fac === "ERROR") {
      // A broker that restarts logs errors although librdkafka copes: they are warnings here.
      logger.warn(text, fields);
    } else if (severity <= 6) {
      logger.info(text, fields);
    } else {
      logger.debug(text, fields);
    }
  };
}

const AUTHENTICATION =
  /SASL authentication error|authentication fail|SSL handshake failed|unsupported SASL mechanism/i;
