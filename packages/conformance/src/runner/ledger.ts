import type { FinishResult, SubjectEvent } from "../subject/protocol.ts";
import type { History } from "./history.ts";

/** One begun handler. The runner decides when and how it ends. */
export interface Work {
  readonly member: string;
  readonly handle: string;
  readonly epoch: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly attempt: number;
  /** Order of arrival, from 0. */
  readonly index: number;
  readonly begunAt: number;
  /** Null while the handler is held. */
  readonly finishedAt: number | null;
  readonly result: FinishResult | null;
  /** The subject said that it gave this handler up. */
  readonly dropped: boolean;
}

/** What to do with a handler that begins: end it so (after a while), or hold it. */
export type Decision =
  "hold" | FinishResult | { readonly afterMs: number; readonly result: FinishResult };

/** Undefined leaves the decision to the rule before. */
export type DecisionRule = (work: Work) => Decision | undefined;

/** Takes a rule back; what it holds is decided anew by the rules that remain. */
export interface RuleInForce {
  release(): void;
}

/** Where the answer goes. */
export type Answer = (work: Work, result: FinishResult) => void;

/**
 * The runner's own record of effects. An effect happens when the runner finishes a handler, and is
 * stamped before the answer is written: whatever a subject does because of it comes later on the
 * same clock, so a commit seen before the stamp did not wait for it. It survives the subject.
 */
export class Ledger {
  readonly #history: History;
  readonly #answer: Answer;
  readonly #works: Work[] = [];
  readonly #byHandle = new Map<string, Mutable>();
  readonly #held = new Set<Mutable>();
  readonly #timers = new Map<Mutable, NodeJS.Timeout>();
  /** Later rules are asked first. */
  readonly #rules: DecisionRule[] = [];
  readonly #settledOk = new Set<string>();
  readonly #givenUp = new Set<string>();
  readonly #maxAttempts: number;

  /** @param maxAttempts after so many failures a record is given up */
  constructor(history: History, answer: Answer, maxAttempts: number = Infinity) {
    this.#history = history;
    this.#answer = answer;
    this.#maxAttempts = maxAttempts;
  }

  /** Everything begun, in order of arrival. */
  get works(): readonly Work[] {
    return this.#works;
  }
  /** Handlers that wait for their finish, in order of arrival. */
  held(where: (work: Work) => boolean = () => true): Work[] {
    return [...this.#held].filter(where);
  }
  finished(where: (work: Work) => boolean = () => true): Work[] {
    return this.#works.filter((work) => work.finishedAt !== null && where(work));
  }
  /** A handler of this record has been finished with `ok`, by whichever member. */
  isOk(topic: string, partition: number, offset: number): boolean {
    return this.#settledOk.has(recordId(topic, partition, offset));
  }
  /** A handler of this record has failed for good: a dead letter is to be written. */
  isGivenUp(topic: string, partition: number, offset: number): boolean {
    return this.#givenUp.has(recordId(topic, partition, offset));
  }
  /** Records that are finished with `ok` or have failed for good. */
  get doneCount(): number {
    return this.#settledOk.size + this.#givenUp.size;
  }
  get okCount(): number {
    return this.#settledOk.size;
  }

  decide(rule: DecisionRule): RuleInForce {
    this.#rules.push(rule);
    return {
      release: () => {
        const at = this.#rules.indexOf(rule);
        if (at === -1) return;
        this.#rules.splice(at, 1);
        for (const work of this.held()) this.#apply(this.#mutable(work));
      },
    };
  }

  /** A `begin` or `dropped` line of a subject. */
  observe(member: string, event: Extract<SubjectEvent, { ev: "begin" | "dropped" }>): void {
    if (event.ev === "dropped") {
      this.#history.record({ type: "dropped", member, handle: event.h, reason: event.reason });
      const work = this.#byHandle.get(id(member, event.h));
      if (work !== undefined) work.dropped = true;
      return;
    }
    const begunAt = this.#history.record({
      type: "begin",
      member,
      handle: event.h,
      epoch: event.epoch,
      topic: event.t,
      partition: event.p,
      offset: event.o,
      key: event.key,
      valueHash: event.vh,
      attempt: event.attempt,
    });
    const work: Mutable = {
      member,
      handle: event.h,
      epoch: event.epoch,
      topic: event.t,
      partition: event.p,
      offset: Number(event.o),
      key: event.key,
      attempt: event.attempt,
      index: this.#works.length,
      begunAt,
      finishedAt: null,
      result: null,
      dropped: false,
    };
    this.#works.push(work);
    this.#byHandle.set(id(member, event.h), work);
    this.#held.add(work);
    this.#apply(work);
  }

  /** Ends a held handler. Ending it again changes nothing. */
  finish(work: Work, result: FinishResult = "ok"): void {
    const mutable = this.#mutable(work);
    if (!this.#held.delete(mutable)) return;
    clearTimeout(this.#timers.get(mutable));
    this.#timers.delete(mutable);
    mutable.result = result;
    mutable.finishedAt = this.#history.record({
      type: "finish",
      member: work.member,
      handle: work.handle,
      result,
    });
    const record = recordId(work.topic, work.partition, work.offset);
    if (result === "ok") this.#settledOk.add(record);
    else if (this.#isLast(work, result)) this.#givenUp.add(record);
    this.#answer(work, result);
  }

  /** Handlers of a member that is gone can no longer be answered; their work is not an effect. */
  forget(member: string): void {
    for (const work of this.#held) {
      if (work.member !== member) continue;
      this.#held.delete(work);
      clearTimeout(this.#timers.get(work));
      this.#timers.delete(work);
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#rules.length = 0;
  }

  #isLast({ attempt }: Work, result: FinishResult): boolean {
    if (result === "poison" || result === "dead-letter") return true;
    return result !== "skip" && attempt >= this.#maxAttempts;
  }

  #apply(work: Mutable): void {
    const decision = this.#decisionFor(work);
    if (decision === "hold") return;
    if (typeof decision === "string") {
      this.finish(work, decision);
      return;
    }
    if (this.#timers.has(work)) return;
    this.#timers.set(
      work,
      setTimeout(() => this.finish(work, decision.result), decision.afterMs),
    );
  }

  #decisionFor(work: Work): Decision {
    for (let i = this.#rules.length - 1; i >= 0; i--) {
      const decision = this.#rules[i]?.(work);
      if (decision !== undefined) return decision;
    }
    return "ok";
  }

  #mutable(work: Work): Mutable {
    const known = this.#byHandle.get(id(work.member, work.handle));
    if (known === undefined) throw new Error(`no handler ${work.handle} of ${work.member}`);
    return known;
  }
}

type Mutable = { -readonly [K in keyof Work]: Work[K] };

function id(member: string, handle: string): string {
  return `${member} ${handle}`;
}

export function recordId(topic: string, partition: number, offset: number | string): string {
  return `${topic}-${partition}@${offset}`;
}
