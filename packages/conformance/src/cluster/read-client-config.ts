import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { getProperties } from "properties-file";
import type { ClientSecurity, SaslCredentials, TlsIdentity } from "./client-security.ts";
import { EnvironmentError } from "./environment-error.ts";

/**
 * Reads how to get into a cluster from the properties file that Kafka's own tools take
 * (`--command-config`). Certificates are PEM; librdkafka's names for the same things will do, too, and
 * `${env:NAME}` in a value is replaced. Settings that do not concern security are passed over.
 *
 * @throws EnvironmentError naming the setting and what to write, never a secret
 */
export function readClientConfig(
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): ClientSecurity {
  const wrong = (what: string, remedy: string): EnvironmentError =>
    new EnvironmentError(`${file}: ${what}`, remedy);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw wrong(reason(error), "Give --client-config a Java properties file that can be read.");
  }
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(getProperties(text))) {
    if (!/^(?:ssl|sasl|security)\./.test(key)) continue;
    if (!KNOWN.has(key)) {
      throw wrong(
        `${key} is not understood here`,
        `Known are: ${[...KNOWN].join(", ")}. Keystores must be PEM, not JKS or PKCS12.`,
      );
    }
    values.set(
      key,
      value.replaceAll(/\$\{env:(\w+)\}/g, (_, name: string) => {
        const found = env[name];
        if (found === undefined) throw wrong(`${key} wants ${name}`, `Set ${name}.`);
        return found;
      }),
    );
  }
  const config: Config = {
    get: (...keys) => keys.map((key) => values.get(key)).find((v) => v !== undefined && v !== ""),
    read: (path) => {
      try {
        return readFileSync(resolve(dirname(file), path), "utf8");
      } catch (error) {
        throw wrong(
          reason(error),
          "Give the path of a PEM file, absolute or from the folder of this one.",
        );
      }
    },
    wrong,
  };
  return securityOf(config);
}

interface Config {
  /** The first of these that is set. */
  readonly get: (...keys: readonly string[]) => string | undefined;
  readonly read: (path: string) => string;
  readonly wrong: (what: string, remedy: string) => EnvironmentError;
}

const PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

function securityOf(config: Config): ClientSecurity {
  const protocol = (config.get("security.protocol") ?? "PLAINTEXT").toUpperCase();
  if (!PROTOCOLS.includes(protocol)) {
    throw config.wrong(`security.protocol=${protocol}`, `It is one of ${PROTOCOLS.join(", ")}.`);
  }
  return {
    ...(protocol.endsWith("SSL") ? { tls: tlsOf(config) } : {}),
    ...(protocol.startsWith("SASL") ? { sasl: saslOf(config) } : {}),
  };
}

