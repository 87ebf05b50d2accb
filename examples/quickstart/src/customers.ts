import type { Producer } from "@sluice/runtime";
import { CUSTOMERS, makeOrder } from "./orders.ts";
import { odd } from "./screen.ts";
import type { Screen } from "./screen.ts";

/** Every customer orders in turn until there are `count` orders. */
export async function placeOrders(
  producer: Producer,
  topic: string,
  count: number,
  closed: AbortSignal,
  screen: Screen,
): Promise<void> {
  for (let i = 0; i < count && !closed.aborted; i += CUSTOMERS.length) {
    const size = Math.min(CUSTOMERS.length, count - i);
    let wave = Array.from({ length: size }, (_, j) => makeOrder(topic, i + j));
    // One order of each customer at a time: sending one again cannot overtake the next.
    while (wave.length > 0 && !closed.aborted) {
      const results = await producer.sendBatch(wave);
      const failed = results.find(({ error }) => error !== undefined);
      wave = wave.filter((_, j) => results[j]?.error !== undefined);
      if (failed?.error === undefined) continue;
      screen.say(odd(`producer ${wave.length} orders are sent again: ${failed.error.message}`));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
