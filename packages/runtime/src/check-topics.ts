import type { Adapter, Logger } from "@sluice/core";
import { ConfigurationError } from "@sluice/core";
import { asPortError } from "./errors.ts";
import type { Time } from "./time.ts";
import { settlesWithin } from "./timing.ts";

/**
 * A missing topic is a misspelt one more often than not, and a broker that creates topics on first
 * use would hide that.
 *
 * @throws ConfigurationError naming the missing topic
 * @throws PortError when the cluster cannot be asked
 */
export async function checkTopics(
  adapter: Adapter,
  logger: Logger,
  topics: readonly string[],
  deadLetterTopic: string | null,
  time: Time,
): Promise<void> {
  const wanted = deadLetterTopic === null ? topics : [...topics, deadLetterTopic];
  const counts = await countPartitions(adapter, logger, wanted, time);
  const missing = wanted.findIndex((_, i) => (counts[i] ?? null) === null);
  if (missing === -1) return;
  const isDeadLetter = missing === topics.length;
  throw new ConfigurationError(
    isDeadLetter ? "deadLetter.topic" : `topics[${missing}]`,
    `the topic "${wanted[missing]}" does not exist`,
    isDeadLetter
      ? "Create it, best with as many partitions as the topic that feeds it, or correct the name."
      : "Create it or correct the name.",
  );
}

async function countPartitions(
  adapter: Adapter,
  logger: Logger,
  topics: readonly string[],
  time: Time,
): Promise<readonly (number | null)[]> {
  const admin = adapter.admin({ logger });
  try {
    await admin.connect();
    return await admin.topicPartitions(topics);
  } catch (error) {
    throw asPortError(error, "looking up the topics");
  } finally {
    await settlesWithin(time, admin.close(), 5000);
  }
}
