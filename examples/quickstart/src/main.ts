import { startLocalCluster } from "@sluice/conformance";
import type { LocalCluster } from "@sluice/conformance";
import type { Adapter } from "@sluice/core";
import {
  createConsumer,
  createProducer,
  NonRetryableError,
  RetryableError,
  stopOnSignals,
} from "@sluice/runtime";
import type { Consumer } from "@sluice/runtime";
import { parseArgs } from "node:util";
import { chooseAdapter } from "./choose-adapter.ts";
import { placeOrders } from "./customers.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { Ledger } from "./ledger.ts";
import { CUSTOMERS, isPoisonous, readOrder } from "./orders.ts";
import { bad, bold, good, odd, Screen } from "./screen.ts";

const HELP = `Orders through Sluice on a real Kafka, started for you.

  pnpm --filter @sluice/example-quickstart start [--adapter kafkajs|rdkafka] [--orders 600]
`;

const TOPIC = "orders";
const DEAD_LETTERS = "orders.dlq";
const screen = new Screen();
const ledger = new Ledger();
/** Records given up, by where they came from. */
const givenUp = new Set<string>();

try {
  process.exitCode = await main();
} catch (error) {
  screen.endProgress();
  screen.say(bad(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    // pnpm passes a "--" on.
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      adapter: { type: "string", default: "kafkajs" },
      orders: { type: "string", default: "600" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const count = Number(values.orders);
  if (!Number.isInteger(count) || count < 1) throw new Error("--orders wants a number, 1 or more");
  const connect = await chooseAdapter(values.adapter);

  screen.say("starting a Kafka of three brokers …");
  const cluster = await startLocalCluster({ nodes: 3, sasl: false });
  try {
    const adapter = connect(cluster.clientBrokers);
    screen.say(`Kafka ${cluster.kafkaVersion} is up; the client is ${adapter.caps.client}`);
    return await shop(cluster, adapter, count);
  } finally {
    await cluster.close();
  }
}

async function shop(cluster: LocalCluster, adapter: Adapter, count: number): Promise<number> {
  await createTopics(adapter, [TOPIC, DEAD_LETTERS]);
  const closing = new AbortController();

  const consumer = createConsumer({
    adapter,
    group: "shop",
    topics: [TOPIC],
    concurrency: 16,
    retry: {
      maxAttempts: 4,
      backoff: { type: "exponential", initialMs: 100, maxMs: 2000, jitter: "full" },
    },
    deadLetter: { topic: DEAD_LETTERS },
    handler: async ({ value }, { attempt, messageId }) => {
      let order;
      try {
        order = readOrder(value);
      } catch {
        throw new NonRetryableError("this is not an order");
      }
      await chargeCard(order.flaky && attempt < 3);
      ledger.charge(order, messageId);
    },
  });
  tellEvents(consumer);

  // Ctrl-C: what is being charged is finished and committed, then the process ends; twice: at once.
  const ignoreSignals = stopOnSignals(consumer, {
    drainTimeoutMs: 10_000,
    onStopped: async ([stopped]) => {
      closing.abort();
      screen.endProgress();
      screen.say(`drained on a signal: ${stopped?.result}; ${ledger.size} orders charged`);
      await cluster.close();
    },
  });

  await consumer.start();
  const producer = createProducer({ adapter });
  const placing = placeOrders(producer, TOPIC, count, closing.signal, screen);
  const killing = killHalfWay(cluster, count, closing.signal);
  const finished = await progressUntilDone(consumer, count, closing.signal);
  if (closing.signal.aborted) return await new Promise(() => {}); // the signal's handler exits
  ignoreSignals();
  screen.endProgress();
  if (!finished) {
    screen.say(bad("nothing has moved for two minutes; gave up"));
    closing.abort();
  }
  await Promise.all([placing, killing]);
  await producer.close();
  const { result } = await consumer.stop();
  const expected = Array.from({ length: count }, (_, i) => i).filter(isPoisonous).length;
  const letters = await readDeadLetters(adapter, DEAD_LETTERS, expected);
  return summary(count - expected, expected, letters, result);
}

async function createTopics(adapter: Adapter, topics: readonly string[]): Promise<void> {
  const silent = (): void => {};
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  const admin = adapter.admin({ logger });
  await admin.connect();
  for (const topic of topics) {
    await admin.createTopic({ topic, partitions: 6, replicationFactor: 3 });
  }
  await admin.close();
}

/** Stands for a call of somebody else's service. */
async function chargeCard(fails: boolean): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60));
  if (fails) throw new RetryableError("the payment provider does not answer");
}