function tlsOf({ get, read, wrong }: Config): TlsIdentity {
  for (const store of ["ssl.truststore", "ssl.keystore"]) {
    const type = get(`${store}.type`);
    const bare = get(`${store}.location`) !== undefined && type === undefined;
    if (bare || (type !== undefined && type.toUpperCase() !== "PEM")) {
      throw wrong(
        `${store}.type is ${type ?? "JKS"}, which is not read here`,
        `Export it as PEM (openssl pkcs12 -nodes) and set ${store}.type=PEM.`,
      );
    }
  }
  const file = (key: string): string | undefined => {
    const path = get(key);
    return path === undefined ? undefined : read(path);
  };
  const keyStore = file("ssl.keystore.location");
  const ca =
    get("ssl.truststore.certificates", "ssl.ca.pem") ??
    file("ssl.truststore.location") ??
    file("ssl.ca.location");
  const cert =
    get("ssl.keystore.certificate.chain", "ssl.certificate.pem") ??
    file("ssl.certificate.location") ??
    part(keyStore, "CERTIFICATE");
  const key =
    get("ssl.keystore.key", "ssl.key.pem") ??
    file("ssl.key.location") ??
    part(keyStore, "PRIVATE KEY");
  if ((cert === undefined) !== (key === undefined)) {
    throw wrong(
      `a client's certificate and its key belong together, and the ${cert === undefined ? "certificate" : "key"} is missing`,
      "Give both, or none.",
    );
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** The blocks of one kind of a PEM file that holds several. */
function part(pem: string | undefined, kind: "CERTIFICATE" | "PRIVATE KEY"): string | undefined {
  const blocks = pem?.match(
    new RegExp(`-----BEGIN [A-Z ]*${kind}-----[^-]*-----END [A-Z ]*${kind}-----`, "g"),
  );
  return blocks?.join("\n");
}

function saslOf(config: Config): SaslCredentials {
  const { get, wrong } = config;
  const mechanism = get("sasl.mechanism", "sasl.mechanisms")?.toLowerCase();
  if (mechanism === "oauthbearer") return tokenOf(config);
  if (mechanism !== "plain" && mechanism !== "scram-sha-256" && mechanism !== "scram-sha-512") {
    throw wrong(
      `sasl.mechanism=${mechanism ?? "(none)"} cannot be used`,
      "It is one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER.",
    );
  }
  const jaas = get("sasl.jaas.config") ?? "";
  const username = get("sasl.username") ?? jaasOption(jaas, "username");
  const password = get("sasl.password") ?? jaasOption(jaas, "password");
  if (username === undefined || password === undefined) {
    throw wrong(
      "user name or password is missing",
      "Give sasl.jaas.config with both, or sasl.username and sasl.password.",
    );
  }
  return { mechanism, username, password };
}

/** Both kinds of quotes, and a backslash before one of them. */
function jaasOption(jaas: string, name: string): string | undefined {
  const match = new RegExp(
    `\\b${name}\\s*=\\s*(?:"((?:\\\\.|[^"\\\\])*)"|'([^']*)'|([^\\s;]+))`,
  ).exec(jaas);
  return (match?.[1] ?? match?.[2] ?? match?.[3])?.replaceAll(/\\(.)/g, "$1");
}

/** A JWT in a file (KIP-1139): who gets it there, and anew, is not this program's concern. */
function tokenOf({ get, read, wrong }: Config): SaslCredentials {
  const url = get("sasl.oauthbearer.token.endpoint.url");
  if (url === undefined || !url.startsWith("file:")) {
    throw wrong(
      "OAUTHBEARER needs a token in a file",
      "Write the JWT to a file and give sasl.oauthbearer.token.endpoint.url=file:///path/of/it.",
    );
  }
  const token = read(fileURLToPath(url)).trim();
  try {
    const claims = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"),
    ) as { sub?: unknown; exp?: unknown };
    if (typeof claims.exp !== "number") throw new Error("it has no exp");
    const principal = typeof claims.sub === "string" ? claims.sub : "unknown";
    return { mechanism: "oauthbearer", token, principal, expiresAtMs: claims.exp * 1000 };
  } catch (error) {
    throw wrong(
      `the token at ${url} is no JWT (${reason(error)})`,
      "Give one that has sub and exp.",
    );
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  "security.protocol",
  ...["sasl.mechanism", "sasl.mechanisms", "sasl.jaas.config", "sasl.username", "sasl.password"],
  "sasl.oauthbearer.token.endpoint.url",
  ...["ssl.truststore.type", "ssl.truststore.location", "ssl.truststore.certificates"],
  ...["ssl.keystore.type", "ssl.keystore.location"],
  ...["ssl.keystore.key", "ssl.keystore.certificate.chain"],
  ...["ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem"],
  ...["ssl.key.location", "ssl.key.pem"],
]);

/** A system's error names the file; one of JSON may quote what it read, and is not passed on. */
function reason(error: unknown): string {
  if (error instanceof SyntaxError) return "its claims cannot be read";
  return error instanceof Error ? error.message : String(error);
}
