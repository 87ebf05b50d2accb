import type { Adapter } from "@sluice/core";
import { bindEnvironment } from "@sluice/runtime/internals";
import { SimAdminPort } from "./sim-admin-port.ts";
import { capsOf } from "./sim-client.ts";
import type { SimClient } from "./sim-client.ts";
import { SimConsumerPort } from "./sim-consumer-port.ts";
import { SimProducerPort } from "./sim-producer-port.ts";
import type { ProduceGuard } from "./sim-producer-port.ts";

/** An adapter of this process. What is created with it lives in the process's time. */
export function simAdapter(client: SimClient, guard: ProduceGuard): Adapter {
  const adapter: Adapter = {
    name: "simulated",
    caps: capsOf(client.cluster.protocol),
    consumer: (options) => new SimConsumerPort(client, options),
    producer: () => new SimProducerPort(client, guard),
    admin: () => new SimAdminPort(client),
  };
  bindEnvironment(adapter, client.process.environment);
  return adapter;
}
