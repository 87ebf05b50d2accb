import type { Time, Timer } from "@sluice/runtime/internals";

/**
 * Time that passes only when somebody lets it. What is due runs by itself, piece by piece: between
 * two pieces every promise that can go on has gone on, so the order of everything depends on the
 * timers alone. What is due later waits for {@link advanceTo}.
 */
export class VirtualTime implements Time {
  #now: number;
  #lastId = 0;
  readonly #timers: VirtualTimer[] = [];
  readonly #turns: (() => void)[] = [];
  /** Of `#turns`: those before it have run. */
  #nextTurn = 0;
  #pumping = false;
  #pieces = 0;
  /** Told when nothing is left that can run. */
  #atRest: () => void = () => {};

  /** @param now milliseconds since the Unix epoch */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimer(fire: () => void, delayMs: number): Timer {
    const at = this.#now + Math.max(0, Math.ceil(delayMs));
    const timer: VirtualTimer = { at, id: ++this.#lastId, fire };
    push(this.#timers, timer);
    if (at <= this.#now) this.#pump();
    return timer;
  }

  clearTimer(timer: Timer | undefined): void {
    // It stays in the heap until its time has come.
    if (timer !== undefined) (timer as VirtualTimer).fire = null;
  }

  nextTurn(run: () => void): void {
    this.#turns.push(run);
    this.#pump();
  }

  /** Resolves after `ms` have passed here. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(resolve, ms));
  }

  /** When the next timer is due, Infinity without one. */
  get nextAt(): number {
    const timers = this.#timers;
    while (timers.length > 0 && timers[0]!.fire === null) pop(timers);
    return timers[0]?.at ?? Infinity;
  }

  /** Whether something can run without time passing. */
  get isRunnable(): boolean {
    return this.#nextTurn < this.#turns.length || this.nextAt <= this.#now;
  }

  /** Resolves when nothing is left that can run without time passing or something from outside. */
  async settle(): Promise<void> {
    do await realTurn();
    while (this.#pumping);
  }

  /** As {@link settle}, where nothing real goes on that would need a turn of the event loop. */
  async #settleQuickly(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        if (this.#pumping) this.#atRest = resolve;
        else afterPromises(resolve);
      });
    } while (this.#pumping);
  }

  /**
   * Lets time pass up to `until`, from one timer to the next, and everything happen that happens
   * meanwhile; ends early once `enough` holds. `mayPass` is asked before each step over time, and
   * awaited: work that goes on in real time must not be overtaken.
   */
  async advanceTo(
    until: number,
    enough: () => boolean = never,
    mayPass?: () => Promise<void>,
  ): Promise<void> {
    for (;;) {
      if (mayPass === undefined) await this.#settleQuickly();
      else {
        await this.settle();
        await mayPass();
        if (this.isRunnable) continue;
      }
      if (enough()) return;
      const { nextAt } = this;
      if (nextAt > until) break;
      this.#now = nextAt;
      this.#pump();
    }
    if (until !== Infinity) this.#now = Math.max(this.#now, until);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    afterPromises(this.#step);
  }

  readonly #step = (): void => {
    const piece = this.#takePiece();
    if (piece === null) {
      this.#pumping = false;
      this.#atRest();
      return;
    }
    // First: a piece that throws takes nothing else with it.
    if (++this.#pieces % PIECES_A_TURN === 0) realImmediate(this.#step);
    else afterPromises(this.#step);
    piece();
  };

  /** Turns before timers; null when nothing is due. */
  #takePiece(): (() => void) | null {
    const turns = this.#turns;
    if (this.#nextTurn < turns.length) {
      const run = turns[this.#nextTurn++]!;
      if (this.#nextTurn === turns.length) {
        turns.length = 0;
        this.#nextTurn = 0;
      }
      return run;
    }
    // Cleared ones are gone once it has been asked for.
    return this.nextAt <= this.#now ? pop(this.#timers)!.fire : null;
  }
}

/** What never ends here (a retry without delay, for ever) must not keep the real event loop from turning. */
const PIECES_A_TURN = 256;

/** Test frameworks replace the global ones when they fake timers. */
const realImmediate = setImmediate;
const realTick = process.nextTick;
const realMicrotask = queueMicrotask;
/** Milliseconds of real time, since whenever. */
export const realNow: () => number = performance.now.bind(performance);

/**
 * Runs it when no promise can go on any more: ticks wait for the promises, and those for the tick
 * that made them. Costs a tenth of a turn of the event loop.
 */
function afterPromises(run: () => void): void {
  realMicrotask(() => realTick(run));
}

/** One turn of the real event loop. */
export function realTurn(): Promise<void> {
  return new Promise((resolve) => void realImmediate(resolve));
}

function never(): boolean {
  return false;
}

interface VirtualTimer {
  readonly at: number;
  /** Timers of the same time fire in the order in which they were set. */
  readonly id: number;
  /** Null when cleared. */
  fire: (() => void) | null;
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}

function push(heap: VirtualTimer[], timer: VirtualTimer): void {
  let index = heap.push(timer) - 1;
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    if (!before(timer, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: VirtualTimer[]): VirtualTimer | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
  return top;
}
