// schemas/v1/consumer-config.schema.json says the same as the validation of the options that it describes.

import { createRequire } from "node:module";
import { ConfigurationError, validateClientConfig } from "@sluice/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { ConsumerOptions } from "./consumer-options.ts";
import { FakeKafka } from "./testing/fake-kafka.ts";
import { validateConsumerOptions } from "./validate-options.ts";

type Members = Readonly<Record<string, unknown>>;
interface Config {
  readonly consumer: Members;
  readonly client: Members;
}
interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

const require = createRequire(import.meta.url);
const schema = require("@sluice/spec/schemas/v1/consumer-config.schema.json") as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>;
  readonly examples: readonly Config[];
};
const ajv = new Ajv2020({ strict: true });
ajv.addSchema(require("@sluice/spec/schemas/v1/retry-policy.schema.json") as Schema);
const schemaAccepts = ajv.compile(schema);

const { adapter } = new FakeKafka();
const handler = (): void => {};

/** What the consumer makes of a configuration. JSON has no Infinity. */
function settings({ consumer, client }: Config): object {
  const options = {
    ...(unlimited(consumer) as Members),
    adapter,
    ...(consumer["batch"] === undefined ? { handler } : { batchHandler: handler }),
  };
  const { engine, ...rest } = validateConsumerOptions(options as unknown as ConsumerOptions);
  return { ...rest, engine: { ...engine, laneSeed: 0 }, client: validateClientConfig(client) };
}

/** With Infinity for each `maxAttempts` that is "unlimited". */
function unlimited(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === "maxAttempts" && member === "unlimited"
        ? [name, Infinity]
        : [name, unlimited(member)],
    ),
  );
}

function consumerAccepts(config: Config): boolean {
  try {
    settings(config);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return false;
  }
}

const minimal: Config = {
  consumer: { group: "g", topics: ["orders"], deadLetter: { topic: "orders.dlq" } },
  client: { brokers: ["localhost:9092"] },
};

/** `target` with the member at `path` replaced, or taken away when `value` is undefined. */
function changed(target: object, [name = "", ...rest]: readonly string[], value: unknown): object {
  const { [name]: old = {}, ...others } = target as Readonly<Record<string, object>>;
  const next = rest.length === 0 ? value : changed(old, rest, value);
  return next === undefined ? others : { ...others, [name]: next };
}
const withMember = (path: string, value: unknown, base = minimal): Config =>
  changed(base, path.split("."), value) as Config;

/** Every member of the schema, with its path. */
function* members(object: Schema, path = ""): Generator<[path: string, schema: Schema]> {
  for (const [name, member] of Object.entries(object.properties ?? {})) {
    const local = member.$ref?.startsWith("#/$defs/") === true;
    const resolved = local ? schema.$defs[member.$ref.slice("#/$defs/".length)] : member;
    yield [path + name, { ...resolved, ...member }];
    if (resolved !== undefined) yield* members(resolved, `${path}${name}.`);
  }
}
const all = [...members(schema)];

/** What a member needs around it, and with room for the greatest of each. */
const surroundings: Readonly<Record<string, Config>> = {
  "consumer.rateLimit.burst": withMember("consumer.rateLimit", { perSecond: 1 }),
  "consumer.batch.lingerMs": withMember("consumer.batch", { size: 1 }),
  "consumer.batch.by": withMember("consumer.batch", { size: 1 }),
  "client.timeouts.requestMs": withMember("client.timeouts", { deliveryMs: 900_000 }),
  "client.sessionTimeoutMs": withMember("client.rebalanceTimeoutMs", 3_600_000),
  "client.heartbeatIntervalMs": changedClient({
    rebalanceTimeoutMs: 3_600_000,
    sessionTimeoutMs: 3_600_000,
  }),
};
const baseOf = (path: string): Config => surroundings[path] ?? minimal;

function changedClient(members: Members): Config {
  return { ...minimal, client: { ...minimal.client, ...members } };
}

const verdicts = (config: Config): object => ({
  schema: schemaAccepts(config),
  consumer: consumerAccepts(config),
});
const ACCEPTED = { schema: true, consumer: true };
const REFUSED = { schema: false, consumer: false };

it.each(schema.examples)("its example %# is accepted", (example) => {
  expect(verdicts(example)).toEqual(ACCEPTED);
});

describe("integers", () => {
  const integers = all.filter(([, member]) => member.type === "integer");

  it("are many", () => {
    expect(integers.length).toBeGreaterThan(15);
  });

  it.each(integers)("%s has the same range", (path, { minimum = 0, maximum = 0 }) => {
    const base = baseOf(path);
    for (const value of [minimum, maximum]) {
      expect(verdicts(withMember(path, value, base)), String(value)).toEqual(ACCEPTED);
    }
    for (const value of [minimum - 1, maximum + 1, minimum + 0.5, String(minimum), null, true]) {
      expect(verdicts(withMember(path, value, base)), String(value)).toEqual(REFUSED);
    }
  });
});

