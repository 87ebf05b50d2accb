import type { ClientConfig } from "@sluice/core";
import type { ClientSecurity, SaslCredentials } from "../cluster/client-security.ts";

/** As Sluice's own adapters are configured. */
export function clientConfigOf({ tls, sasl }: ClientSecurity): Pick<ClientConfig, "ssl" | "sasl"> {
  return {
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslConfigOf(sasl) }),
  };
}

function saslConfigOf(sasl: SaslCredentials): NonNullable<ClientConfig["sasl"]> {
  if (sasl.mechanism !== "oauthbearer") return sasl;
  const { mechanism, token: value, principal, expiresAtMs } = sasl;
  return { mechanism, token: () => Promise.resolve({ value, principal, expiresAtMs }) };
}
