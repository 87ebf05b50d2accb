import { createRequire } from "node:module";
import type { SaslCredentials } from "./client-security.ts";

/** A connection that nobody has logged in on yet. */
interface Connection {
  request(apiKey: number, apiVersion: number, body: Buffer, timeoutMs: number): Promise<Buffer>;
}

const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/**
 * The SASL exchange of a raw connection. What is said in it comes from kafkajs' own mechanisms, which
 * the runner's admin and producer log in with as well.
 *
 * @throws Error with the broker's words when it refuses
 */
export async function logIn(
  client: Connection,
  sasl: SaslCredentials,
  timeoutMs: number,
): Promise<void> {
  const mechanism = sasl.mechanism.toUpperCase();
  await handshake(client, mechanism, timeoutMs);
  const provider = PROVIDERS[sasl.mechanism](
    sasl.mechanism === "oauthbearer"
      ? { oauthBearerProvider: () => Promise.resolve({ value: sasl.token }) }
      : { username: sasl.username, password: sasl.password },
  );
  await provider({
    host: "",
    port: 0,
    logger: { debug: () => {}, error: () => {} },
    saslAuthenticate: async ({ request, response }) => {
      const answer = await authenticate(client, mechanism, await request.encode(), timeoutMs);
      if (response) return response.parse(await response.decode(answer));
      // RFC 7628: a token is refused in the content of a good answer.
      const said = answer.subarray(4).toString("utf8");
      if (said !== "") throw new Error(`SASL ${mechanism} is refused: ${said}`);
      return undefined;
    },
  }).authenticate();
}

interface Exchange {
  readonly request: { encode(): Buffer | Promise<Buffer> };
  readonly response?: { decode(bytes: Buffer): unknown; parse(decoded: unknown): unknown } | null;
}
/** kafkajs' `SASLOptions` to its `Authenticator`. */
type Provider = (
  options: object,
) => (context: {
  readonly host: string;
  readonly port: number;
  readonly logger: { debug(): void; error(): void };
  readonly saslAuthenticate: (exchange: Exchange) => Promise<unknown>;
}) => { authenticate(): Promise<void> };

const require = createRequire(import.meta.url);
const PROVIDERS: Readonly<Record<SaslCredentials["mechanism"], Provider>> = {
  plain: require("kafkajs/src/broker/saslAuthenticator/plain") as Provider,
  "scram-sha-256": require("kafkajs/src/broker/saslAuthenticator/scram256") as Provider,
  "scram-sha-512": require("kafkajs/src/broker/saslAuthenticator/scram512") as Provider,
  oauthbearer: require("kafkajs/src/broker/saslAuthenticator/oauthBearer") as Provider,
};

/** Version 1: the exchange that follows is in Kafka's own frames. */
async function handshake(client: Connection, mechanism: string, timeoutMs: number): Promise<void> {
  const length = Buffer.alloc(2);
  length.writeInt16BE(mechanism.length);
  const body = Buffer.concat([length, Buffer.from(mechanism)]);
  const answer = await client.request(SASL_HANDSHAKE, 1, body, timeoutMs);
  if (answer.readInt16BE(0) !== 0) throw new Error(`the broker does not offer SASL ${mechanism}`);
}

/**
 * Version 1: error code, message, the server's bytes, lifetime of the session. Bytes of both sides
 * stand behind their length, as kafkajs' mechanisms have them.
 */
async function authenticate(
  client: Connection,
  mechanism: string,
  body: Buffer,
  timeoutMs: number,
): Promise<Buffer> {
  const answer = await client.request(SASL_AUTHENTICATE, 1, body, timeoutMs);
  const said = Math.max(0, answer.readInt16BE(2));
  if (answer.readInt16BE(0) !== 0) {
    const message = answer.subarray(4, 4 + said).toString("utf8") || "no reason given";
    throw new Error(`SASL ${mechanism} is refused: ${message}`);
  }
  const at = 4 + said;
  return answer.subarray(at, at + 4 + Math.max(0, answer.readInt32BE(at)));
}
