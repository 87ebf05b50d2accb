/** Events of the operation GateTrace, Appendix D.10 of the specification. */
export type GateEvent =
  | { readonly type: "assigned"; readonly position: string }
  | { readonly type: "fetched"; readonly offsets: readonly string[]; readonly position: string }
  | { readonly type: "settled"; readonly offset: string; readonly epoch: number }
  | { readonly type: "revoked" };

export interface GateStep {
  readonly frontier: string;
  readonly position: string;
  readonly settled: readonly (readonly [from: string, to: string])[];
}

/**
 * The frontier as sections 6.1 and 6.2 have it, and as slow as it is plain: a set of the offsets that have not settled.
 * It knows nothing of any implementation, ours included.
 */
export class GateModel {
  /** Number of the present epoch, or of the last one. */
  epoch = 0;
  assigned = false;
  position = 0;
  /** Ascending, since records are fetched in order. */
  readonly held: Set<number> = new Set();

  get frontier(): number {
    const [first = this.position] = this.held;
    return first;
  }

  perform(event: GateEvent): void {
    if (event.type === "assigned") {
      this.epoch += 1;
      this.assigned = true;
      this.position = Number(event.position);
      this.held.clear();
    }
    if (!this.assigned) return;
    if (event.type === "fetched") {
      for (const offset of event.offsets) this.held.add(Number(offset));
      this.position = Number(event.position);
    }
    // SLC-GAT-007: only of this epoch. SLC-GAT-014: what is not held is in no set.
    if (event.type === "settled" && event.epoch === this.epoch) {
      this.held.delete(Number(event.offset));
    }
    if (event.type === "revoked") {
      this.assigned = false;
      this.held.clear();
    }
  }

  step(): GateStep | null {
    if (!this.assigned) return null;
    // SLC-GAT-002: all that is not held has settled, gaps too.
    const bounds = [...this.held, this.position];
    const settled = bounds.flatMap((offset, i) => {
      const next = bounds[i + 1];
      return next === undefined || next === offset + 1
        ? []
        : [[String(offset + 1), String(next)] as const];
    });
    return { frontier: String(this.frontier), position: String(this.position), settled };
  }
}
