import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { validateClientConfig } from "./resolved-client-config.ts";

const brokers = ["localhost:9092"];

function problem(config: unknown, options?: Parameters<typeof validateClientConfig>[1]): string {
  try {
    validateClientConfig(config, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("validateClientConfig", () => {
  it("fills in the balanced defaults", () => {
    expect(validateClientConfig({ brokers })).toEqual({
      brokers,
      clientId: "sluice",
      tls: null,
      sasl: null,
      profile: "balanced",
      timeouts: { connectMs: 9_000, requestMs: 30_000, deliveryMs: 120_000 },
      fetch: { maxWaitMs: 250, minBytes: 1, maxBytesPerPartition: 262_144 },
      producer: { lingerMs: 5, compression: "none" },
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3000,
      rebalanceTimeoutMs: 60_000,
    });
  });

  it("lets a single setting win over its profile", () => {
    const config = validateClientConfig({
      brokers,
      profile: "low-latency",
      producer: { lingerMs: 3 },
    });
    expect(config.producer.lingerMs).toBe(3);
    expect(config.fetch.maxWaitMs).toBe(100);
  });

  it("gives each profile what it is named for", () => {
    const of = (profile: string) => validateClientConfig({ brokers, profile });
    expect(of("low-latency").producer.lingerMs).toBe(0);
    expect(of("high-throughput").fetch.minBytes).toBeGreaterThan(of("balanced").fetch.minBytes);
    expect(of("high-reliability").timeouts.deliveryMs).toBeGreaterThan(
      of("balanced").timeouts.deliveryMs,
    );
  });

  it.each([
    [{ broker: brokers }, "broker: there is no such option. Did you mean brokers?"],
    [
      { brokers, timeouts: { conectMs: 1 } },
      "timeouts.conectMs: there is no such option. Did you mean timeouts.connectMs?",
    ],
    [{ brokers, fetch: { minbytes: 1 } }, "Did you mean fetch.minBytes?"],
    [{ brokers, producer: { linger: 1 } }, "Did you mean producer.lingerMs?"],
    [{ brokers, ssl: { Ca: "x" } }, "Did you mean ssl.ca?"],
    [
      { brokers, sasl: { mechanism: "plain", user: "u", password: "p" } },
      "sasl.user: there is no such option.",
    ],
    [{ brokers, zzz: 1 }, "zzz: there is no such option. Known here: brokers, clientId"],
  ])("refuses an unknown key at every level: %j", (config, message) => {
    expect(problem(config)).toContain(message);
  });

  it("accepts the keys that an adapter checks itself, and suggests them", () => {
    const options = { path: "rdkafka", also: ["client", "groupProtocol"] };
    expect(problem({ brokers, client: {}, groupProtocol: "consumer" }, options)).toBe("accepted");
    expect(problem({ brokers, groupprotocol: "consumer" }, options)).toBe(
      "rdkafka.groupprotocol: there is no such option. Did you mean rdkafka.groupProtocol?",
    );
  });

  it.each([
    "localhost:9092",
    "kafka-1.example.com:1",
    "b_1:65535",
    "10.0.0.1:9092",
    "[::1]:9092",
    "[fe80::1%eth0]:9092",
    "a:9092",
    "kafka.example.com.:9092",
  ])("accepts the address %s", (address) => {
    expect(validateClientConfig({ brokers: [address] }).brokers).toEqual([address]);
  });

  it.each([
    ["localhost", 'brokers[0]: no port in "localhost". Write "localhost:9092".'],
    ["localhost:", "no port from 1 to 65535"],
    ["localhost:0", "no port from 1 to 65535"],
    ["localhost:65536", "no port from 1 to 65535"],
    ["localhost:9092 ", "no port from 1 to 65535"],
    ["localhost:9e3", "no port from 1 to 65535"],
    [":9092", "no valid host name"],
    ["-a:9092", "no valid host name"],
    ["a b:9092", "no valid host name"],
    ["::1:9092", "an IPv6 address without brackets"],
    ["PLAINTEXT://h:9092", 'a protocol in "PLAINTEXT://h:9092". Write "h:9092"'],
    ["a:9092,b:9092", "several addresses"],
    ["", "brokers[0]: expected a string that is not empty, got an empty one"],
    [9092, "brokers[0]: expected a string that is not empty, got a number"],
  ])("refuses the address %j", (address, message) => {
    expect(problem({ brokers: [address] })).toContain(message);
  });

  it.each([
    [undefined, "options: expected an object, got nothing"],
    [[], "options: expected an object, got an array of 0"],
    [{}, "brokers: expected a list of at least one broker, got nothing"],
    [{ brokers: "localhost:9092" }, 'got "localhost:9092". For example ["localhost:9092"].'],
    [{ brokers: [] }, "brokers: expected a list of at least one broker"],
    [{ brokers, clientId: "" }, "clientId: expected a string"],
    [{ brokers, profile: "high-througput" }, 'Did you mean "high-throughput"?'],
    [{ brokers, timeouts: { connectMs: 1.5 } }, "timeouts.connectMs: expected an integer from 1"],
    [{ brokers, timeouts: { connectMs: "5" } }, "timeouts.connectMs: expected an integer from 1"],
    [{ brokers, fetch: { maxBytesPerPartition: 5 } }, "from 1024 to 1000000000, got 5"],
    [{ brokers, producer: { compression: "zstd" } }, 'expected "none" or "gzip", got "zstd"'],
    [
      { brokers, timeouts: { deliveryMs: 1000, requestMs: 2000 } },
      "has no room for one request of 2000 ms",
    ],
    [{ brokers, sessionTimeoutMs: 70_000 }, "more than rebalanceTimeoutMs, 60000 ms"],
    [
      { brokers, sessionTimeoutMs: 6000, heartbeatIntervalMs: 3000 },
      "heartbeatIntervalMs: one lost heartbeat in 3000 ms would end a session of 6000 ms. Set it to 2000 or less.",
    ],
    [{ brokers, ssl: { ca: "/etc/ca.pem" } }, "ssl.ca: is not PEM text. Give the content"],
    [{ brokers, ssl: { cert: "-----BEGIN CERTIFICATE-----" } }, "ssl.key: a client certificate"],
    [{ brokers, ssl: { key: "-----BEGIN PRIVATE KEY-----" } }, "ssl.cert: a client certificate"],
    [{ brokers, ssl: "yes" }, "ssl: expected an object"],
    [
      { brokers, sasl: { mechanism: "SCRAM-SHA-256", username: "u", password: "p" } },
      'Did you mean "scram-sha-256"?',
    ],
    [{ brokers, sasl: { mechanism: "plain", username: "u" } }, "sasl.password: expected a string"],
  ])("refuses %j", (config, message) => {
    expect(problem(config)).toContain(message);
  });

  it("never shows a password", () => {
    expect(
      problem({ brokers, sasl: { mechanism: "plain", username: "u", password: 123456789 } }),
    ).not.toContain("123456789");
  });

  it("shrinks a default that a neighbouring setting leaves no room for", () => {
    expect(validateClientConfig({ brokers, rebalanceTimeoutMs: 20_000 }).sessionTimeoutMs).toBe(
      20_000,
    );
    expect(validateClientConfig({ brokers, sessionTimeoutMs: 6000 }).heartbeatIntervalMs).toBe(
      2000,
    );
    expect(
      validateClientConfig({ brokers, timeouts: { deliveryMs: 5000 } }).timeouts.requestMs,
    ).toBe(5000);
  });
});
