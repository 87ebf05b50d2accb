import type { ClientConfig, PortError } from "@sluice/core";
import { ConfigurationError } from "@sluice/core";
import { saslUsers } from "@sluice/conformance";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";
import { outgoing } from "../harness/records.ts";

forEachAdapter("connecting", (tested) => {
  const rig = rigFor(tested);

  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
    it(`consumes and produces with SASL ${mechanism}`, async () => {
      const { cluster, member, producer, witness } = await rig();
      const topic = await witness.topic("sasl");
      const config = { brokers: cluster.saslBrokers, sasl: saslUsers[mechanism] };
      const port = await producer(config);
      await port.send(outgoing(topic, 0, "v"));
      const { events } = await member({ topics: [topic], group: witness.name("g"), config });
      await awaitUntil("the record", () => events.values().length === 1);
    });

    it(`T24 says that a ${mechanism} password is wrong`, async () => {
      const { cluster, adapter, logger, witness } = await rig();
      const topic = await witness.topic("sasl");
      const config: Partial<ClientConfig> = {
        brokers: cluster.saslBrokers,
        sasl: { ...saslUsers[mechanism], password: "wrong" },
      };
      const before = performance.now();
      const errors = [
        await failure(async () => {
          const port = adapter(config).consumer({
            group: witness.name("g"),
            isolation: "read_committed",
            logger,
            drainTimeoutMs: 1000,
          });
          try {
            await port.start([topic], nobody);
          } finally {
            await port.close(0);
          }
        }),
        await failure(async () => {
          const port = adapter(config).producer({ logger });
          try {
            await port.connect();
          } finally {
            await port.close(0);
          }
        }),
      ];
      for (const error of errors) {
        expect(error.kind).toBe("authentication");
        expect(error.message).not.toContain("wrong");
      }
      expect(performance.now() - before).toBeLessThan(20_000);
    });
  }

  it("says within the connect timeout that no broker answers, and which were tried", async () => {
    const { adapter, logger, witness } = await rig();
    // A port that nobody listens on: it was free a moment ago.
    const address = await unusedAddress();
    const port = adapter({ brokers: [address], timeouts: { connectMs: 3000 } }).consumer({
      group: witness.name("g"),
      isolation: "read_committed",
      logger,
      drainTimeoutMs: 1000,
    });
    const before = performance.now();
    const error = await failure(() => port.start(["whatever"], nobody));
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(error.kind).toBe("retriable");
    expect(error.message).toContain(address);
    await port.close(0);
  });

  it("says within the connect timeout that a broker accepts and then says nothing", async () => {
    const { adapter, logger, onEnd } = await rig();
    const server = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onEnd(() => server.close());
    const { port: number } = server.address() as { port: number };
    const address = `127.0.0.1:${number}`;
    const port = adapter({ brokers: [address], timeouts: { connectMs: 3000 } }).producer({
      logger,
    });
    const before = performance.now();
    const error = await failure(() => port.connect());
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(error.message).toContain(address);
    await port.close(0);
  });

  it("says that a topic does not exist, and creates none", async () => {
    const { adapter, logger, witness } = await rig();
    const topic = witness.name("missing");
    const port = adapter().consumer({
      group: witness.name("g"),
      isolation: "read_committed",
      logger,
      drainTimeoutMs: 1000,
    });
    const error = await failure(() => port.start([topic], nobody));
    expect(error).toMatchObject({ kind: "configuration", outcome: "failed" });
    expect(error.message).toContain(topic);
    await port.close(0);
    expect(await witness.admin((admin) => admin.listTopics())).not.toContain(topic);
  });

  it("names the nearest right option for one that does not exist", () => {
    const create = (): unknown =>
      tested.create({ brokers: ["localhost:9092"], sesionTimeoutMs: 1 } as unknown as ClientConfig);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(/sessionTimeoutMs/);
  });

  it("creates and deletes topics, and tells those that exist", async () => {
    const { adapter, logger, witness, onEnd } = await rig();
    const admin = adapter().admin({ logger });
    onEnd(() => admin.close());
    await admin.connect();
    const topic = witness.name("made");
    const wanted = {
      topic,
      partitions: 3,
      replicationFactor: -1,
      config: { "retention.ms": "1000" },
    };
    expect(await admin.createTopic(wanted)).toBe(true);
    expect(await admin.createTopic(wanted)).toBe(false);
    expect(await admin.topicPartitions([topic, `${topic}-not`])).toEqual([3, null]);
    await witness.produce(topic, ["a", "b"], 2);
    expect(await admin.watermarks([{ topic, partition: 2 }])).toEqual([
      { topic, partition: 2, low: 0, end: 2 },
    ]);
    await admin.deleteTopic(topic);
    await awaitUntil("its end", async () => (await admin.topicPartitions([topic]))[0] === null);
  });
});

const nobody = {
  assigned: () => Promise.resolve([]),
  revoked: () => Promise.resolve(),
  lost: () => {},
  records: () => {},
  down: () => {},
};

function failure(act: () => Promise<unknown>): Promise<PortError> {
  return act().then(
    () => {
      throw new Error("it did not fail");
    },
    (error: PortError) => error,
  );
}

async function unusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
