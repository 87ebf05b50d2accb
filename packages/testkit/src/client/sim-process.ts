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
  /** `waking`: it runs again, and first what was held meanwhile. */
  #state: "running" | "paused" | "waking" | "dead" = "running";
  #held: (() => void)[] = [];
  readonly #time: Time;
  #sleeps = 0;

  constructor(name: string, time: Time, random: Random) {
    this.name = name;
    this.#time = time;
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

  /** How often it was stopped for a while. */
  get sleeps(): number {
    return this.#sleeps;
  }

  get isDead(): boolean {
    return this.#state === "dead";
  }

  /** Does it now, or when the process goes on and all that came before is done, or never. */
  run(what: () => void): void {
    if (this.#state === "running") what();
    else if (this.#state !== "dead") this.#held.push(what);
  }

  pause(): void {
    if (this.#state === "dead") return;
    this.#state = "paused";
    this.#sleeps += 1;
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "waking";
    this.#wake();
  }

  /**
   * One at a time, as a process that wakes finds its timers and sockets: what each of them brings
   * about comes after it and before the next.
   */
  #wake(): void {
    this.#time.nextTurn(() => {
      if (this.#state !== "waking") return;
      const what = this.#held.shift();
      if (what === undefined) {
        this.#state = "running";
        return;
      }
      this.#wake();
      what();
    });
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
