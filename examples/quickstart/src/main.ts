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
import { readDeadLetters } from "./dead-letters.ts";
import { Ledger } from "./ledger.ts";
import { makeOrders, readOrder } from "./orders.ts";
import type { Batch } from "./orders.ts";
import { bad, bold, good, odd, Screen } from "./screen.ts";

const HELP = `Orders through Sluice on a real Kafka, started for you.

  pnpm --filter @sluice/example-quickstart start [--adapter kafkajs|rdkafka] [--orders 600]
`;

const screen = new Screen();
const ledger = new Ledger();

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
  const topic = "orders";
  const deadLetterTopic = "orders.dlq";
  await createTopics(adapter, [topic, deadLetterTopic]);

  const batch = makeOrders(topic, count);
  const producer = createProducer({ adapter });
  const written = await producer.sendBatch(batch.messages);
  await producer.close();
  const failures = written.filter(({ error }) => error !== undefined);
  if (failures[0]?.error !== undefined) throw failures[0].error;
  screen.say(
    `wrote ${count} orders of ${batch.customers.length} customers, ${batch.poisonous} of them poisonous`,
  );

  const consumer = createConsumer({
    adapter,
    group: "shop",
    topics: [topic],
    concurrency: 16,
    retry: {
      maxAttempts: 4,
      backoff: { type: "exponential", initialMs: 100, maxMs: 2000, jitter: "full" },
    },
    deadLetter: { topic: deadLetterTopic },
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

  // Ctrl-C: running orders are finished and committed, then the process ends; twice: at once.
  let interrupted = false;
  const ignoreSignals = stopOnSignals(consumer, {
    drainTimeoutMs: 10_000,
    onStopped: async ([stopped]) => {
      interrupted = true;
      screen.endProgress();
      screen.say(`drained on a signal: ${stopped?.result}; ${ledger.size} orders charged`);
      await cluster.close();
    },
  });

  await consumer.start();
  const broker = killHalfWay(cluster, consumer, count);
  const finished = await progressUntil(consumer, count, () => interrupted);
  if (interrupted) return 0;
  ignoreSignals();
  screen.endProgress();
  await broker;
  const { result } = await consumer.stop();
  if (!finished) screen.say(bad("gave up waiting for the rest"));
  const letters = await readDeadLetters(adapter, deadLetterTopic, batch.poisonous);
  return summary(batch, count, letters, result);
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
  consumer.on("deadLetter", ({ topic, partition, offset, to }) =>
    screen.say(
      odd(
        `dead     ${topic}-${partition}@${offset} is now ${to.topic}-${to.partition}@${to.offset}`,
      ),
    ),
  );
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

/** Kills a broker when half is done, and starts it again when the consumer has gone on. */
async function killHalfWay(
  cluster: LocalCluster,
  consumer: Consumer,
  count: number,
): Promise<void> {
  const settled = (): number => consumer.stats().totals["settled"] ?? 0;
  const victim = cluster.nodes.at(-1) ?? 1;
  await until(() => settled() >= count / 2);
  await cluster.signal(victim, "kill");
  screen.say(bold(`killed broker ${victim} half way, with SIGKILL`));
  const at = settled();
  const began = performance.now();
  await until(() => settled() > at + 20 || settled() === count);
  screen.say(good(`the consumer goes on after ${Math.round(performance.now() - began)} ms`));
  await cluster.restart(victim);
  screen.say(`broker ${victim} is back`);
}

/** False when nothing has moved for two minutes. */
async function progressUntil(
  consumer: Consumer,
  count: number,
  stopped: () => boolean,
): Promise<boolean> {
  let best = 0;
  let movedAt = performance.now();
  for (;;) {
    const { totals, running } = consumer.stats();
    const settled = totals["settled"] ?? 0;
    screen.progress(settled, count, running);
    if (settled >= count || stopped()) return true;
    if (settled > best) {
      best = settled;
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > 120_000) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function summary(
  { customers, poisonous }: Batch,
  count: number,
  letters: number,
  result: string,
): number {
  const checks: [boolean, string][] = [
    [
      customers.every((customer) => ledger.inOrder(customer)),
      "each customer's orders in their order",
    ],
    [
      ledger.size === count - poisonous,
      `${ledger.size} of ${count - poisonous} good orders charged`,
    ],
    [letters === poisonous, `${letters} of ${poisonous} poisonous orders in the dead letter topic`],
    [result === "clean", `stopped ${result}`],
  ];
  screen.say("");
  for (const [passed, text] of checks) screen.say(`${passed ? good("✓") : bad("✗")} ${text}`);
  screen.say(`  ${ledger.repeated} deliveries were repeats; their message ids made them harmless`);
  return checks.every(([passed]) => passed) ? 0 : 1;
}