it.each(all.filter(([, member]) => member.enum !== undefined && member.default !== undefined))(
  "%s has the same choices",
  (path, { enum: choices = [] }) => {
    for (const choice of choices) {
      expect(verdicts(withMember(path, choice, baseOf(path))), choice).toEqual(ACCEPTED);
    }
    for (const other of ["", choices.join(), choices[0]?.toUpperCase(), null]) {
      expect(verdicts(withMember(path, other, baseOf(path))), String(other)).toEqual(REFUSED);
    }
  },
);

it.each(all.filter(([, member]) => member.default !== undefined))(
  "%s has the default of the schema",
  (path, member) => {
    const given = withMember(path, member.default, baseOf(path));
    expect(verdicts(given)).toEqual(ACCEPTED);
    expect(settings(given)).toEqual(settings(baseOf(path)));
  },
);

it.each(["", "consumer", ...all.filter(([, m]) => m.type === "object").map(([path]) => path)])(
  "nothing else is known in the object at %j",
  (path) => {
    const config = withMember(`${path === "" ? "" : `${path}.`}zebra`, 1);
    expect(schemaAccepts(config)).toBe(false);
    if (path !== "") expect(consumerAccepts(config)).toBe(false);
  },
);

describe("both accept", () => {
  it.each<[string, unknown]>([
    ["consumer.topics", ["a", "B.c_d-9", "...", "t".repeat(249)]],
    ["consumer.group", "any group ä"],
    ["consumer.retry", {}],
    ["consumer.retry", { maxElapsedMs: 0 }],
    ["consumer.retry.maxAttempts", 2_147_483_647],
    ["consumer.retry.backoff", { type: "linear", initialMs: 0, stepMs: 0, maxMs: 0 }],
    ["consumer.retry", { maxElapsedMs: 1, elapsedFrom: "timestamp" }],
    ["consumer.retry", { elapsedFrom: "firstFailure" }],
    ["consumer.retry.byKind", { timeout: {}, unknown: { maxAttempts: "unlimited" } }],
    ["consumer.retry.byKind.timeout", { maxElapsedMs: 1, elapsedFrom: "timestamp" }],
    ["consumer.retry.byClass", { "My.Error": { maxAttempts: 1 }, constructor: {} }],
    ["consumer.budget", {}],
    ["consumer.concurrency", 1],
    ["consumer.concurrency", 1_000_000],
    ["consumer.concurrency", { min: 1, max: 1_000_000, policy: "gradient" }],
    ["consumer.concurrency", { min: 7, max: 7, policy: "aimd" }],
    ["consumer.rateLimit", { perSecond: 1 }],
    ["consumer.earlyRelease", {}],
    ["client.brokers", ["a:1", "b.example.:65535", "[fe80::1%eth0]:9092", "10.0.0.1:09092"]],
    ["client.ssl", true],
    ["client.ssl", {}],
    ["client.ssl", { cert: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----" }],
    ["client.sasl", { mechanism: "plain", username: "u", password: "p" }],
    ["client.timeouts", {}],
  ])("%s %j", (path, value) => {
    expect(verdicts(withMember(path, value))).toEqual(ACCEPTED);
  });

  it("no dead letter topic when it is tried for ever", () => {
    const forEver = withMember("consumer.retry.maxAttempts", "unlimited");
    expect(verdicts(withMember("consumer.deadLetter", undefined, forEver))).toEqual(ACCEPTED);
  });
});

describe("both refuse", () => {
  it.each<[string, unknown]>([
    ["consumer.group", undefined],
    ["consumer.group", ""],
    ["consumer.topics", undefined],
    ["consumer.topics", "orders"],
    ["consumer.topics", []],
    ["consumer.topics", ["a", "a"]],
    ["consumer.topics", ["."]],
    ["consumer.topics", [".."]],
    ["consumer.topics", ["a b"]],
    ["consumer.topics", ["t".repeat(250)]],
    ["consumer.deadLetter", undefined],
    ["consumer.deadLetter", "orders.dlq"],
    ["consumer.deadLetter", {}],
    ["consumer.deadLetter.topic", "a/b"],
    ["consumer.retry", { maxAttempts: 0 }],
    ["consumer.retry", { maxAttempts: "forever" }],
    ["consumer.retry", { maxElapsedMs: -1 }],
    ["consumer.retry", null],
    ["consumer.retry", []],
    ["consumer.retry", { maxElapsedMs: 1, elapsedFrom: "firstfailure" }],
    ["consumer.retry.byKind", { permanent: {} }],
    ["consumer.retry.byKind", { Timeout: {} }],
    ["consumer.retry.byKind.timeout", { maxAttempts: 0 }],
    ["consumer.retry.byKind.timeout", { maxWaiting: 1 }],
    ["consumer.retry.byKind.timeout", null],
    ["consumer.retry.byClass", { TimeoutError: { backoff: { type: "fixed" } } }],
    ["consumer.retry.byClass", { TimeoutError: 5 }],
    ["consumer.retry.byClass", []],
    ["consumer.retry.backoff", { type: "fixed" }],
    ["consumer.retry.backoff", { type: "fixed", delayMs: 1, jitter: "decorrelated" }],
    ["consumer.retry.backoff", { type: "fixed", delayMs: 1, maxMs: 1 }],
    ["consumer.retry.backoff", { type: "exponential", initialMs: 0, maxMs: 1 }],
    ["consumer.budget", null],
    ["consumer.concurrency", 0],
    ["consumer.concurrency", 1_000_001],
    ["consumer.concurrency", 1.5],
    ["consumer.concurrency", "64"],
    ["consumer.concurrency", null],
    ["consumer.concurrency", []],
    ["consumer.concurrency", { min: 1, max: 2 }],
    ["consumer.concurrency", { min: 0, max: 2, policy: "aimd" }],
    ["consumer.concurrency", { min: 1, max: 1_000_001, policy: "aimd" }],
    ["consumer.concurrency", { min: 1, max: 2, policy: "vegas" }],
    ["consumer.concurrency", { min: 1, max: 2, policy: "aimd", start: 1 }],
    ["consumer.rateLimit", {}],
    ["consumer.rateLimit", 5],
    ["consumer.rateLimit", null],
    ["consumer.earlyRelease", true],
    ["consumer.earlyRelease", []],
    ["consumer.batch", {}],
    ["consumer.batch", null],
    ["consumer.batch", 100],
    ["consumer.batch", { size: 10, lingerMs: -1 }],
    ["consumer.handlerTimeoutMs", 0],
    ["client.brokers", undefined],
    ["client.brokers", "localhost:9092"],
    ["client.brokers", []],
    ["client.brokers", ["localhost"]],
    ["client.brokers", ["localhost:"]],
    ["client.brokers", ["localhost:0"]],
    ["client.brokers", ["localhost:65536"]],
    ["client.brokers", ["localhost:99999"]],
    ["client.brokers", ["localhost:9092 "]],
    ["client.brokers", ["localhost:9092\n"]],
    ["client.brokers", ["kafka://localhost:9092"]],
    ["client.brokers", ["a:1,b:2"]],
    ["client.brokers", ["::1:9092"]],
    ["client.brokers", ["-a:9092"]],
    ["client.clientId", ""],
    ["client.ssl", "yes"],
    ["client.ssl", { ca: "/etc/ca.pem" }],
    ["client.ssl", { cert: "-----BEGIN CERTIFICATE-----" }],
    ["client.ssl", { key: "-----BEGIN PRIVATE KEY-----" }],
    ["client.sasl", { mechanism: "PLAIN", username: "u", password: "p" }],
    ["client.sasl", { mechanism: "plain", username: "", password: "p" }],
    ["client.sasl", { mechanism: "plain", username: "u" }],
  ])("%s %j", (path, value) => {
    expect(verdicts(withMember(path, value))).toEqual(REFUSED);
  });
});

describe("a schema cannot compare: the consumer alone refuses", () => {
  it.each<[string, unknown]>([
    ["consumer.deadLetter.topic", "orders"],
    ["consumer.concurrency", { min: 2, max: 1, policy: "aimd" }],
    ["consumer.retry", { elapsedFrom: "timestamp" }],
    ["consumer.retry.byKind.timeout", { elapsedFrom: "timestamp" }],
    ["consumer.retry.byClass", { E: { backoff: { type: "exponential", initialMs: 2, maxMs: 1 } } }],
    ["consumer", { ...minimal.consumer, ordering: "none", batch: { size: 9, by: "lane" } }],
    ["consumer.retry.backoff", { type: "linear", initialMs: 2, stepMs: 0, maxMs: 1 }],
    ["consumer.retry.backoff", { type: "exponential", initialMs: 2, maxMs: 1 }],
    [
      "consumer.retry.backoff",
      {
        type: "exponential",
        initialMs: 9,
        maxMs: 90,
        factor: { numerator: 11, denominator: 10 },
      },
    ],
    [
      "consumer.retry.backoff",
      { type: "exponential", initialMs: 9, maxMs: 90, factor: { numerator: 1, denominator: 2 } },
    ],
    ["client.timeouts", { requestMs: 2, deliveryMs: 1 }],
    ["client.sessionTimeoutMs", 60_001],
    ["client.heartbeatIntervalMs", 22_500],
  ])("%s %j", (path, value) => {
    expect(verdicts(withMember(path, value))).toEqual({ schema: true, consumer: false });
  });

  it("early release without a dead letter topic", () => {
    const config = withMember("consumer.earlyRelease", {});
    const endless = withMember("consumer.retry.maxAttempts", "unlimited", config);
    expect(verdicts(withMember("consumer.deadLetter", undefined, endless))).toEqual({
      ...{ schema: true, consumer: false },
    });
  });

  it("attempts that end for one kind of error, and no dead letter topic", () => {
    const limited = { maxAttempts: "unlimited", byKind: { timeout: { maxAttempts: 3 } } };
    const config = withMember("consumer.retry", limited);
    expect(verdicts(withMember("consumer.deadLetter", undefined, config))).toEqual({
      ...{ schema: true, consumer: false },
    });
  });
});
