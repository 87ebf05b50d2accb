import type { Scene } from "../scene.ts";

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
   * A new process for a place, when `ready`: who finds no broker may rightly give up.
   * @throws SubjectError when it does not start
   */
  async enlist(slot: number, ready: () => Promise<void> | null): Promise<string> {
    for (let wait = ready(); wait !== null; wait = ready()) await wait;
    const generation = (this.#places.get(slot)?.generation ?? 0) + 1;
    const name = generation === 1 ? `m${slot}` : `m${slot}-${generation}`;
    this.#places.set(slot, { name, generation });
    const started = this.#scene.run.start(name).then(() => {});
    const settled = started.catch(() => {});
    this.#starting.add(settled);
    try {
      await started;
    } finally {
      this.#starting.delete(settled);
    }
    return name;
  }

  /** Resolves when nobody is about to start. */
  async allStarted(): Promise<void> {
    await Promise.all(this.#starting);
  }
}
