import { ConfigurationError } from "../configuration-error.ts";
import { checkInteger, checkObject, checkOneOf, checkString, join, show } from "../check-config.ts";
import type {
  FetchConfig,
  ProducerConfig,
  Profile,
  SaslConfig,
  TimeoutConfig,
  TlsConfig,
} from "./client-config.ts";

/** A {@link ClientConfig} with every default filled in: what an adapter compiles to its client's keys. */
export interface ResolvedClientConfig {
  /** `host:port`, at least one. An IPv6 address stands in brackets. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Null without TLS; an empty object for TLS with the system's certificates. */
  readonly tls: TlsConfig | null;
  readonly sasl: SaslConfig | null;
  readonly profile: Profile;
  readonly timeouts: Required<TimeoutConfig>;
  readonly fetch: Required<FetchConfig>;
  readonly producer: Required<ProducerConfig>;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface ValidateOptions {
  /** Stands before every path in a message, e.g. `kafkajs`. @defaultValue "" */
  readonly path?: string;
  /** Keys of the outermost object that the adapter checks itself, e.g. `client`. */
  readonly also?: readonly string[];
}

const KEYS = [
  "brokers",
  "clientId",
  "ssl",
  "sasl",
  "profile",
  "timeouts",
  "fetch",
  "producer",
  "sessionTimeoutMs",
  "heartbeatIntervalMs",
  "rebalanceTimeoutMs",
];

/**
 * Checks a {@link ClientConfig} at every level and fills in the defaults of its profile.
 * @throws ConfigurationError naming the field and what to write instead
 */
export function validateClientConfig(
  config: unknown,
  { path = "", also = [] }: ValidateOptions = {},
): ResolvedClientConfig {
  const fields = checkObject(config, path, [...KEYS, ...also]);
  const profile =
    fields["profile"] === undefined
      ? "balanced"
      : checkOneOf(fields["profile"], join(path, "profile"), PROFILES);
  return {
    brokers: brokers(fields["brokers"], join(path, "brokers")),
    clientId:
      fields["clientId"] === undefined
        ? "sluice"
        : checkString(fields["clientId"], join(path, "clientId")),
    tls: tls(fields["ssl"], join(path, "ssl")),
    sasl: fields["sasl"] === undefined ? null : sasl(fields["sasl"], join(path, "sasl")),
    profile,
    timeouts: timeouts(fields["timeouts"], join(path, "timeouts"), profile),
    fetch: fetch(fields["fetch"], join(path, "fetch"), profile),
    producer: producer(fields["producer"], join(path, "producer"), profile),
    ...membership(fields, path),
  };
}

const PROFILES: readonly Profile[] = [
  "balanced",
  "high-throughput",
  "low-latency",
  "high-reliability",
];

interface ProfileDefaults {
  readonly deliveryMs: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytesPerPartition: number;
  readonly lingerMs: number;
}

const BALANCED: ProfileDefaults = {
  deliveryMs: 120_000,
  maxWaitMs: 250,
  minBytes: 1,
  maxBytesPerPartition: 262_144,
  lingerMs: 5,
};

const DEFAULTS: Readonly<Record<Profile, ProfileDefaults>> = {
  balanced: BALANCED,
  "high-throughput": {
    ...BALANCED,
    minBytes: 65_536,
    maxBytesPerPartition: 1_048_576,
    lingerMs: 20,
  },
  "low-latency": { ...BALANCED, maxWaitMs: 100, lingerMs: 0 },
  // Every profile waits for all in-sync replicas; this one gives them longer before it gives up.
  "high-reliability": { ...BALANCED, deliveryMs: 300_000 },
};

function brokers(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConfigurationError(
      path,
      `expected a list of at least one broker, got ${show(value)}`,
      'For example ["localhost:9092"].',
    );
  }
  return value.map((broker: unknown, index) => checkAddress(broker, `${path}[${index}]`));
}

const HOST = /^(?:\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_.])?)$/;

function checkAddress(value: unknown, path: string): string {
  const address = checkString(value, path);
  const wrong = (problem: string, advice: string): ConfigurationError =>
    new ConfigurationError(path, `${problem} in ${show(address)}`, advice);
  const scheme = address.indexOf("://");
  if (scheme !== -1) {
    throw wrong("a protocol", `Write ${show(address.slice(scheme + 3))}; for TLS set ssl.`);
  }
  if (address.includes(",")) {
    throw wrong("several addresses", "Give each its own place in the list.");
  }
  if (/:.*:/.test(address) && !address.startsWith("[")) {
    throw wrong("an IPv6 address without brackets", 'Write it as "[::1]:9092".');
  }
  const match = /^(.*):([^:\]]*)$/.exec(address);
  if (match === null) throw wrong("no port", `Write ${show(`${address}:9092`)}.`);
  const host = match[1]!;
  const port = match[2]!;
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw wrong("no port from 1 to 65535", 'For example "localhost:9092".');
  }
  if (!HOST.test(host)) throw wrong("no valid host name", 'For example "localhost:9092".');
  return address;
}

function tls(value: unknown, path: string): TlsConfig | null {
  if (value === undefined || value === false) return null;
  if (value === true) return {};
  const fields = checkObject(value, path, ["ca", "cert", "key"]);
  for (const key of ["ca", "cert", "key"]) {
    if (fields[key] === undefined) continue;
    if (!checkString(fields[key], join(path, key)).includes("-----BEGIN ")) {
      throw new ConfigurationError(
        join(path, key),
        "is not PEM text",
        "Give the content of the file, not its name.",
      );
    }
  }
  const missing =
    fields["cert"] === undefined ? "cert" : fields["key"] === undefined ? "key" : null;
  if (missing !== null && (fields["cert"] ?? fields["key"]) !== undefined) {
    throw new ConfigurationError(
      join(path, missing),
      "a client certificate needs both cert and key",
      `Add ${missing}.`,
    );
  }
  return fields;
}

