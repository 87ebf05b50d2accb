// tsyringe, which @peculiar/x509 is built with, wants this first.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from "@peculiar/x509";

/** PEM texts of one side. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What a cluster's TLS listeners live on, made for one run and thrown away with it. */
export interface Certificates {
  /** The authority's certificate; its key is forgotten once both others are signed. */
  readonly ca: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: Identity;
  readonly client: Identity;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;

/** An authority, a server and a client; good for a day, and from an hour ago (clocks differ). */
export async function generateCertificates(): Promise<Certificates> {
  const crypto = webcrypto as unknown as Crypto;
  const validity = {
    notBefore: new Date(Date.now() - DAY_MS / 24),
    notAfter: new Date(Date.now() + DAY_MS),
  };
  const authorityKeys = await keyPair(crypto);
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      name: "CN=Sluice test authority",
      keys: authorityKeys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    crypto,
  );
  const issue = async (name: string, usage: ExtendedKeyUsage): Promise<Identity> => {
    const keys = await keyPair(crypto);
    const cert: X509Certificate = await X509CertificateGenerator.create(
      {
        ...validity,
        subject: `CN=${name}`,
        issuer: authority.subject,
        publicKey: keys.publicKey,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([usage]),
          new SubjectAlternativeNameExtension([
            { type: "ip", value: "127.0.0.1" },
            { type: "dns", value: "localhost" },
          ]),
        ],
      },
      crypto,
    );
    const key = PemConverter.encode(
      await crypto.subtle.exportKey("pkcs8", keys.privateKey),
      "PRIVATE KEY",
    );
    return { cert: cert.toString("pem"), key };
  };
  return {
    ca: authority.toString("pem"),
    server: await issue("sluice-broker", ExtendedKeyUsage.serverAuth),
    client: await issue("sluice-client", ExtendedKeyUsage.clientAuth),
  };
}

async function keyPair(crypto: Crypto): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
