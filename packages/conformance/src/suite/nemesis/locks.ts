/** What only one fault at a time may act on, by name. */
export class Locks {
  readonly #held = new Map<string, Promise<void>>();

  /**
   * Resolves with the release, when all names are free and `quiet` has come true.
   * @param quiet asked once more whenever somebody else was quicker
   */
  async take(names: readonly string[], quiet: () => Promise<void>): Promise<() => void> {
    for (;;) {
      await quiet();
      const other = names.map((name) => this.held(name)).find((held) => held !== null);
      if (other === undefined) break;
      await other;
    }
    let free = (): void => {};
    const held = new Promise<void>((resolve) => (free = resolve));
    for (const name of names) this.#held.set(name, held);
    return () => {
      for (const name of names) this.#held.delete(name);
      free();
    };
  }

  /** Resolves when it is free; null when it is. */
  held(name: string): Promise<void> | null {
    return this.#held.get(name) ?? null;
  }
}
