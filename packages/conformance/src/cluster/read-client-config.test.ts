import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnvironmentError } from "./environment-error.ts";
import { readClientConfig } from "./read-client-config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-config-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

function put(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}
const read = (text: string, env = {}): ReturnType<typeof readClientConfig> =>
  readClientConfig(put("client.properties", text), env);

const CERT = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
const KEY = "-----BEGIN EC PRIVATE KEY-----\nBBBB\n-----END EC PRIVATE KEY-----";
const SECRET = "s3cr3t-of-mine";

describe("what Kafka's tools take", () => {
  test("nothing means plaintext without login; other settings are passed over", () => {
    expect(read("bootstrap.servers=b:9092\n# ssl.nonsense=1\nclient.dns.lookup=x\n")).toEqual({});
  });

  test("a login over several lines, quoted, with an escaped quote in the password", () => {
    const login = String.raw`
security.protocol = SASL_PLAINTEXT
sasl.mechanism: SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
   username="me" \
   password="a\\"b c";
`;
    expect(read(login)).toEqual({
      sasl: { mechanism: "scram-sha-512", username: "me", password: 'a"b c' },
    });
  });

  test("PEM stores: files from the folder of the configuration, key and chain out of one", () => {
    put("ca.pem", CERT);
    put("me.pem", `${KEY}\n${CERT}\n${CERT}\n`);
    const text = `
security.protocol=SSL
ssl.truststore.type=PEM
ssl.truststore.location=ca.pem
ssl.keystore.type=PEM
ssl.keystore.location=${join(dir, "me.pem")}
`;
    expect(read(text)).toEqual({ tls: { ca: CERT, cert: `${CERT}\n${CERT}`, key: KEY } });
  });

  test("TLS without more trusts what the system trusts", () => {
    expect(read("security.protocol=ssl")).toEqual({ tls: {} });
  });

  test("a token from a file, its end and principal out of its claims", () => {
    const claims = Buffer.from('{"sub":"me","exp":2000000000}').toString("base64url");
    const token = `e30.${claims}.sig`;
    const url = pathToFileURL(put("token", `${token}\n`)).href;
    const text = `security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=${url}\n`;
    expect(read(text)).toEqual({
      tls: {},
      sasl: { mechanism: "oauthbearer", token, principal: "me", expiresAtMs: 2e12 },
    });
  });
});

test("librdkafka's names, and secrets from the environment", () => {
  put("ca.pem", CERT);
  const text = `
security.protocol=sasl_ssl
sasl.mechanisms=PLAIN
sasl.username=me
sasl.password=\${env:KAFKA_PASSWORD}
ssl.ca.location=ca.pem
`;
  expect(read(text, { KAFKA_PASSWORD: SECRET })).toEqual({
    tls: { ca: CERT },
    sasl: { mechanism: "plain", username: "me", password: SECRET },
  });
});

test.each([
  ["ssl.truststore.location=a.jks\nsecurity.protocol=SSL", "ssl.truststore.type is JKS"],
  ["ssl.keystore.type=PKCS12\nsecurity.protocol=SSL", "ssl.keystore.type is PKCS12"],
  ["ssl.ca.location=nowhere.pem\nsecurity.protocol=SSL", "nowhere.pem"],
  ["ssl.certificate.pem=x\nsecurity.protocol=SSL", "the key is missing"],
  ["ssl.trust.all=true", "ssl.trust.all is not understood"],
  ["security.protocol=TLS", "security.protocol=TLS"],
  ["security.protocol=SASL_SSL", "sasl.mechanism=(none)"],
  ["security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI", "sasl.mechanism=gssapi"],
  [
    `security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.password=${SECRET}`,
    "user name or password is missing",
  ],
  [
    `security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.password=\${env:NOT_SET}`,
    "sasl.password wants NOT_SET",
  ],
  [
    "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://idp",
    "needs a token in a file",
  ],
])("refuses %j in words that hold no secret", (text, message) => {
  let problem: EnvironmentError | null = null;
  try {
    read(text);
  } catch (error) {
    problem = error as EnvironmentError;
  }
  expect(problem?.name).toBe("EnvironmentError");
  expect(problem?.message).toContain(message);
  expect(problem?.message).toContain("client.properties");
  expect(`${problem?.message} ${problem?.remedy}`).not.toContain(SECRET);
});

test("a token that is none is not quoted", () => {
  const url = pathToFileURL(put("token", SECRET)).href;
  const text = `security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=${url}\n`;
  expect(() => read(text)).toThrow(/is no JWT/);
  expect(() => read(text)).not.toThrow(new RegExp(SECRET));
});

test("a file that is not there is named", () => {
  expect(() => readClientConfig(join(dir, "missing"))).toThrow(/missing: ENOENT/);
});
