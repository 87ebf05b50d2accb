import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { generateCertificates } from "./certificates.ts";

test("both sides accept each other by them, and nobody without", async () => {
  const { ca, server, client } = await generateCertificates();
  const listener = createServer(
    { ...server, ca, requestCert: true, rejectUnauthorized: true },
    (socket: TLSSocket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
  );
  listener.on("tlsClientError", () => {});
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const greeting = async (options: object): Promise<string> => {
    const socket = connect({ host: "127.0.0.1", port, ...options });
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    await once(socket, "end");
    return text;
  };
  try {
    expect(await greeting({ ca, ...client })).toBe("sluice-client");
    expect(await greeting({ ca, ...client, host: "localhost" })).toBe("sluice-client");
    // Node's server hangs up on a client that it does not trust, with or without an alert.
    const refused = async (options: object): Promise<boolean> =>
      (await greeting(options).catch(() => "")) === "";
    expect(await refused({ ca })).toBe(true);
    // A server's certificate is none for a client.
    expect(await refused({ ca, ...server })).toBe(true);
    const other = await generateCertificates();
    expect(await refused({ ca, ...other.client })).toBe(true);
    await expect(greeting({ ...client })).rejects.toThrow(/verify|self.signed|issuer/i);
    await expect(greeting({ ...client, ca: other.ca })).rejects.toThrow(/verify|signature|issuer/i);
  } finally {
    listener.close();
  }
});
