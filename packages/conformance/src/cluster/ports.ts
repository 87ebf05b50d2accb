import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { EnvironmentError } from "./environment-error.ts";

/** Ports are claimed in aligned blocks, the first port of which is the claim itself. */
const BLOCK = 32;
const LOWEST = 15_008;
/** Where the kernel's ephemeral range begins unless it says otherwise (Linux; macOS and IANA: 49152). */
const DEFAULT_EPHEMERAL = 32_768;

export interface PortClaim {
  /** Free ports that no other claim of this machine has. */
  readonly ports: readonly number[];
  release(): Promise<void>;
}

/**
 * Claims a block of ports on 127.0.0.1 below the kernel's ephemeral range: a port inside it can be
 * taken by any outgoing connection while a broker is down between kill and restart.
 *
 * Two clusters that start at once never share a port: a claim holds the first port of its block
 * bound for as long as it lives, so the kernel arbitrates and frees it when the process dies.
 */
export async function claimPorts(count: number): Promise<PortClaim> {
  if (count >= BLOCK) throw new RangeError(`at most ${BLOCK - 1} ports in a claim, not ${count}`);
  const blocks = Math.floor((ephemeralStart() - LOWEST) / BLOCK);
  const first = Math.floor(Math.random() * blocks);
  for (let i = 0; i < blocks; i += 1) {
    const base = LOWEST + ((first + i) % blocks) * BLOCK;
    const claim = await bind(base);
    if (claim === null) continue;
    const ports = Array.from({ length: count }, (_, n) => base + 1 + n);
    if (await allFree(ports)) return { ports, release: () => closeServer(claim) };
    await closeServer(claim);
  }
  throw new EnvironmentError(
    `No block of ${count} free ports between ${LOWEST} and ${ephemeralStart()} on 127.0.0.1.`,
    "End other clusters on this machine, or move the ephemeral range up (net.ipv4.ip_local_port_range).",
  );
}

function ephemeralStart(): number {
  try {
    const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
    const start = Number(range.trim().split(/\s+/)[0]);
    // A range that leaves no room below it leaves no choice either.
    return start > LOWEST + 8 * BLOCK ? start : DEFAULT_EPHEMERAL;
  } catch {
    return DEFAULT_EPHEMERAL;
  }
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) {
    const server = await bind(port);
    if (server === null) return false;
    await closeServer(server);
  }
  return true;
}

function bind(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(null));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