function tellEvents(consumer: Consumer): void {
  consumer.on("assigned", ({ partitions }) =>
    screen.say(`assigned ${partitions.length} partitions`),
  );
  consumer.on("retry", ({ topic, partition, offset, attempt, delayMs, error }) =>
    screen.say(
      odd(
        `retry    ${topic}-${partition}@${offset} attempt ${attempt} failed, again in ${delayMs} ms: ${error}`,
      ),
    ),
  );
  consumer.on("deadLetter", ({ topic, partition, offset, to }) => {
    const from = `${topic}-${partition}@${offset}`;
    givenUp.add(from);
    screen.say(odd(`dead     ${from} is now ${to.topic}-${to.partition}@${to.offset}`));
  });
  consumer.on("lost", ({ partitions }) =>
    screen.say(odd(`lost     ${partitions.length} partitions`)),
  );
  consumer.on("commitFailed", ({ error }) => screen.say(odd(`commit   not yet: ${error}`)));
  consumer.on("down", ({ error, willRestart }) =>
    screen.say(
      willRestart
        ? odd(`client   is down and comes back: ${error.message}`)
        : bad(`client   is down for good: ${error.message}`),
    ),
  );
}

/** Kills a broker when half is done; starts it again when an order placed since has been charged. */
async function killHalfWay(
  cluster: LocalCluster,
  count: number,
  closing: AbortSignal,
): Promise<void> {
  const victim = cluster.nodes.at(-1) ?? 1;
  await until(() => ledger.size >= count / 2, closing);
  if (closing.aborted) return;
  const killedAt = Date.now();
  await cluster.signal(victim, "kill");
  screen.say(bold(`killed broker ${victim} half way, with SIGKILL`));
  const began = performance.now();
  await until(() => ledger.newest > killedAt, closing);
  if (closing.aborted) return;
  const ms = Math.round(performance.now() - began);
  screen.say(good(`an order placed since was charged ${ms} ms later`));
  await cluster.restart(victim);
  screen.say(`broker ${victim} is back`);
}

/** False when nothing has moved for two minutes. */
async function progressUntilDone(
  consumer: Consumer,
  count: number,
  closing: AbortSignal,
): Promise<boolean> {
  let best = 0;
  let movedAt = performance.now();
  for (;;) {
    if (closing.aborted) return true;
    const done = ledger.size + givenUp.size;
    screen.progress(done, count, consumer.stats().running);
    if (done >= count) return true;
    if (done > best) {
      best = done;
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > 120_000) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function until(condition: () => boolean, closing: AbortSignal): Promise<void> {
  while (!condition() && !closing.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
}

function summary(orders: number, poisonous: number, letters: number, result: string): number {
  const checks: [boolean, string][] = [
    [CUSTOMERS.every((each) => ledger.inOrder(each)), "each customer's orders in their order"],
    [ledger.size === orders, `${ledger.size} of ${orders} good orders charged`],
    [letters === poisonous, `${letters} of ${poisonous} poisonous orders in the dead letter topic`],
    [result === "clean", `stopped ${result}`],
  ];
  screen.say("");
  for (const [passed, text] of checks) screen.say(`${passed ? good("✓") : bad("✗")} ${text}`);
  screen.say(`  ${ledger.repeated} deliveries were repeats; their message ids made them harmless`);
  return checks.every(([passed]) => passed) ? 0 : 1;
}
