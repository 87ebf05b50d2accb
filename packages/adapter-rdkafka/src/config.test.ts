import { describe, expect, it } from "vitest";

import {
  commonConf,
  consumerConf,
  producerConf,
  resolveConfig,
  type RdkafkaConfig,
} from "./config.ts";

const brokers = ["localhost:9092"];
const member = { group: "g", isolation: "read_committed" } as const;

const consumer = (config: Partial<RdkafkaConfig> = {}): Readonly<Record<string, unknown>> =>
  consumerConf(resolveConfig({ brokers, ...config }), member);

describe("the consumer's settings", () => {
  it("leave commits to Sluice, whatever the protocol", () => {
    for (const groupProtocol of ["classic", "consumer"] as const) {
      expect(consumer({ groupProtocol })).toMatchObject({
        "enable.auto.commit": false,
        "enable.auto.offset.store": false,
        "enable.partition.eof": true,
        "isolation.level": "read_committed",
      });
    }
  });

  it("carry session, heartbeat and assignor in a classic group", () => {
    expect(consumer({ sessionTimeoutMs: 9000, heartbeatIntervalMs: 700 })).toMatchObject({
      "group.protocol": "classic",
      "session.timeout.ms": 9000,
      "heartbeat.interval.ms": 700,
      "partition.assignment.strategy": "cooperative-sticky",
    });
  });

  it("leave out what KIP-848 forbids, and librdkafka refuses at connect", () => {
    const conf = consumer({ groupProtocol: "consumer", sessionTimeoutMs: 9000 });
    for (const key of [
      "session.timeout.ms",
      "heartbeat.interval.ms",
      "partition.assignment.strategy",
    ]) {
      expect(conf).not.toHaveProperty([key]);
    }
  });

  it("take the rebalance timeout as the longest time without a poll", () => {
    expect(consumer({ rebalanceTimeoutMs: 50_000 })).toMatchObject({
      "max.poll.interval.ms": 50_000,
    });
  });
});

it("the producer is idempotent, with a report for each record", () => {
  expect(producerConf(resolveConfig({ brokers }), "p")).toMatchObject({
    "enable.idempotence": true,
    dr_cb: true,
    "client.id": "p",
  });
});

describe("security", () => {
  it.each([
    [{}, "plaintext"],
    [{ ssl: true }, "ssl"],
    [{ sasl: { mechanism: "plain", username: "u", password: "p" } }, "sasl_plaintext"],
    [{ ssl: true, sasl: { mechanism: "plain", username: "u", password: "p" } }, "sasl_ssl"],
  ] as const)("%o becomes %s", (config, protocol) => {
    const conf = commonConf(resolveConfig({ brokers, ...config }), "id");
    expect(conf["security.protocol"]).toBe(protocol);
  });

  it("hands librdkafka a token in its own words, and a failure as one", async () => {
    const token = { value: "jwt", principal: "me", expiresAtMs: 1234 };
    const answers = [Promise.resolve(token), Promise.reject(new Error("no token today"))];
    const sasl = {
      mechanism: "oauthbearer",
      token: () => answers.shift() as Promise<typeof token>,
    } as const;
    const conf = commonConf(resolveConfig({ brokers, sasl }), "id");
    expect(conf["sasl.mechanisms"]).toBe("OAUTHBEARER");
    expect(conf).not.toHaveProperty("sasl.username");
    const refresh = conf["oauthbearer_token_refresh_cb"] as () => Promise<unknown>;
    expect(await refresh()).toEqual({ tokenValue: "jwt", principal: "me", lifetime: 1234 });
    await expect(refresh()).rejects.toThrow("no token today");
  });

  it("spells mechanisms as librdkafka does", () => {
    const sasl = { mechanism: "scram-sha-512", username: "u", password: "p" } as const;
    const conf = commonConf(resolveConfig({ brokers, sasl }), "id");
    expect(conf["sasl.mechanisms"]).toBe("SCRAM-SHA-512");
  });
});

describe("mistakes", () => {
  it("an assignor together with KIP-848 is refused", () => {
    expect(() => consumer({ groupProtocol: "consumer", assignor: "range" })).toThrow(/assignor/);
  });

  it("a value with a typing error brings the nearest right one", () => {
    expect(() => consumer({ assignor: "cooperative_stiky" as "range" })).toThrow(
      /Did you mean "cooperative-sticky"/,
    );
  });

  it("a key with a typing error brings the nearest right one", () => {
    expect(() => consumer({ groupProtocl: "classic" } as object)).toThrow(/groupProtocol/);
  });

  it.each([
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.commit.interval.ms",
    "rebalance_cb",
    "offset_commit_cb",
    "partitioner_cb",
    "dr_cb",
    "enable.partition.eof",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "transactional.id",
    "partitioner",
    "group.id",
    "group.protocol",
    "group.instance.id",
    "session.timeout.ms",
    "max.poll.interval.ms",
    "bootstrap.servers",
  ])("client[%o] is refused", (key) => {
    expect(() => consumer({ client: { [key]: false } })).toThrow(/is refused/);
  });

  it("a client setting that is no setting is refused", () => {
    const client = { "socket.send.buffer.bytes": {} } as unknown as { a: string };
    expect(() => consumer({ client })).toThrow(/expected a string, a number/);
  });

  it("other client settings go through as they are", () => {
    const conf = consumer({ client: { "queued.min.messages": 7, debug: "cgrp" } });
    expect(conf).toMatchObject({ "queued.min.messages": 7, debug: "cgrp" });
  });
});
