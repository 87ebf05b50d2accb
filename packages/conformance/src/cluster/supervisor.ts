import { spawn, type ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { SUPERVISOR_SCRIPT } from "./supervisor-script.ts";

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Supervised {
  readonly pid: number;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<Exit>;
  ended(): Exit | null;
}

interface Child {
  readonly exited: Promise<Exit>;
  exit: Exit | null;
  pid: number | null;
  readonly onStarted: (pid: number) => void;
  readonly onFailed: (error: Error) => void;
  readonly onExit: (exit: Exit) => void;
}

type Report =
  | { readonly ev: "ready"; readonly dir: string }
  | { readonly ev: "started"; readonly name: string; readonly pid: number }
  | ({ readonly ev: "exit"; readonly name: string } & Exit)
  | { readonly ev: "failed"; readonly name: string; readonly message: string };

/** The runner's end of the supervisor process (see {@link SUPERVISOR_SCRIPT}). */
export class Supervisor {
  readonly dir: string;
  readonly #process: ChildProcess;
  readonly #children: Map<string, Child>;
  readonly #gone: Promise<void>;

  private constructor(
    dir: string,
    child: ChildProcess,
    children: Map<string, Child>,
    gone: Promise<void>,
  ) {
    this.dir = dir;
    this.#process = child;
    this.#children = children;
    this.#gone = gone;
  }

  static async start(): Promise<Supervisor> {
    const env = { ...process.env };
    // A runner's loaders and inspectors are none of the supervisor's business.
    delete env["NODE_OPTIONS"];
    // Detached: Ctrl-C goes to the runner alone, which then decides what ends when.
    const child = spawn(process.execPath, ["-e", SUPERVISOR_SCRIPT], {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
      env,
    });
    const children = new Map<string, Child>();
    // Writing to a supervisor that was killed must not take the runner down.
    child.stdin.on("error", () => {});
    let folder: string | null = null;
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => {
        endOrphans(children);
        // Gone already, but for a supervisor that was killed itself.
        if (folder === null) resolve();
        else rm(folder, { recursive: true, force: true, maxRetries: 10 }).then(resolve, resolve);
      });
    });
    const dir = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the supervisor ended at once (${code})`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const report = JSON.parse(line) as Report;
        if (report.ev === "ready") resolve(report.dir);
        else settle(children, report);
      });
    });
    folder = dir;
    return new Supervisor(dir, child, children, gone);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** @throws Error when the command cannot be started or the supervisor is gone. */
  async run(
    name: string,
    command: string,
    args: readonly string[],
    log: string,
  ): Promise<Supervised> {
    const earlier = this.#children.get(name);
    if (earlier && earlier.exit === null) throw new Error(`${name} is still running`);
    let resolveExit!: (exit: Exit) => void;
    let started!: { resolve: (pid: number) => void; reject: (error: Error) => void };
    const pid = new Promise<number>((resolve, reject) => (started = { resolve, reject }));
    const child: Child = {
      exited: new Promise<Exit>((resolve) => (resolveExit = resolve)),
      exit: null,
      pid: null,
      onStarted: started.resolve,
      onFailed: started.reject,
      onExit: resolveExit,
    };
    this.#children.set(name, child);
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      started.reject(new Error("the supervisor of the brokers is gone"));
    }
    this.#write({ cmd: "start", name, command, args, log });
    return { pid: await pid, exited: child.exited, ended: () => child.exit };
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#write({ cmd: "signal", name, signal });
  }

  /** Ends every child with SIGKILL, removes the data folder. Idempotent. */
  async close(): Promise<void> {
    this.#process.stdin?.end();
    await this.#gone;
  }

  #write(line: object): void {
    this.#process.stdin?.write(JSON.stringify(line) + "\n");
  }
}

function settle(children: Map<string, Child>, report: Exclude<Report, { ev: "ready" }>): void {
  const child = children.get(report.name);
  if (!child) return;
  if (report.ev === "started") {
    child.pid = report.pid;
    child.onStarted(report.pid);
  } else if (report.ev === "failed") {
    if (child.pid === null) child.exit = { code: null, signal: null };
    child.onFailed(new Error(`${report.name}: ${report.message}`));
  } else {
    child.exit = { code: report.code, signal: report.signal };
    child.onExit(child.exit);
  }
}

/** Somebody killed the supervisor itself: its children are the runner's to end. */
function endOrphans(children: Map<string, Child>): void {
  for (const child of children.values()) {
    if (child.exit !== null) continue;
    if (child.pid !== null) {
      try {
        process.kill(child.pid, "SIGKILL");
      } catch {
        // It had ended by itself.
      }
    }
    child.exit = { code: null, signal: "SIGKILL" };
    child.onFailed(new Error("the supervisor of the brokers was killed"));
    child.onExit(child.exit);
  }
}
