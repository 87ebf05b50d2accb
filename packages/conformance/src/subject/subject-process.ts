import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { LineSplitter, MAX_LINE_BYTES } from "./lines.ts";
import type {
  Answer,
  Command,
  FinishError,
  FinishResult,
  Hello,
  Hook,
  Introduction,
  Reply,
  StopReport,
  SubjectConfig,
  SubjectEvent,
} from "./protocol.ts";
import { NO_CAPABILITIES, PROTOCOL_VERSION } from "./protocol.ts";
import { excerpt, SubjectError } from "./subject-error.ts";
import { TailBuffer } from "./tail-buffer.ts";
import { checkCommand, checkHello, checkMessage, checkStop } from "./validate.ts";

/** The command line that is one group member when started. */
export interface SubjectCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface SubjectExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SubjectListeners {
  event(event: SubjectEvent): void;
  /** Once, the first time the protocol is broken. Nothing is read after it. */
  broken(error: SubjectError): void;
  exited(exit: SubjectExit): void;
}

/** Unread input beyond this means that the subject has stopped reading (it may be frozen). */
const MAX_UNREAD_BYTES = 8 * MAX_LINE_BYTES;

/**
 * A flood: so many lines within so long. Each is kept in the history, so that memory is at stake; the
 * runner decides when handlers end, and no case lets that many end.
 */
const FLOOD_LINES = 200_000;
const FLOOD_MS = 30_000;

/**
 * One subject process: JSON Lines both ways, validated both ways. Writes never block and are
 * bounded; every command that expects an answer has a deadline. The process leads a group of its
 * own, which is what gets killed: a wrapper script must not leave its child behind.
 */
export class SubjectProcess {
  readonly member: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #listeners: SubjectListeners;
  readonly #stderr = new TailBuffer(64 * 1024);
  readonly #waiting = new Map<number, Waiting>();
  readonly #exit: Promise<SubjectExit>;
  #exited: SubjectExit | null = null;
  #broken: SubjectError | null = null;
  #lastId = 0;
  #lines = 0;
  #linesSince = performance.now();

  static spawn(
    member: string,
    command: SubjectCommand,
    listeners: SubjectListeners,
  ): SubjectProcess {
    return new SubjectProcess(member, command, listeners);
  }

