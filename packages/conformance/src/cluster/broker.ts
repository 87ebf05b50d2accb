import type { Endpoint } from "./health.ts";

/**
 * One broker of a cluster that is ours, whatever it runs in. The cluster asks only for what makes
 * sense: nothing here is called for a broker that is not running, but `start`.
 */
export interface Broker {
  readonly node: number;
  /** Where the proxy and the runner reach it. */
  readonly client: Endpoint;
  readonly witness: Endpoint;
  /** Starts the process; it need not listen yet. */
  start(): Promise<void>;
  /** How it ended ("SIGKILL", "code 1"), null while it runs or before it was started. */
  readonly ended: string | null;
  /** Resolves with how it ended, whoever ended it. */
  readonly exited: Promise<string>;
  signal(signal: "kill" | "term" | "stop" | "cont"): Promise<void>;
  /** Not one more byte can be written to its disk, by this process and by those after it. */
  fillDisk(): Promise<void>;
  freeDisk(): Promise<void>;
  /** The last lines it wrote. */
  log(): string;
}
