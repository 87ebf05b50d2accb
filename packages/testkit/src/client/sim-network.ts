import { PortError } from "@sluice/core";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { SimProcess } from "./sim-process.ts";

export type RequestKind =
  | "metadata"
  | "join"
  | "heartbeat"
  | "leave"
  | "offsets"
  | "commit"
  | "fetch"
  | "produce"
  | "admin";

/** What becomes of one request on its way. Milliseconds. */
export interface Fate {
  readonly requestMs: number;
  readonly answerMs: number;
  /** The connection breaks: before the broker has the request, or before the client has its answer. */
  readonly loses: "nothing" | "request" | "answer";
}

/** Bytes of one connection stay in order, whatever each of them would take alone. */
export class Connection {
  readonly process: SimProcess;
  requestsUntil = 0;
  answersUntil = 0;

  constructor(process: SimProcess) {
    this.process = process;
  }
}

/** Between the processes and the broker. */
export class SimNetwork {
  /** Decides what becomes of each request. */
  fate: (kind: RequestKind, process: SimProcess) => Fate = () => PROMPT;
  readonly #cluster: SimCluster;
  /** Requests that the broker has and whose answers have not arrived. */
  readonly #open = new Map<() => void, RequestKind>();

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  /**
   * @param serve at the broker, when the request has arrived; it may answer later
   * @throws PortError `retriable`; `outcome: "unknown"` when the broker may have served it
   */
  send<A>(
    connection: Connection,
    kind: RequestKind,
    serve: (answer: (answer: A) => void, fate: Fate) => void,
  ): Promise<A> {
    const { process } = connection;
    const { time } = this.#cluster;
    const fate = this.fate(kind, process);
    return new Promise((resolve, reject) => {
      const fail = (outcome: "failed" | "unknown", why: string): void =>
        process.run(() => reject(new PortError(`${kind}: ${why}`, { kind: "retriable", outcome })));
      const arrivesAt = Math.max(connection.requestsUntil, time.now() + fate.requestMs);
      connection.requestsUntil = arrivesAt;
      time.setTimer(() => {
        // What a process had not got out when it died never arrives.
        if (process.isDead) return;
        if (!this.#cluster.isUp) return fail("failed", "the broker refuses connections");
        if (fate.loses === "request") return fail("unknown", "the connection was reset");
        const broken = (): void => fail("unknown", "the broker went down");
        this.#open.set(broken, kind);
        serve((answer) => {
          if (!this.#open.has(broken)) return;
          const at = Math.max(connection.answersUntil, time.now() + fate.answerMs);
          connection.answersUntil = at;
          time.setTimer(() => {
            // The broker may have gone down with the answer on its way.
            if (!this.#open.delete(broken)) return;
            if (fate.loses === "answer") fail("unknown", "the connection was reset");
            else process.run(() => resolve(answer));
          }, at - time.now());
        }, fate);
      }, arrivesAt - time.now());
    });
  }

  /** Whether the broker has such a request and its answer has not arrived. */
  isCarrying(kind: RequestKind): boolean {
    return [...this.#open.values()].includes(kind);
  }

  /** Every open request ends without an answer. */
  breakAll(): void {
    const open = [...this.#open.keys()];
    this.#open.clear();
    for (const broken of open) broken();
  }
}

const PROMPT: Fate = { requestMs: 0, answerMs: 0, loses: "nothing" };
