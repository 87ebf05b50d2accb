import type { Consumer } from "@sluice/runtime";
import type { Environment, Time, Timer } from "@sluice/runtime/internals";
import type { Random } from "../random.ts";

/**
 * One process: its timers and everything that reaches it from the network go through here, so that it
 * can be stopped for a while (SIGSTOP) or for good (SIGKILL) with everything in its memory.
 */
export class SimProcess {
  readonly name: string;
  /** Tells processes of the same name apart. */
  readonly incarnation: string;
  readonly environment: Environment;
  readonly consumers: Consumer[] = [];
  #state: "running" | "paused" | "dead" = "running";
  #held: (() => void)[] = [];

  constructor(name: string, time: Time, random: Random) {
    this.name = name;
    this.incarnation = random.next32().toString(16);
    let ids = 0;
    this.environment = {
      time: {
        now: () => time.now(),
        setTimer: (fire, delayMs) => {
          const timer: ProcessTimer = { cleared: false, timer: undefined };
          // One that has come due while the process slept can still be cleared when it wakes.
          timer.timer = time.setTimer(
            () => this.run(() => void (timer.cleared || fire())),
            delayMs,
          );
          return timer;
        },
        clearTimer: (timer) => {
          if (timer === undefined) return;
          (timer as ProcessTimer).cleared = true;
          time.clearTimer((timer as ProcessTimer).timer);
        },
        nextTurn: (run) => time.nextTurn(() => this.run(run)),
      },
      random32: () => random.next32(),
      messageId: () => `${name}-${this.incarnation}-${++ids}`,
      created: (consumer) => this.consumers.push(consumer),
    };
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Does it now, or when the process goes on, or never. */
  run(what: () => void): void {
    if (this.#state === "running") what();
    else if (this.#state === "paused") this.#held.push(what);
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const held = this.#held;
    this.#held = [];
    for (const what of held) this.environment.time.nextTurn(what);
  }

  crash(): void {
    this.#state = "dead";
    this.#held = [];
  }
}

interface ProcessTimer {
  cleared: boolean;
  timer: Timer | undefined;
}
