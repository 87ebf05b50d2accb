import type { SaslCredentials } from "./client-security.ts";

/**
 * A token that Kafka's built-in validator accepts: a JWT that nobody has signed. Whoever reaches the
 * port of a local cluster could write one, too.
 */
export function unsecuredToken(
  principal: string,
  lifetimeMs: number,
): Extract<SaslCredentials, { mechanism: "oauthbearer" }> {
  const now = Date.now();
  const expiresAtMs = now + lifetimeMs;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    sub: principal,
    iat: Math.floor(now / 1000),
    exp: Math.floor(expiresAtMs / 1000),
  };
  const token = `${part({ alg: "none" })}.${part(claims)}.`;
  return { mechanism: "oauthbearer", token, principal, expiresAtMs };
}