  private constructor(member: string, command: SubjectCommand, listeners: SubjectListeners) {
    this.member = member;
    this.#listeners = listeners;
    this.#child = spawn(command.command, [...command.args], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...command.env, SLUICE_CONFORMANCE: "1" },
      detached: true,
    });
    alive.add(this);
    const splitter = new LineSplitter(
      (line) => this.#received(line),
      () => this.#break("too-long", `wrote a line of more than ${MAX_LINE_BYTES} bytes`),
    );
    this.#child.stdout.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.#child.stderr.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    // EPIPE of a dying subject: its exit tells the story.
    this.#child.stdin.on("error", () => {});
    this.#exit = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#break("spawn", `could not be started: ${whyNot(command.command, error)}`);
        this.#ended({ code: null, signal: null }, resolve);
      });
      // `close`, not `exit`: all that it wrote has been read by then.
      this.#child.once("close", (code, signal) => {
        this.#leftOver(splitter.remainder);
        this.#ended({ code, signal }, resolve);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }
  /** Null while it runs. */
  get exit(): SubjectExit | null {
    return this.#exited;
  }
  /** Last lines of its standard error. */
  get stderr(): string {
    return this.#stderr.text;
  }
  get brokenBy(): SubjectError | null {
    return this.#broken;
  }

  /** @throws SubjectError, of code `version` when it speaks another protocol */
  async hello(timeoutMs: number): Promise<Introduction> {
    const answer = await this.#request(
      (id) => ({ id, cmd: "hello", protocol: PROTOCOL_VERSION }),
      timeoutMs,
    );
    const hello = this.#unwrap(answer, "hello");
    if (hello["protocol"] === undefined) {
      throw this.#break("invalid", "answered hello without saying which `protocol` it speaks");
    }
    if (hello["protocol"] !== PROTOCOL_VERSION) {
      throw this.#break(
        "version",
        `speaks protocol ${excerpt(JSON.stringify(hello["protocol"]))}, this runner speaks ${PROTOCOL_VERSION}`,
      );
    }
    const problem = checkHello(hello);
    if (problem !== null) throw this.#break("invalid", `answered hello with ${problem}`);
    const valid = hello as unknown as Hello;
    return { ...valid, capabilities: { ...NO_CAPABILITIES, ...valid.capabilities } };
  }

  /** @throws SubjectError */
  async start(config: SubjectConfig, timeoutMs: number): Promise<void> {
    const answer = await this.#request((id) => ({ id, cmd: "start", config }), timeoutMs);
    this.#unwrap(answer, "start");
  }

  /** @throws SubjectError when the protocol is broken; a wrong answer is not an error */
  async vector(
    op: string,
    input: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<Answer> {
    const reply = await this.#request((id) => ({ id, cmd: "vector", op, input }), timeoutMs);
    return "ok" in reply ? { ok: reply.ok } : { error: reply.error };
  }

  /** @throws SubjectError */
  async hook(hook: Hook, timeoutMs: number): Promise<void> {
    const answer = await this.#request((id) => ({ id, ...hook }), timeoutMs);
    this.#unwrap(answer, hook.cmd);
  }

  /** @throws SubjectError */
  async stop(deadlineMs: number, timeoutMs: number): Promise<StopReport> {
    const answer = await this.#request(
      (id) => ({ id, cmd: "stop", mode: "drain", deadlineMs }),
      timeoutMs,
    );
    const report = this.#unwrap(answer, "stop");
    const problem = checkStop(report);
    if (problem !== null) throw this.#break("invalid", `answered stop with ${problem}`);
    return report as unknown as StopReport;
  }

  /** Answers a handler. Ignored when the process is gone: the ledger has the effect already. */
  finish(handle: string, result: FinishResult, error?: FinishError): void {
    this.#write({
      cmd: "finish",
      h: handle,
      result,
      ...(error === undefined ? {} : { error }),
    });
  }

  /** Resolves when it has exited and all its output was read; null at the deadline. */
  async exits(timeoutMs: number): Promise<SubjectExit | null> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), timeoutMs);
    });
    try {
      return await Promise.race([this.#exit, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** SIGKILL to the whole group; resolves when it has exited. */
  async kill(): Promise<SubjectExit> {
    this.signal("SIGKILL");
    return this.#exit;
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#child.pid;
    if (pid === undefined || this.#exited !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }

  /** Ends its standard input: the subject stops, draining. */
  closeInput(): void {
    this.#child.stdin.end();
  }

  async #request(build: (id: number) => Command, timeoutMs: number): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    const command = build(id);
    return new Promise<Reply>((resolve, reject) => {
      const waiting: Waiting = {
        cmd: command.cmd,
        resolve,
        reject,
        timer: setTimeout(() => {
          this.#waiting.delete(id);
          reject(
            new SubjectError(
              "silent",
              this.member,
              `no answer to ${command.cmd} in ${timeoutMs} ms${this.#lastWords()}`,
            ),
          );
        }, timeoutMs),
      };
      this.#waiting.set(id, waiting);
      if (this.#broken !== null) this.#failWaiting(this.#broken);
      else if (this.#exited !== null) this.#failWaiting(this.#diedError());
      else this.#write(command);
    });
  }

  #write(command: Command): void {
    const problem = checkCommand(command);
    // A wrong command is the runner's own fault: never sent, never blamed on the subject.
    if (problem !== null) throw new Error(`runner: invalid ${command.cmd} command: ${problem}`);
    const { stdin } = this.#child;
    if (this.#broken !== null || this.#exited !== null || !stdin.writable) return;
    stdin.write(`${JSON.stringify(command)}\n`);
    if (stdin.writableLength > MAX_UNREAD_BYTES) {
      this.#break("not-reading", `left ${stdin.writableLength} bytes of commands unread`);
    }
  }

  #received(line: string): void {
    if (this.#broken !== null) return;
    if (this.#floods()) return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#break(
        "garbage",
        `wrote to standard output what is not JSON: "${excerpt(line)}" (logs belong on standard error)`,
      );
      return;
    }
    const problem = checkMessage(message);
    if (problem !== null) {
      this.#break("invalid", `wrote an invalid message: ${problem}, in "${excerpt(line)}"`);
      return;
    }
    const valid = message as Reply | SubjectEvent;
    if ("ev" in valid) {
      this.#listeners.event(valid);
      return;
    }
    const waiting = this.#waiting.get(valid.id);
    if (waiting === undefined) {
      if (valid.id > this.#lastId || valid.id < 1) {
        this.#break("invalid", `answered command ${valid.id}, which was never sent`);
      }
      // Else: the answer to a command whose deadline has passed.
      return;
    }
    this.#waiting.delete(valid.id);
    clearTimeout(waiting.timer);
    waiting.resolve(valid);
  }

  #floods(): boolean {
    this.#lines += 1;
    if (this.#lines < FLOOD_LINES) return false;
    const now = performance.now();
    const ms = now - this.#linesSince;
    if (ms < FLOOD_MS) this.#break("too-many", `wrote ${this.#lines} lines in ${ms.toFixed(0)} ms`);
    this.#lines = 0;
    this.#linesSince = now;
    return ms < FLOOD_MS;
  }

  #leftOver(text: string): void {
    // A line cut short by a kill is not garbage; by a normal exit it is.
    if (text.trim() === "" || this.#child.exitCode === null) return;
    this.#received(text);
  }

  #unwrap(reply: Reply, cmd: string): Readonly<Record<string, unknown>> {
    if ("ok" in reply) return reply.ok;
    const { code, message } = reply.error;
    const why = message === undefined ? code : `${code}: ${message}`;
    throw new SubjectError("refused", this.member, `refused ${cmd}: ${excerpt(why, 400)}`);
  }

  #break(code: SubjectError["code"], message: string): SubjectError {
    if (this.#broken !== null) return this.#broken;
    const error = new SubjectError(code, this.member, message);
    this.#broken = error;
    this.#failWaiting(error);
    this.#listeners.broken(error);
    return error;
  }

  #ended(exit: SubjectExit, resolve: (exit: SubjectExit) => void): void {
    if (this.#exited !== null) return;
    this.#exited = exit;
    alive.delete(this);
    this.#failWaiting(this.#broken ?? this.#diedError());
    this.#listeners.exited(exit);
    resolve(exit);
  }

  #diedError(): SubjectError {
    const { code, signal } = this.#exited ?? { code: null, signal: null };
    const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    return new SubjectError("died", this.member, `${how}${this.#lastWords()}`);
  }

  #lastWords(): string {
    const tail = this.stderr.trim().split("\n").slice(-3).join("\n");
    return tail === "" ? "" : `; it said: ${tail}`;
  }

  #failWaiting(error: SubjectError): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(error);
    }
    this.#waiting.clear();
  }
}

interface Waiting {
  readonly cmd: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: SubjectError) => void;
  readonly timer: NodeJS.Timeout;
}

/** What the system says of a command, in words. */
function whyNot(command: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") {
    const where = command.includes("/") ? `from ${process.cwd()}` : "on the PATH";
    return `there is no ${command} ${where}`;
  }
  if (error.code === "EACCES") return `${command} is no program that may be run`;
  return error.message;
}

const alive = new Set<SubjectProcess>();

/** Kills every subject this process started: for the end of a run, however it ends. */
export function killAllSubjects(): void {
  for (const subject of alive) subject.signal("SIGKILL");
}
