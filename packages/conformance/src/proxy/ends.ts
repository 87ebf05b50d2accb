import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, createServer, type TLSSocket } from "node:tls";

/** Both ends of a connection through the proxy, as plain bytes. */
export interface Ends {
  readonly client: Socket;
  readonly upstream: Socket;
  /** A true RST to both sides. */
  reset(): void;
}

/** How the proxy speaks TLS where the broker does: it must read what it is to act on. */
export interface ProxyTls {
  /** PEM: who may talk to whom. */
  readonly ca: string;
  /** What the proxy shows to clients: it stands where the broker would. */
  readonly server: { readonly cert: string; readonly key: string };
  /** What it shows to the broker: it stands where the client would. Null: the broker does not ask. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

/** A connection that was accepted, and one of the proxy's own to the broker behind it. */
export function plainEnds(client: Socket, port: number): Ends {
  const upstream = dial(port);
  return {
    client,
    upstream,
    reset: () => {
      resetSocket(client, client);
      resetSocket(upstream, upstream);
    },
  };
}

/**
 * Ends TLS here and begins it anew towards the broker. Resolves after the handshake with the client.
 *
 * @throws Error when there is none: no TLS, or a certificate that was asked for and not shown
 */
export async function tlsEnds(accepted: Socket, port: number, tls: ProxyTls): Promise<Ends> {
  const client = await serve(accepted, tls);
  const dialled = dial(port);
  // Told again by the TLS socket above it, which is listened to.
  dialled.on("error", () => {});
  const upstream = connectTls({
    socket: dialled,
    host: "127.0.0.1",
    ca: tls.ca,
    ...tls.client,
  });
  return {
    client,
    upstream,
    // It is the TCP connection that is reset; TLS would say goodbye first.
    reset: () => {
      resetSocket(client, accepted);
      resetSocket(upstream, dialled);
    },
  };
}

/** A server of its own for each connection: only so is it known which TCP connection is beneath. */
async function serve(accepted: Socket, { ca, server, client }: ProxyTls): Promise<TLSSocket> {
  const asks = client !== null;
  const one = createServer({ ...server, ca, requestCert: asks, rejectUnauthorized: asks });
  one.emit("connection", accepted);
  const failed = new AbortController();
  const fail = (): void => failed.abort(new Error("no TLS with this client"));
  one.once("tlsClientError", fail);
  accepted.once("close", fail);
  accepted.on("error", fail);
  const [socket] = (await once(one, "secureConnection", { signal: failed.signal })) as [TLSSocket];
  return socket;
}

function dial(port: number): Socket {
  return connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
}

/** @param carrier the TCP socket under `socket`, or itself */
function resetSocket(socket: Socket, carrier: Socket): void {
  if (socket.destroyed) return;
  // A socket that has sent its FIN cannot be reset any more: libuv refuses, the handle never closes, and
  // Node turns round and round at its exit waiting for it. One that is not connected yet can only be
  // given up.
  if (carrier.connecting || socket.writableEnded) carrier.destroy();
  else carrier.resetAndDestroy();
  socket.destroy();
}
