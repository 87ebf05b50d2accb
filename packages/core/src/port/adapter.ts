import type { AdminPort } from "./admin-port.ts";
import type { Caps } from "./caps.ts";
import type { ConsumerPort, ConsumerPortOptions } from "./consumer-port.ts";
import type { Logger } from "./logger.ts";
import type { ProducerPort, ProducerPortOptions } from "./producer-port.ts";

/** What `kafkajs({ … })` and `rdkafka({ … })` return: a validated configuration and three factories. */
export interface Adapter {
  readonly name: "kafkajs" | "rdkafka" | (string & {});
  readonly caps: Caps;
  consumer(options: ConsumerPortOptions): ConsumerPort;
  producer(options: ProducerPortOptions): ProducerPort;
  admin(options: { readonly logger: Logger }): AdminPort;
}
