/** Revocations whose drain has not ended yet. */
export class Revocations {
  #last = 0;
  readonly #open = new Map<number, () => void>();

  /** The promise resolves when the revocation with this id is released. */
  begin(): { readonly id: number; readonly released: Promise<void> } {
    const id = ++this.#last;
    return { id, released: new Promise((resolve) => this.#open.set(id, resolve)) };
  }

  release(id: number): void {
    this.#open.get(id)?.();
    this.#open.delete(id);
  }

  releaseAll(): void {
    for (const id of this.#open.keys()) this.release(id);
  }
}
