import { once } from "node:events";
import { connect as connectPlain, createServer as createPlain, type AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { bytesOf, eventually, Peer, requestFrame, responseFrame } from "../../test/wire-kit.ts";
import { generateCertificates, type Certificates } from "../cluster/certificates.ts";
import { createProxy } from "./frame-proxy.ts";
import type { Frame, Proxy } from "./proxy.ts";

let made: Certificates;
let server: Server;
let proxy: Proxy;
let port: number;
let brokers: Peer[];
let peers: Peer[];
let names: string[];
const seen: Frame[] = [];

beforeAll(async () => {
  made = await generateCertificates();
});
beforeEach(async () => {
  [brokers, peers, names] = [[], [], []];
  seen.length = 0;
  // As a broker with ssl.client.auth=required.
  server = createServer(
    { ...made.server, ca: made.ca, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      names.push(String(socket.getPeerCertificate().subject.CN));
      brokers.push(new Peer(socket));
    },
  );
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = await freePort();
  proxy = await createProxy([
    {
      node: 1,
      listen: port,
      target: (server.address() as AddressInfo).port,
      tls: { ca: made.ca, server: made.server, client: made.client },
    },
  ]);
  proxy.onFrame((frame, stage) => {
    if (stage === "arrived") seen.push(frame);
  });
});
afterEach(async () => {
  await proxy.close();
  for (const peer of [...brokers, ...peers]) peer.socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const heartbeat = requestFrame(12, 3, 7, "m1", bytesOf("0001 'g' 00000001 0001 'm' ffff"));
const answer = responseFrame(7, bytesOf("00000000 0000"));

function dial(options: object = made.client): Peer {
  const peer = new Peer(connect({ host: "127.0.0.1", port, ca: made.ca, ...options }));
  peers.push(peer);
  return peer;
}

test("frames inside TLS are read, pass both ways, and so does the close", async () => {
  const client = dial();
  client.socket.write(heartbeat);
  await eventually(() => brokers[0]?.received.equals(heartbeat) === true);
  brokers[0]?.socket.write(answer);
  await eventually(() => client.received.equals(answer));
  expect(seen.map(({ apiKey, clientId, direction }) => [apiKey, clientId, direction])).toEqual([
    [12, "m1", "request"],
    [12, "m1", "response"],
  ]);
  expect(names).toEqual(["sluice-client"]);
  client.socket.end();
  await eventually(() => brokers[0]?.over === "end");
  brokers[0]?.socket.end();
  await eventually(() => proxy.connections.length === 0);
});

test("a rule resets both TCP connections, without TLS saying goodbye", async () => {
  const rule = proxy.addRule({ name: "cut off", match: { apiKeys: [12] }, act: { type: "reset" } });
  const client = dial();
  const fetch = requestFrame(1, 11, 6, "m1");
  client.socket.write(fetch);
  await eventually(() => brokers[0]?.received.equals(fetch) === true);
  client.socket.write(heartbeat);
  await rule.acting();
  await eventually(() => client.over === "ECONNRESET" && brokers[0]?.over === "ECONNRESET");
  expect(brokers[0]?.received.equals(fetch)).toBe(true);
  await eventually(() => proxy.connections.length === 0);
});

test("who shows no certificate, or speaks no TLS, is not let in; others are", async () => {
  const stranger = dial({});
  const plain = new Peer(connectPlain({ host: "127.0.0.1", port }));
  peers.push(plain);
  plain.socket.write(heartbeat);
  await eventually(() => stranger.over !== null && plain.over !== null);
  expect(brokers.length + seen.length).toBe(0);
  dial().socket.write(heartbeat);
  await eventually(() => brokers[0]?.received.equals(heartbeat) === true);
});

test("closing the port ends a handshake that is under way", async () => {
  const silent = new Peer(connectPlain({ host: "127.0.0.1", port }));
  peers.push(silent);
  await once(silent.socket, "connect");
  const client = dial();
  client.socket.write(heartbeat);
  await eventually(() => brokers.length === 1);
  await proxy.unlisten(1);
  await eventually(() => silent.over !== null && client.over === "ECONNRESET");
});

async function freePort(): Promise<number> {
  const probe = createPlain().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port: free } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return free;
}
