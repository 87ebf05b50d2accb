/** How a client encrypts and who it says it is. Secrets are in it: it is never printed. */
export interface ClientSecurity {
  /** PEM texts; an empty object means TLS with the system's certificates. */
  readonly tls?: TlsIdentity;
  readonly sasl?: SaslCredentials;
}

export interface TlsIdentity {
  readonly ca?: string;
  /** Mutual TLS: both or none. */
  readonly cert?: string;
  readonly key?: string;
}

export type SaslCredentials =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: "oauthbearer";
      readonly token: string;
      readonly principal: string;
      /** Milliseconds since 1970. */
      readonly expiresAtMs: number;
    };

/** Addresses and what it takes to be let in. */
export interface Access {
  readonly brokers: readonly string[];
  readonly security: ClientSecurity;
}

/** Ways into a local cluster, by the name that `--security` takes. */
export const SECURITY_KINDS = [
  "plain",
  "scram-256",
  "scram-512",
  "oauthbearer",
  "tls",
  "mtls",
] as const;
export type SecurityKind = (typeof SECURITY_KINDS)[number];
