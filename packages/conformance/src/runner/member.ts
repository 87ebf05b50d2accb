import type { Tp } from "@sluice/checker";
import type {
  Answer,
  FinishResult,
  Hook,
  StopReport,
  SubjectConfig,
  SubjectEvent,
} from "../subject/protocol.ts";
import type { SubjectError } from "../subject/subject-error.ts";
import type { SubjectCommand, SubjectExit } from "../subject/subject-process.ts";
import { SubjectProcess } from "../subject/subject-process.ts";
import type { History } from "./history.ts";
import type { Ledger, Work } from "./ledger.ts";

/** A subject process in a case: what it says goes to ledger and history. */
export class Member {
  readonly name: string;
  readonly #process: SubjectProcess;
  readonly #history: History;
  readonly #ledger: Ledger;
  #expectedToEnd = false;
  #paused = false;
  #stopReport: StopReport | null = null;
  #readyAt: number | null = null;

  constructor(name: string, command: SubjectCommand, history: History, ledger: Ledger) {
    this.name = name;
    this.#history = history;
    this.#ledger = ledger;
    history.record({ type: "member", member: name, state: "started" });
    this.#process = SubjectProcess.spawn(name, command, {
      event: (event) => this.#event(event),
      broken: () => {},
      exited: (exit) => this.#exited(exit),
    });
  }

  get running(): boolean {
    return this.#process.exit === null;
  }
  /** When it answered `start`. */
  get readyAt(): number | null {
    return this.#readyAt;
  }
  get stderr(): string {
    return this.#process.stderr;
  }
  get protocolError(): SubjectError | null {
    return this.#process.brokenBy;
  }
  /** How it ended on its own account; null while it runs or when it was told to end. */
  get diedUnexpectedly(): string | null {
    const { exit } = this.#process;
    if (exit === null || this.#expectedToEnd) return null;
    const how = exit.signal === null ? `exited with code ${exit.code}` : `died of ${exit.signal}`;
    return `${this.name} ${how}`;
  }

  /** @throws SubjectError */
  async start(config: SubjectConfig, timeoutMs: number): Promise<void> {
    await this.#process.hello(timeoutMs);
    await this.#process.start(config, timeoutMs);
    this.#readyAt = this.#history.record({ type: "member", member: this.name, state: "ready" });
  }

  /** @throws SubjectError */
  async hello(timeoutMs: number): Promise<void> {
    await this.#process.hello(timeoutMs);
  }

  /** @throws SubjectError */
  async vector(
    op: string,
    input: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<Answer> {
    return await this.#process.vector(op, input, timeoutMs);
  }

  /** @throws SubjectError */
  async hook(command: Hook, timeoutMs: number): Promise<void> {
    await this.#process.hook(command, timeoutMs);
  }

  finish(work: Work, result: FinishResult): void {
    const error =
      result === "ok" || result === "skip"
        ? undefined
        : { type: "ScriptedFailure", message: `the case wants ${result} of ${work.handle}` };
    this.#process.finish(work.handle, result, error);
  }

  /**
   * A graceful stop. The history tells how it went; what is left after the deadline and a grace is
   * killed.
   */
  async stop(deadlineMs: number): Promise<void> {
    if (!this.running) return;
    this.#expectedToEnd = true;
    this.#history.record({ type: "member", member: this.name, state: "stopping", deadlineMs });
    const limit = deadlineMs + STOP_GRACE_MS;
    const until = performance.now() + limit;
    try {
      this.#stopReport = await this.#process.stop(deadlineMs, limit);
    } catch {
      // No answer, or it died: the missing or wrong exit below is what is judged.
    }
    const exit = await this.#process.exits(Math.max(1_000, until - performance.now()));
    if (exit === null) await this.#process.kill();
  }

  /** SIGTERM, as a supervisor ends a process: it drains by its own deadline. What stays is killed. */
  async terminate(deadlineMs: number): Promise<void> {
    if (!this.running) return;
    this.#expectedToEnd = true;
    this.#history.record({ type: "member", member: this.name, state: "stopping", deadlineMs });
    this.#process.signal("SIGTERM");
    const exit = await this.#process.exits(deadlineMs + STOP_GRACE_MS);
    if (exit === null) await this.#process.kill();
  }

  /** SIGSTOP: it stands still, and knows nothing of it. */
  pause(): void {
    this.#paused = true;
    this.#process.signal("SIGSTOP");
  }

  /** SIGCONT; nothing happens to one that runs. */
  resume(): void {
    if (this.#paused) this.#process.signal("SIGCONT");
    this.#paused = false;
  }

  async kill(): Promise<void> {
    if (!this.running) return;
    this.#expectedToEnd = true;
    this.#history.record({ type: "member", member: this.name, state: "killed" });
    // What it has not been told by now it will never know: no effect any more.
    this.#ledger.forget(this.name);
    await this.#process.kill();
  }

  #exited(exit: SubjectExit): void {
    this.#ledger.forget(this.name);
    this.#history.record({
      type: "member",
      member: this.name,
      state: "exited",
      code: exit.code,
      signal: exit.signal,
      ...(this.#stopReport === null ? {} : { forced: this.#stopReport.forced }),
    });
  }

  #event(event: SubjectEvent): void {
    const member = this.name;
    switch (event.ev) {
      case "begin":
      case "dropped":
        this.#ledger.observe(member, event);
        return;
      case "assigned":
      case "revoking":
      case "revoked":
      case "lost":
        this.#history.record({
          type: "claim",
          member,
          claim: event.ev,
          epoch: event.epoch,
          partitions: event.partitions.map(([topic, partition]): Tp => [topic, partition]),
        });
        return;
      case "commit":
        this.#history.record({
          type: "claim",
          member,
          claim: "commit",
          detail: `${event.ok ? "ok" : "failed"}: ${event.offsets.map(([t, p, o]) => `${t}-${p} → ${o}`).join(", ")}`,
        });
        return;
      case "diverted":
        this.#history.record({
          type: "claim",
          member,
          claim: "diverted",
          partitions: [[event.t, event.p]],
          detail: `${event.t}-${event.p}@${event.o} → ${event.to}`,
        });
        return;
      case "stalled":
        this.#history.record({
          type: "claim",
          member,
          claim: "stalled",
          partitions: [[event.t, event.p]],
          detail: `${event.t}-${event.p}@${event.o} has been running for ${event.ms} ms`,
        });
    }
  }
}

/** Beyond the deadline a member may need this long to leave and disconnect. */
const STOP_GRACE_MS = 5_000;