const MECHANISMS: readonly SaslConfig["mechanism"][] = [
  "plain",
  "scram-sha-256",
  "scram-sha-512",
  "oauthbearer",
];

function sasl(value: unknown, path: string): SaslConfig {
  const bearer = (value as { mechanism?: unknown } | null)?.mechanism === "oauthbearer";
  const login = bearer ? ["token"] : ["username", "password"];
  const fields = checkObject(value, path, ["mechanism", ...login]);
  const mechanism = checkOneOf(fields["mechanism"], join(path, "mechanism"), MECHANISMS);
  if (mechanism === "oauthbearer") {
    const { token } = fields;
    if (typeof token !== "function") {
      throw new ConfigurationError(
        join(path, "token"),
        "is not a function",
        "Give a function that resolves with { value, principal, expiresAtMs }.",
      );
    }
    return { mechanism, token: token as Extract<SaslConfig, { token: unknown }>["token"] };
  }
  return {
    mechanism,
    username: checkString(fields["username"], join(path, "username")),
    password: checkString(fields["password"], join(path, "password")),
  };
}

function timeouts(value: unknown, path: string, profile: Profile): Required<TimeoutConfig> {
  const field = integers(value, path, ["connectMs", "requestMs", "deliveryMs"]);
  const deliveryMs = field("deliveryMs", 1, 2_147_483_647, DEFAULTS[profile].deliveryMs);
  const requestMs = field("requestMs", 1, 900_000, Math.min(30_000, deliveryMs));
  if (deliveryMs < requestMs) {
    throw new ConfigurationError(
      join(path, "deliveryMs"),
      `a delivery of ${deliveryMs} ms has no room for one request of ${requestMs} ms`,
      "Raise deliveryMs or lower requestMs.",
    );
  }
  return { connectMs: field("connectMs", 1, 300_000, 9_000), requestMs, deliveryMs };
}

function fetch(value: unknown, path: string, profile: Profile): Required<FetchConfig> {
  const field = integers(value, path, ["maxWaitMs", "minBytes", "maxBytesPerPartition"]);
  const defaults = DEFAULTS[profile];
  return {
    maxWaitMs: field("maxWaitMs", 0, 300_000, defaults.maxWaitMs),
    minBytes: field("minBytes", 1, 100_000_000, defaults.minBytes),
    maxBytesPerPartition: field(
      "maxBytesPerPartition",
      1024,
      1_000_000_000,
      defaults.maxBytesPerPartition,
    ),
  };
}

function producer(value: unknown, path: string, profile: Profile): Required<ProducerConfig> {
  const keys = ["lingerMs", "compression"];
  const field = integers(value, path, keys);
  const compression =
    value === undefined ? undefined : checkObject(value, path, keys)["compression"];
  return {
    lingerMs: field("lingerMs", 0, 900_000, DEFAULTS[profile].lingerMs),
    compression:
      compression === undefined
        ? "none"
        : checkOneOf(compression, join(path, "compression"), ["none", "gzip"] as const),
  };
}

function membership(
  fields: Readonly<Record<string, unknown>>,
  path: string,
): Pick<ResolvedClientConfig, "sessionTimeoutMs" | "heartbeatIntervalMs" | "rebalanceTimeoutMs"> {
  const field = (key: string, min: number, max: number, byDefault: number): number =>
    fields[key] === undefined ? byDefault : checkInteger(fields[key], join(path, key), min, max);
  const rebalanceTimeoutMs = field("rebalanceTimeoutMs", 1, 86_400_000, 60_000);
  const sessionTimeoutMs = field(
    "sessionTimeoutMs",
    1,
    3_600_000,
    Math.min(45_000, rebalanceTimeoutMs),
  );
  const heartbeatIntervalMs = field(
    "heartbeatIntervalMs",
    1,
    3_600_000,
    Math.max(1, Math.min(3000, Math.floor(sessionTimeoutMs / 3))),
  );
  if (sessionTimeoutMs > rebalanceTimeoutMs) {
    throw new ConfigurationError(
      join(path, "sessionTimeoutMs"),
      `${sessionTimeoutMs} ms is more than rebalanceTimeoutMs, ${rebalanceTimeoutMs} ms`,
      "Lower it or raise rebalanceTimeoutMs.",
    );
  }
  if (heartbeatIntervalMs * 2 >= sessionTimeoutMs && fields["heartbeatIntervalMs"] !== undefined) {
    throw new ConfigurationError(
      join(path, "heartbeatIntervalMs"),
      `one lost heartbeat in ${heartbeatIntervalMs} ms would end a session of ${sessionTimeoutMs} ms`,
      `Set it to ${Math.max(1, Math.floor(sessionTimeoutMs / 3))} or less.`,
    );
  }
  return { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs };
}

type IntegerField = (key: string, min: number, max: number, byDefault: number) => number;

/** Reads optional integers of a group of settings that may be absent as a whole. */
function integers(value: unknown, path: string, known: readonly string[]): IntegerField {
  const fields = value === undefined ? {} : checkObject(value, path, known);
  return (key, min, max, byDefault) =>
    fields[key] === undefined ? byDefault : checkInteger(fields[key], join(path, key), min, max);
}
