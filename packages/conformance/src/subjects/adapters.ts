import type { Adapter, Caps, ClientConfig } from "@sluice/core";
import type { Capabilities, SubjectConfig } from "../subject/protocol.ts";
import { clientConfigOf } from "./client-config.ts";

interface Described {
  readonly client: { readonly name: string; readonly version: string };
  readonly rebalance: Capabilities["rebalance"];
  readonly staticMembership: boolean;
  readonly caps: Caps;
}

const NOWHERE: ClientConfig = { brokers: ["127.0.0.1:1"], clientId: "describe" };

/** What an adapter's client can do, without connecting. @throws Error for an unknown name */
export async function describeAdapter(name: string): Promise<Described> {
  const { caps } = await load(name, NOWHERE, { groupProtocol: "classic", assignor: "range" });
  const [client = name, version = "unknown"] = caps.client.split(/ (?=\S+$)/);
  return {
    client: { name: client, version },
    rebalance: name === "rdkafka" ? ["consumer", "cooperative", "eager"] : ["eager"],
    // kafkajs joins without an instance id, whatever it is told.
    staticMembership: name === "rdkafka",
    caps,
  };
}

/** The adapter as a case wants it. Its producer is `<member>-producer` on the wire. */
export async function adapterFor(name: string, config: SubjectConfig): Promise<Adapter> {
  const adapter = await load(
    name,
    {
      brokers: config.brokers,
      clientId: config.member,
      sessionTimeoutMs: config.sessionTimeoutMs,
      heartbeatIntervalMs: config.heartbeatMs,
      rebalanceTimeoutMs: config.rebalanceTimeoutMs,
      ...clientConfigOf(config),
    },
    config,
  );
  return {
    name: adapter.name,
    caps: adapter.caps,
    consumer: (options) => adapter.consumer(options),
    admin: (options) => adapter.admin(options),
    producer: (options) => adapter.producer({ ...options, clientIdSuffix: "producer" }),
  };
}

async function load(name: string, config: ClientConfig, group: GroupConfig): Promise<Adapter> {
  switch (name) {
    case "kafkajs": {
      const { kafkajs } = await import("@sluice/adapter-kafkajs");
      return kafkajs(config);
    }
    case "rdkafka": {
      const { rdkafka } = await import("@sluice/adapter-rdkafka");
      return rdkafka({ ...config, ...groupOptions(group) });
    }
    default:
      throw new Error(`no adapter ${name}: kafkajs or rdkafka`);
  }
}

type GroupConfig = Pick<SubjectConfig, "groupProtocol" | "assignor" | "instanceId">;

function groupOptions({
  groupProtocol,
  assignor,
  instanceId,
}: GroupConfig): Record<string, unknown> {
  return {
    groupProtocol,
    ...(groupProtocol === "consumer" ? {} : { assignor }),
    ...(instanceId === undefined ? {} : { instanceId }),
  };
}
