import { CommitGate } from "../gate/commit-gate.ts";
import { VectorInputError } from "./errors.ts";
import { decimalOf, VectorInput } from "./input.ts";
import { rangeList } from "./range-list.ts";

/** Appendix D.10. */
export function gateTrace(input: unknown): Record<string, unknown> {
  const trace = new GateTrace();
  const fields = new VectorInput(input);
  return {
    steps: fields.list("events", (event, path) => {
      try {
        trace.perform(new VectorInput(event, path));
      } catch (error) {
        // An offset below the position.
        if (error instanceof RangeError) throw new VectorInputError(path, error.message);
        throw error;
      }
      return trace.step();
    }),
  };
}

const EVENTS = ["assigned", "fetched", "settled", "revoked"] as const;

/** A gate for each epoch, as the engine has one. */
class GateTrace {
  #epoch = 0;
  #gate: CommitGate | null = null;
  /** The records of the epoch by offset. */
  #sequences = new Map<number, number>();

  perform(event: VectorInput): void {
    switch (event.oneOf("type", EVENTS)) {
      case "assigned":
        this.#epoch++;
        this.#gate = new CommitGate(event.decimal("position"));
        this.#sequences = new Map();
        return;
      case "fetched":
        return this.#fetched(event.list("offsets", decimalOf), event.decimal("position"));
      case "settled":
        return this.#settled(event.decimal("offset"), event.integer("epoch", 1));
      case "revoked":
        this.#gate = null;
    }
  }

  step(): Record<string, unknown> | null {
    if (this.#gate === null) return null;
    return {
      frontier: String(this.#gate.frontier),
      position: String(this.#gate.position),
      settled: rangeList(this.#gate.settledAboveFrontier()),
    };
  }

  #fetched(offsets: readonly number[], position: number): void {
    if (this.#gate === null) return;
    for (const offset of offsets) this.#sequences.set(offset, this.#gate.admit(offset));
    this.#gate.advancePosition(position);
  }

  #settled(offset: number, epoch: number): void {
    if (this.#gate === null || epoch !== this.#epoch) return;
    const sequence = this.#sequences.get(offset);
    if (sequence !== undefined) this.#gate.settle(sequence);
  }
}
