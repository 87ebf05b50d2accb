/** A user of a local cluster's SASL listener. */
export interface SaslUser {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

/** One user a mechanism; no password is right for another's mechanism. */
export const saslUsers: {
  readonly plain: SaslUser;
  readonly "scram-sha-256": SaslUser;
  readonly "scram-sha-512": SaslUser;
} = {
  plain: { mechanism: "plain", username: "plain-user", password: "plain-password" },
  "scram-sha-256": {
    mechanism: "scram-sha-256",
    username: "scram256-user",
    password: "scram256-password",
  },
  "scram-sha-512": {
    mechanism: "scram-sha-512",
    username: "scram512-user",
    password: "scram512-password",
  },
};
