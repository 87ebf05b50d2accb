import type { ClientSecurity } from "./client-security.ts";

/**
 * A Kafka cluster as the runner needs it. Each broker has two listeners: CLIENT, advertised through
 * the runner's proxy and used by subjects, and WITNESS, direct and used by the runner alone, so that
 * a network fault never blinds the checker.
 */
export interface Cluster {
  readonly kind: "local" | "docker" | "brokers";
  /** Why this kind was chosen, for the report's first line. */
  readonly reason: string;
  readonly kafkaVersion: string;
  /** What cases that need it may ask for; else they are skipped with the reason. */
  readonly can: {
    readonly proxy: boolean;
    readonly brokerFaults: boolean;
    /** Three nodes or more, so that another one takes over when a leader or coordinator is killed. */
    readonly failover: boolean;
    readonly diskFull: boolean;
    readonly commitLog: boolean;
    /** The runner may write transactions, which takes the right to a transactional id. */
    readonly transactions: boolean;
    readonly sasl: boolean;
  };
  readonly nodes: readonly number[];
  /** For subjects (through the proxy where there is one). */
  readonly clientBrokers: readonly string[];
  /** What subjects need to be let in there; empty for plaintext without login. */
  readonly clientSecurity: ClientSecurity;
  /** For the runner. */
  readonly witnessBrokers: readonly string[];
  readonly witnessSecurity: ClientSecurity;
  /** For subjects with SASL, through the proxy; the users are `saslUsers`. */
  readonly saslBrokers: readonly string[];
  /** Topics and groups are named with this prefix, fresh for every run. */
  readonly prefix: string;

  /** Ends a broker and waits for its exit. The proxy stops listening first (`kill` and `term`). */
  signal(node: number, signal: "kill" | "term"): Promise<void>;
  /** SIGSTOP / SIGCONT: the kernel still accepts connections. */
  freeze(node: number): Promise<void>;
  thaw(node: number): Promise<void>;
  /** Starts an ended broker and waits until it answers on WITNESS. @throws Error with its log */
  restart(node: number): Promise<void>;
  /**
   * Takes a running broker's disk away: not one more byte can be written. Resolves with how it has
   * ended ("code 1"), because Kafka does when its only log folder fails. Until {@link freeDisk}, every
   * restart fails too.
   */
  fillDisk(node: number): Promise<string>;
  freeDisk(node: number): Promise<void>;
  /** Resolves when every partition has a leader and the coordinator answers; rejects by `timeoutMs`. */
  healthy(timeoutMs: number): Promise<void>;
  /** Last lines of a broker's log, for reports. */
  log(node: number): string;
  /** Ends what it started, by pid, and removes its data. Idempotent. */
  close(): Promise<void>;
}
