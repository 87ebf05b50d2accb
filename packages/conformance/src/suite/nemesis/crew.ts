import { SubjectError } from "../../subject/subject-error.ts";
import type { Scene } from "../scene.ts";

/** So often a place is tried to be filled. */
const STARTS = 3;

/**
 * Who sits in which place of the group. A process that ended is followed by one of another name (`m1`,
 * `m1-2`, `m1-3`), so that nothing that is said of one is taken for the other.
 */
export class Crew {
  readonly #scene: Scene;
  readonly #places = new Map<number, { readonly name: string; readonly generation: number }>();
  /** Members that have been asked to start, and have not answered. */
  readonly #starting = new Set<Promise<void>>();

  /** @param members places whose first processes are there already */
  constructor(scene: Scene, members: number) {
    this.#scene = scene;
    for (let slot = 0; slot < members; slot++) {
      this.#places.set(slot, { name: `m${slot}`, generation: 1 });
    }
  }

  /** Who sits there, or sat there last. */
  at(slot: number): string {
    return this.#places.get(slot)?.name ?? `m${slot}`;
  }

  /**
   * A new process for a place, when `ready`. One that refuses to start is followed by another, as a
   * supervisor has it: who finds no broker in a storm may rightly give up.
   * @throws SubjectError when it breaks the protocol, or refuses for the third time
   */
  async enlist(slot: number, ready: () => Promise<void> | null): Promise<string> {
    for (let left = STARTS; ; left--) {
      for (let wait = ready(); wait !== null; wait = ready()) await wait;
      const name = this.#next(slot);
      try {
        await this.#start(name);
        return name;
      } catch (error) {
        const refused = error instanceof SubjectError && error.code === "refused";
        if (!refused || left === 1) throw error;
        await this.#scene.run.kill(name);
      }
    }
  }

  /** Resolves when nobody is about to start. */
  async allStarted(): Promise<void> {
    await Promise.all(this.#starting);
  }

  #next(slot: number): string {
    const generation = (this.#places.get(slot)?.generation ?? 0) + 1;
    const name = generation === 1 ? `m${slot}` : `m${slot}-${generation}`;
    this.#places.set(slot, { name, generation });
    return name;
  }

  async #start(name: string): Promise<void> {
    const started = this.#scene.run.start(name).then(() => {});
    const settled = started.catch(() => {});
    this.#starting.add(settled);
    try {
      await started;
    } finally {
      this.#starting.delete(settled);
    }
  }
}
