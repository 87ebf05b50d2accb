import { deriveSeed } from "../../runner/random.ts";
import type { Decision, RuleInForce, Work } from "../../runner/ledger.ts";
import type { Scene } from "../scene.ts";
import type { Fault } from "./fault.ts";
import type { Arena } from "./plan.ts";

type How = Extract<Fault, { kind: "handlers" }>["how"];

/** Of the records, so many per cent fail for good, whatever else goes wrong. */
const DOOMED_PERCENT = 1;
const SLOW_MS = [200, 1_500] as const;
const FAILS_AFTER_MS = [1, 20] as const;

/** The handlers' part in a storm: which are slow, fail at first, or do not end. */
export class HandlerFaults {
  readonly #scene: Scene;
  readonly #dooms: boolean;
  readonly #at = { slow: new Set<number>(), failing: new Set<number>() };
  readonly #doomed = new Set<string>();
  readonly #rule: RuleInForce;

  constructor(scene: Scene, { deadLetters }: Arena) {
    this.#scene = scene;
    this.#dooms = deadLetters;
    this.#rule = scene.run.script((work) => this.#decide(work));
  }

  /** The answer ends it. */
  begin(how: How, partition: number): () => void {
    if (how === "held") {
      const hold = this.#scene.run.hold((work) => work.partition === partition);
      return () => hold.release();
    }
    const partitions = this.#at[how];
    partitions.add(partition);
    return () => partitions.delete(partition);
  }

  /** Nothing is slow or fails any more, but for what has failed for good: that stays so. */
  end(): void {
    this.#at.slow.clear();
    this.#at.failing.clear();
    this.#rule.release();
    if (this.#dooms) this.#scene.run.script((work) => this.#doom(work));
  }

  #decide(work: Work): Decision | undefined {
    const { random } = this.#scene.run;
    const doom = this.#dooms ? this.#doom(work) : undefined;
    if (doom !== undefined) return doom;
    if (this.#at.failing.has(work.partition) && work.attempt === 1) {
      return { afterMs: random.integer(...FAILS_AFTER_MS), result: "throw" };
    }
    if (this.#at.slow.has(work.partition)) {
      return { afterMs: random.integer(...SLOW_MS), result: "ok" };
    }
    return undefined;
  }

  /** By record, so that every attempt at every member meets the same fate. */
  #doom({ partition, offset }: Work): Decision | undefined {
    const { run } = this.#scene;
    if (deriveSeed(run.seed, String(partition), String(offset)) % 100 >= DOOMED_PERCENT) {
      return undefined;
    }
    const record = `${partition}@${offset}`;
    if (!this.#doomed.has(record)) run.expectDeadLetter(partition, offset);
    this.#doomed.add(record);
    return "poison";
  }
}
