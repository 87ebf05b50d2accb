import { kafkajs } from "@sluice/adapter-kafkajs";
import type { Adapter } from "@sluice/core";

/** The one line in which a program that uses the other client differs. */
export async function chooseAdapter(
  name: string,
): Promise<(brokers: readonly string[]) => Adapter> {
  switch (name) {
    case "kafkajs":
      return (brokers) => kafkajs({ brokers });
    case "rdkafka": {
      // Needs a native addon, so it is loaded only when asked for.
      const { rdkafka } = await import("@sluice/adapter-rdkafka");
      return (brokers) => rdkafka({ brokers });
    }
    default:
      throw new Error(`--adapter wants kafkajs or rdkafka, not ${name}`);
  }
}
