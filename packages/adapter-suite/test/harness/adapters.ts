import { kafkajs } from "@sluice/adapter-kafkajs";
import type {
  Adapter,
  ClientConfig,
  ConsumerPort,
  ConsumerPortOptions,
  Logger,
  ProducerPort,
} from "@sluice/core";
import type { LocalCluster } from "@sluice/conformance";
import { afterEach, describe } from "vitest";
import { RecordingEvents, type Answers } from "./recording-events.ts";
import { sharedCluster } from "./shared-cluster.ts";
import { Witness } from "./witness.ts";

/** An adapter that the shared tests are run against. */
export interface Tested {
  readonly name: "kafkajs" | "rdkafka";
  readonly create: (config: ClientConfig) => Adapter;
  /** Why it cannot be tested here; its tests are skipped, never passed. */
  readonly missing: string | null;
}

export const KAFKAJS: Tested = {
  name: "kafkajs",
  create: (config) => kafkajs(config),
  missing: null,
};

/** Every adapter, those that cannot run here included. */
export const adapters: readonly Tested[] = [KAFKAJS, await rdkafka()];

/**
 * Runs the same tests for each adapter. One that is missing is shown as skipped, and said aloud;
 * with SLUICE_REQUIRE_RDKAFKA=1 it fails.
 */
export function forEachAdapter(title: string, tests: (tested: Tested) => void): void {
  for (const tested of adapters) {
    if (tested.missing === null) {
      describe(`${title} [${tested.name}]`, () => tests(tested));
      continue;
    }
    if (process.env["SLUICE_REQUIRE_RDKAFKA"] === "1") throw new Error(tested.missing);
    process.stderr.write(`NOT TESTED: ${title} [${tested.name}]: ${tested.missing}\n`);
    describe.skip(`${title} [${tested.name}] NOT TESTED: ${tested.missing}`, () => tests(tested));
  }
}

async function rdkafka(): Promise<Tested> {
  const module = (await import("@sluice/adapter-rdkafka")) as {
    readonly rdkafka?: (config: ClientConfig) => Adapter;
  };
  const { rdkafka: create } = module;
  if (create === undefined) return absent("the adapter is not there yet");
  try {
    create({ brokers: ["127.0.0.1:1"] });
  } catch (error) {
    return absent(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
  return { name: "rdkafka", create, missing: null };
}

function absent(why: string): Tested {
  return {
    name: "rdkafka",
    missing: why,
    create: () => {
      throw new Error(why);
    },
  };
}

/** What tests open and need not close. */
export interface Rig {
  readonly cluster: LocalCluster;
  readonly witness: Witness;
  adapter(config?: Partial<ClientConfig>): Adapter;
  /** Starts a group member with quick timeouts. */
  member(options: MemberOptions): Promise<Member>;
  producer(config?: Partial<ClientConfig>): Promise<ProducerPort>;
  /** Stores a group's offset without joining it. */
  setOffset(
    group: string,
    topic: string,
    offset: number | string,
    metadata: string,
    partition?: number,
  ): Promise<void>;
  readonly logger: Logger;
  /** Runs before the ports are closed, in reverse order: mend what was broken. */
  onEnd(mend: () => unknown): void;
}

interface MemberOptions {
  readonly topics: readonly string[];
  readonly group: string;
  readonly answers?: Answers;
  readonly config?: Partial<ClientConfig>;
  readonly isolation?: ConsumerPortOptions["isolation"];
  readonly drainTimeoutMs?: number;
  readonly logger?: Logger;
}

export interface Member {
  readonly port: ConsumerPort;
  readonly events: RecordingEvents;
  readonly clientId: string;
}

/** Timeouts that make a test quick: a session of 6 s is the shortest that is still calm. */
const QUICK: Partial<ClientConfig> = {
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 500,
  rebalanceTimeoutMs: 20_000,
  fetch: { maxWaitMs: 100 },
};

/** A killed broker is started again, and the cluster whole, before the next test. */
const MENDING_MS = 180_000;

/**
 * A rig for the tests of the surrounding `describe`. What a test opened is closed after it, and
 * every member is then asked whether a rule of the port was broken.
 */
export function rigFor(tested: Tested, nodes: 1 | 3 = 1): () => Promise<Rig> {
  const closers: (() => unknown)[] = [];
  const members: Member[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    const breaches = members.splice(0).flatMap(({ events }) => events.breaches);
    if (breaches.length > 0) throw new Error(`port rules broken:\n${breaches.join("\n")}`);
  }, MENDING_MS);
  return async () => {
    const cluster = await sharedCluster(nodes);
    const witness = new Witness(cluster);
    const adapter = (config: Partial<ClientConfig> = {}): Adapter =>
      tested.create({ brokers: cluster.clientBrokers, ...QUICK, ...config });
    return {
      cluster,
      witness,
      adapter,
      async member(options) {
        const clientId = options.config?.clientId ?? witness.name("member");
        const port = adapter({ ...options.config, clientId }).consumer({
          group: options.group,
          isolation: options.isolation ?? "read_committed",
          logger: options.logger ?? testLogger,
          drainTimeoutMs: options.drainTimeoutMs ?? 15_000,
        });
        const events = new RecordingEvents(options.answers);
        closers.push(() => port.close(1000));
        const member = { port, events, clientId };
        members.push(member);
        await port.start(options.topics, events);
        return member;
      },
      async producer(config = {}) {
        const clientId = config.clientId ?? witness.name("producer");
        const port = adapter({ ...config, clientId }).producer({ logger: testLogger });
        closers.push(() => port.close(1000));
        await port.connect();
        return port;
      },
      setOffset: (...args) => witness.setOffset(...args),
      logger: testLogger,
      onEnd: (mend) => closers.push(mend),
    };
  };
}

const loud = process.env["SLUICE_TEST_LOG"] === "1";
const say =
  (level: string) =>
  (message: string, fields: object = {}): void => {
    if (loud) process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`);
  };

/** Silent unless SLUICE_TEST_LOG=1. */
export const testLogger: Logger = {
  debug: say("debug"),
  info: say("info"),
  warn: say("warn"),
  error: say("error"),
};
