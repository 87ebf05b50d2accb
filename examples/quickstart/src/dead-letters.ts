import type { Adapter } from "@sluice/core";
import { createConsumer } from "@sluice/runtime";

/** How many dead letters say in their headers that they were no orders; waits for `expected`. */
export async function readDeadLetters(
  adapter: Adapter,
  topic: string,
  expected: number,
): Promise<number> {
  const found = new Set<string>();
  const reader = createConsumer({
    adapter,
    group: "post-mortem",
    topics: [topic],
    // Only consumers write to it, so what its headers say of origin and error is believed.
    trustedTopics: [topic],
    retry: { maxAttempts: Infinity },
    handler: (_, { envelope: { origin, errorMessage } }) => {
      if (origin && errorMessage === "this is not an order") {
        found.add(`${origin.topic}-${origin.partition}@${origin.offset}`);
      }
    },
  });
  await reader.start();
  const deadline = performance.now() + 30_000;
  while (found.size < expected && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await reader.stop();
  return found.size;
}
