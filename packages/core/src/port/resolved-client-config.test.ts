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

  it.each([
    [
      "high-throughput",
      {},
      { minBytes: 65_536, maxBytesPerPartition: 1_048_576 },
      { lingerMs: 20 },
    ],
    ["low-latency", {}, { maxWaitMs: 100 }, { lingerMs: 0 }],
    ["high-reliability", { deliveryMs: 300_000 }, {}, {}],
    ["balanced", {}, {}, {}],
  ])("%s differs from the defaults as documented", (profile, timeouts, fetch, producer) => {
    const defaults = validateClientConfig({ brokers });
    expect(validateClientConfig({ brokers, profile })).toEqual({
      ...defaults,
      profile,
      timeouts: { ...defaults.timeouts, ...timeouts },
      fetch: { ...defaults.fetch, ...fetch },
      producer: { ...defaults.producer, ...producer },
    });
  });

  // With room for it in the settings that it has to agree with.
  const wide = { rebalanceTimeoutMs: 86_400_000, sessionTimeoutMs: 3_600_000 };
  it.each<[group: string | null, key: string, min: number, max: number, others: object]>([
    ["timeouts", "connectMs", 1, 300_000, {}],
    ["timeouts", "requestMs", 1, 900_000, { timeouts: { deliveryMs: 2_147_483_647 } }],
    ["timeouts", "deliveryMs", 1, 2_147_483_647, {}],
    ["fetch", "maxWaitMs", 0, 300_000, {}],
    ["fetch", "minBytes", 1, 100_000_000, {}],
    ["fetch", "maxBytesPerPartition", 1024, 1_000_000_000, {}],
    ["producer", "lingerMs", 0, 900_000, {}],
    [null, "sessionTimeoutMs", 1, 3_600_000, { rebalanceTimeoutMs: 86_400_000 }],
    [null, "heartbeatIntervalMs", 1, 1_799_999, wide],
    [null, "rebalanceTimeoutMs", 1, 86_400_000, {}],
  ])("takes %s %s from %d to %d", (group, key, min, max, others) => {
    type Values = Record<string, unknown>;
    const given = (value: number): Values => {
      if (group === null) return { brokers, ...others, [key]: value };
      return { brokers, [group]: { ...(others as Values)[group]!, [key]: value } };
    };
    for (const value of [min, max]) {
      const config = validateClientConfig(given(value)) as unknown as Values;
      expect(group === null ? config[key] : (config[group] as Values)[key]).toBe(value);
    }
    const path = group === null ? key : `${group}.${key}`;
    for (const value of [min - 1, max + 1]) expect(problem(given(value))).toContain(`${path}: `);
    expect(problem(given(min - 1))).toContain(`expected an integer from ${min} to `);
  });

  it("takes TLS with the system's certificates, or with some of its own", () => {
    const pem = "-----BEGIN CERTIFICATE-----";
    const tls = (ssl: unknown) => validateClientConfig({ brokers, ssl }).tls;
    expect([tls(false), tls(true), tls({})]).toEqual([null, {}, {}]);
    expect(tls({ ca: pem, cert: pem, key: pem })).toEqual({ ca: pem, cert: pem, key: pem });
    expect(tls({ ca: pem })).toEqual({ ca: pem });
  });

  it.each(["plain", "scram-sha-256", "scram-sha-512"])("signs in by %s", (mechanism) => {
    const sasl = { mechanism, username: "u", password: "p" };
    expect(validateClientConfig({ brokers, sasl }).sasl).toEqual(sasl);
  });

  it("signs in with tokens", () => {
    const sasl = {
      mechanism: "oauthbearer",
      token: () => Promise.reject(new Error("never asked")),
    };
    expect(validateClientConfig({ brokers, sasl }).sasl).toEqual(sasl);
  });

  it("takes what it is given", () => {
    const config = validateClientConfig({
      brokers,
      clientId: "me",
      producer: { compression: "gzip" },
    });
    expect([config.clientId, config.producer.compression]).toEqual(["me", "gzip"]);
    expect(config.producer.lingerMs).toBe(5);
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
    [{ brokers, zzz: 1 }, "sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs."],
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
    ["localhost:", 'no port from 1 to 65535 in "localhost:". For example "localhost:9092".'],
    ["localhost:0", "no port from 1 to 65535"],
    ["localhost:65536", "no port from 1 to 65535"],
    ["localhost:9092 ", "no port from 1 to 65535"],
    ["localhost:9e3", "no port from 1 to 65535"],
    [":9092", 'no valid host name in ":9092". For example "localhost:9092".'],
    ["-a:9092", "no valid host name"],
    ["a b:9092", "no valid host name"],
    ["a\nb:9092", "no port"],
    ["::1:9092", 'an IPv6 address without brackets in "::1:9092". Write it as "[::1]:9092".'],
    ["PLAINTEXT://h:9092", 'a protocol in "PLAINTEXT://h:9092". Write "h:9092"; for TLS set ssl.'],
    ["a:9092,b:9092", 'several addresses in "a:9092,b:9092". Give each its own place'],
    ["[::1]", 'no port in "[::1]". Write "[::1]:9092".'],
    ["a:123456", "no port from 1 to 65535"],
    ["a:1:2", "an IPv6 address without brackets"],
    ["x[::1]:9092", "an IPv6 address without brackets"],
    ["[::1]x:9092", "no valid host name"],
    ["[::g]:9092", "no valid host name"],
    ["a-:9092", "no valid host name"],
    [".a:9092", "no valid host name"],
    ["ä:9092", "no valid host name"],
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
    [{ brokers, profile: 7 }, 'profile: expected "balanced" or "high-throughput" or'],
    [{ brokers, profile: "high-througput" }, 'Did you mean "high-throughput"?'],
    [{ brokers, timeouts: { connectMs: 1.5 } }, "timeouts.connectMs: expected an integer from 1"],
    [{ brokers, timeouts: { connectMs: "5" } }, "timeouts.connectMs: expected an integer from 1"],
    [{ brokers, fetch: { maxBytesPerPartition: 5 } }, "from 1024 to 1000000000, got 5"],
    [
      { brokers, producer: { compression: "zstd" } },
      'producer.compression: expected "none" or "gzip", got "zstd"',
    ],
    [
      { brokers, timeouts: { deliveryMs: 1000, requestMs: 2000 } },
      "timeouts.deliveryMs: a delivery of 1000 ms has no room for one request of 2000 ms. Raise",
    ],
    [
      { brokers, sessionTimeoutMs: 70_000 },
      "sessionTimeoutMs: 70000 ms is more than rebalanceTimeoutMs, 60000 ms. Lower it or raise",
    ],
    [
      { brokers, sessionTimeoutMs: 6000, heartbeatIntervalMs: 3000 },
      "heartbeatIntervalMs: one lost heartbeat in 3000 ms would end a session of 6000 ms. Set it to 2000 or less.",
    ],
    [{ brokers, ssl: { ca: "/etc/ca.pem" } }, "ssl.ca: is not PEM text. Give the content"],
    [{ brokers, ssl: { cert: "c", key: "k" } }, "ssl.cert: is not PEM text."],
    [{ brokers, ssl: { key: "k" } }, "ssl.key: is not PEM text."],
    [{ brokers, ssl: { ca: 7 } }, "ssl.ca: expected a string"],
    [
      { brokers, ssl: { cert: "-----BEGIN CERTIFICATE-----" } },
      "ssl.key: a client certificate needs both cert and key. Add key.",
    ],
    [
      { brokers, ssl: { key: "-----BEGIN PRIVATE KEY-----" } },
      "ssl.cert: a client certificate needs both cert and key. Add cert.",
    ],
    [{ brokers, ssl: "yes" }, "ssl: expected an object"],
    [
      { brokers, sasl: { mechanism: "SCRAM-SHA-256", username: "u", password: "p" } },
      'Did you mean "scram-sha-256"?',
    ],
    [{ brokers, sasl: { mechanism: "plain", username: "u" } }, "sasl.password: expected a string"],
    [{ brokers, sasl: { mechanism: "plain", password: "p" } }, "sasl.username: expected a string"],
    [{ brokers, sasl: { username: "u", password: "p" } }, 'sasl.mechanism: expected "plain" or'],
    [
      { brokers, heartbeatIntervalMs: 22_500 },
      "heartbeatIntervalMs: one lost heartbeat in 22500 ms",
    ],
    [{ brokers, sessionTimeoutMs: 1, heartbeatIntervalMs: 1 }, "Set it to 1 or less."],
    [{ brokers, producer: 7 }, "producer: expected an object"],
    [
      { brokers, sasl: { mechanism: "oauthbearer", token: "jwt" } },
      "sasl.token: is not a function. Give a function that resolves with { value, principal, expiresAtMs }.",
    ],
    [{ brokers, sasl: { mechanism: "oauthbearer" } }, "sasl.token: is not a function"],
    [{ brokers, sasl: null }, "sasl: expected an object, got null"],
    [
      { brokers, sasl: { mechanism: "oauthbearer", token: () => {}, password: "p" } },
      "sasl.password: there is no such option",
    ],
    [
      { brokers, sasl: { mechanism: "plain", username: "u", password: "p", token: () => {} } },
      "sasl.token: there is no such option",
    ],
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
    expect(validateClientConfig({ brokers, sessionTimeoutMs: 2 }).heartbeatIntervalMs).toBe(1);
  });
});
