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
  /** Requests that the broker has and has not answered. */
  readonly #open = new Set<() => void>();

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
        this.#open.add(broken);
        serve((answer) => {
          if (!this.#open.delete(broken)) return;
          const at = Math.max(connection.answersUntil, time.now() + fate.answerMs);
          connection.answersUntil = at;
          time.setTimer(() => {
            if (fate.loses === "answer") fail("unknown", "the connection was reset");
            else process.run(() => resolve(answer));
          }, at - time.now());
        }, fate);
      }, arrivesAt - time.now());
    });
  }

  /** Every open request ends without an answer. */
  breakAll(): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const broken of open) broken();
  }
}

const PROMPT: Fate = { requestMs: 0, answerMs: 0, loses: "nothing" };
