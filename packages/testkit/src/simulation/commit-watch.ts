import type { ConsumerStats } from "@sluice/runtime";
import type { SimProcess } from "../client/sim-process.ts";
import type { VirtualTime } from "../virtual-time.ts";
import type { ScenarioConfig } from "./scenario-config.ts";

/** What a member reports of itself. */
interface Watched {
  readonly process: SimProcess;
  /** Neither stopping nor gone. */
  readonly isUp: () => boolean;
  readonly stats: () => ConsumerStats;
}

/**
 * Whether `commitEvery` and `commitWhenIdleMs` bring a commit about: nothing would be lost if they did not, since the
 * interval commits all the same, so that no other rule notices.
 *
 * It knows what settled and what was asked and answered, and judges only where nothing else may hold a commit back: no
 * partition comes or goes, no commit has failed since one did, the process has not slept.
 */
export class CommitWatch {
  readonly #watched: Watched;
  readonly #config: ScenarioConfig;
  readonly #time: VirtualTime;
  readonly #tell: (problem: string) => void;
  /** Records that have settled since the last request. */
  #settled = 0;
  #inFlight = 0;
  #isDisturbed = true;
  /** The last answer was a failure: only the interval counts until one is not, whatever is assigned meanwhile. */
  #isHeldOff = false;
  /** Grows with everything that makes the engine think again. */
  #changes = 0;

  constructor(
    watched: Watched,
    config: ScenarioConfig,
    time: VirtualTime,
    tell: (problem: string) => void,
  ) {
    this.#watched = watched;
    this.#config = config;
    this.#time = time;
    this.#tell = tell;
  }

  settled(): void {
    this.#settled += 1;
    this.#changed();
  }

  requested(): void {
    this.#settled = 0;
    this.#inFlight += 1;
    this.#changes += 1;
  }

  /** @param failed the engine holds off then, and something may have been fenced */
  answered(failed: boolean): void {
    this.#inFlight -= 1;
    this.#isHeldOff = failed;
    if (failed) this.#isDisturbed = true;
    this.#changed();
  }

  /** Partitions come, or what was to go has gone. */
  assigned(): void {
    this.#settled = 0;
    this.#isDisturbed = false;
    this.#changes += 1;
  }

  /** From here on a drain commits by rules of its own. */
  givingUp(): void {
    this.#isDisturbed = true;
    this.#changes += 1;
  }

  delivered(): void {
    this.#changes += 1;
  }

  /** The engine has heard of it by the next step of time at the latest. */
  #changed(): void {
    const { commitEvery, commitWhenIdleMs } = this.#config;
    this.#changes += 1;
    if (commitEvery === null && commitWhenIdleMs === null) return;
    this.#unlessChanged(HEARD_MS, () => {
      if (!this.#isOwed()) return;
      if (commitEvery !== null && this.#settled >= commitEvery) {
        this.#tell(
          `${this.#watched.process.name} has settled ${this.#settled} records, is to commit every ${commitEvery}, and asks for no commit`,
        );
      }
      if (commitWhenIdleMs === null || !this.#isIdle()) return;
      this.#unlessChanged(commitWhenIdleMs, () => {
        if (!this.#isOwed() || !this.#isIdle()) return;
        this.#tell(
          `${this.#watched.process.name} has held nothing for ${commitWhenIdleMs} ms, and asks for no commit`,
        );
      });
    });
  }

  #unlessChanged(ms: number, then: () => void): void {
    const { process } = this.#watched;
    const { sleeps } = process;
    const changes = this.#changes;
    this.#time.setTimer(() => {
      if (changes === this.#changes && sleeps === process.sleeps && !process.isDead) then();
    }, ms);
  }

  /** Something is to be committed, and nothing stands in its way. */
  #isOwed(): boolean {
    const isHindered = this.#isDisturbed || this.#isHeldOff || this.#inFlight > 0;
    if (isHindered || !this.#watched.isUp()) return false;
    return this.#watched
      .stats()
      .partitions.some(({ committed, frontier }) => committed !== null && committed !== frontier);
  }

  #isIdle(): boolean {
    const { heldRecords, running } = this.#watched.stats();
    return heldRecords + running === 0;
  }
}

/** More than the engine takes to hear of an outcome. */
const HEARD_MS = 20;
