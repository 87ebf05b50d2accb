import type { Logger } from "@sluice/core";

import { call, type ClientModule, type LogEvent, type NativeClient } from "./client.ts";
import { commonConf, type ResolvedRdkafkaConfig } from "./config.ts";
import { connect, createClient } from "./connect.ts";
import { routeLog } from "./logger.ts";
import { delay } from "./timing.ts";

/** How long nothing may be heard before somebody asks. */
const LOOK_MS = 5000;
/** For a broker that is there to answer, the client's own backoff between two connects included. */
const ANSWER_MS = 2000;
/** Nothing was ever produced. */
const FLUSH_MS = 1;

/** Why a client is given up. */
export const STRANDED: string =
  "the client has lost all its brokers and looks for them no more, though they can be reached " +
  "(confluentinc/librdkafka#5301): it has to be replaced";

export interface BrokerWatchParts {
  readonly client: NativeClient;
  /** Whether anything is to be heard from a broker at all. */
  readonly listening: () => boolean;
  /** Rejects unless a client of the same configuration, but a new one, gets an answer. */
  readonly reach: () => Promise<void>;
  /** The client will never again talk to any broker. Called once. */
  readonly onStranded: () => void;
}

/**
 * Notices a client that has lost all its brokers for good, which librdkafka neither says nor mends
 * (confluentinc/librdkafka#5301; only a new client helps). It happens like this:
 *
 * 1. The cluster answers a metadata request with the topics and no broker: all are fenced for a
 *    moment, as the only one is that stood still or has just started. The client gives up every broker.
 * 2. The last of their threads ends. All brokers are down, so the client is to begin anew with
 *    `bootstrap.servers`: a timer is set, and a mark that this is under way.
 * 3. The answer has been dealt with. Metadata has come, so the timer is stopped. The mark stays.
 * 4. No broker is left to ask, and because of the mark nothing begins anew.
 *
 * Whether 2 comes before 3 is a race of two threads. To the outside it looks like an outage; what tells
 * them apart is a new client, which finds the brokers when this one does not.
 */
export class BrokerWatch {
  readonly #parts: BrokerWatchParts;
  readonly #stop = new AbortController();
  #heard = true;

  constructor(parts: BrokerWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#run();
  }

  /** A broker has said something. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { listening, onStranded } = this.#parts;
    const { signal } = this.#stop;
    for (;;) {
      await delay(LOOK_MS, signal);
      if (signal.aborted) return;
      const silent = !this.#heard && listening();
      this.#heard = false;
      if (silent && (await this.#isStranded())) {
        if (!signal.aborted) onStranded();
        return;
      }
    }
  }

  async #isStranded(): Promise<boolean> {
    if (await this.#answers()) return false;
    if (!(await succeeds(this.#parts.reach()))) return false;
    // The brokers may have come back between the two: then this client finds them now.
    return !(await this.#answers());
  }

  #answers(): Promise<boolean> {
    const metadata = { allTopics: false, timeout: ANSWER_MS } as const;
    return succeeds(call((done) => this.#parts.client.getMetadata(metadata, done)));
  }
}

/** Connects a new client and lets it go. One that finds nobody ends by itself. @throws PortError */
export async function reachBrokers(
  module: ClientModule,
  config: ResolvedRdkafkaConfig,
  logger: Logger,
): Promise<void> {
  const conf = commonConf(config, `${config.clientId}-probe`);
  const client = createClient(() => new module.Producer(conf));
  const debug: Logger["debug"] = (message, fields) => logger.debug(message, fields);
  let refused: ((message: string) => void) | undefined;
  const log = routeLog(
    { debug, info: debug, warn: debug, error: debug },
    { authentication: (message) => refused?.(message), fatal: () => {} },
  );
  client.on("event.log", (event: LogEvent) => log(event));
  client.on("event.error", () => {});
  await connect(client, config, (listener) => (refused = listener));
  client.disconnect(FLUSH_MS, () => {});
}

async function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch {
    return false;
  }
}
