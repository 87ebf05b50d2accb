import { Random } from "../runner/random.ts";
import { GateModel } from "./gate-model.ts";
import type { GateEvent, GateStep } from "./gate-model.ts";

/** What a trace may come to, and few that are written by hand do. */
export const GATE_SIGHTS = [
  "out of order by eight",
  "revoked while held",
  "assigned again",
  "late settlement of what is held again",
  "gap at the head",
  "ten epochs",
] as const;
export type GateSight = (typeof GATE_SIGHTS)[number];

/** A trace, and what a gate answers. */
export interface DrawnTrace {
  readonly events: readonly GateEvent[];
  readonly steps: readonly (GateStep | null)[];
  readonly sights: ReadonlySet<GateSight>;
}

/** What is drawn proves these, whichever events it has. */
export const GATE_CLAUSES: readonly string[] = [
  "SLC-GAT-002",
  "SLC-GAT-003",
  "SLC-GAT-007",
  "SLC-GAT-014",
];

/**
 * Draws a trace of `length` events; the same seed draws the same one.
 *
 * How often partitions go, how many records a fetch has and how wide gaps are is drawn first: traces that are alike
 * in everything would reach ten epochs or a deep disorder, and never both.
 */
export function drawGateTrace(seed: number, length: number): DrawnTrace {
  const draw = new Draw(seed);
  for (let i = 0; i < length; i += 1) draw.event();
  return draw;
}

class Draw implements DrawnTrace {
  readonly events: GateEvent[] = [];
  readonly steps: (GateStep | null)[] = [];
  readonly sights: Set<GateSight> = new Set();
  readonly #random: Random;
  readonly #model = new GateModel();
  /** Everything that was ever fetched, in whichever epoch. */
  readonly #known: { readonly offset: number; readonly epoch: number }[] = [];
  /** Where the next epoch begins. */
  #committed: number;
  readonly #revokes: number;
  readonly #fetches: number;
  readonly #most: number;
  readonly #gap: number;
  readonly #late: number;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#revokes = this.#random.pick([2, 8, 25]);
    this.#fetches = this.#random.pick([15, 30]);
    this.#most = this.#random.pick([3, 8, 20]);
    this.#gap = this.#random.pick([1, 3, 100, 1_000_000_000_000]);
    this.#late = this.#random.pick([10, 60]);
    this.#committed = this.#random.integer(0, 1000);
  }

  event(): void {
    const model = this.#model;
    if (!model.assigned) {
      const late = this.#known.length > 0 && this.#random.integer(1, 100) <= 30;
      return this.#add(late ? this.#settlement() : this.#assignment());
    }
    const act = this.#random.integer(1, 100);
    if (act <= this.#revokes) {
      if (model.held.size > 0) this.sights.add("revoked while held");
      this.#committed = model.frontier;
      return this.#add({ type: "revoked" });
    }
    const fetch = act <= this.#revokes + this.#fetches || this.#known.length === 0;
    this.#add(fetch ? this.#fetch() : this.#settlement());
  }

  #add(event: GateEvent): void {
    const model = this.#model;
    model.perform(event);
    this.events.push(event);
    this.steps.push(model.step());
    if (model.epoch === 10) this.sights.add("ten epochs");
    const above = this.#known.filter(
      ({ offset, epoch }) =>
        epoch === model.epoch && offset > model.frontier && !model.held.has(offset),
    );
    if (model.assigned && above.length >= 8) this.sights.add("out of order by eight");
  }

  /** Where the last owner had come to; it was somebody else, now and then, who went on from there. */
  #assignment(): GateEvent {
    if (this.#model.epoch > 0) this.sights.add("assigned again");
    if (this.#random.integer(1, 100) <= 10) this.#committed += this.#random.integer(1, 5);
    return { type: "assigned", position: String(this.#committed) };
  }

  #fetch(): GateEvent {
    const model = this.#model;
    let position = model.position;
    const offsets: string[] = [];
    for (let left = this.#random.integer(0, this.#most); left > 0; left -= 1) {
      const gap = this.#random.integer(1, 100) <= 25 ? this.#random.integer(1, this.#gap) : 0;
      if (gap > 0 && offsets.length === 0 && model.held.size === 0) {
        this.sights.add("gap at the head");
      }
      position += gap;
      offsets.push(String(position));
      this.#known.push({ offset: position, epoch: model.epoch });
      position += 1;
    }
    if (this.#random.integer(1, 100) <= 20) position += this.#random.integer(1, this.#gap);
    return { type: "fetched", offsets, position: String(position) };
  }

  /** Mostly of the present epoch; sometimes late, twice, or of an offset that nobody fetched. */
  #settlement(): GateEvent {
    const { held, epoch } = this.#model;
    if (held.size > 0 && this.#random.integer(1, 100) > this.#late) {
      const offset = this.#random.pick([...held]);
      return { type: "settled", offset: String(offset), epoch };
    }
    // What was held before and is held again is where a late settlement does harm.
    const again = this.#known.filter((one) => one.epoch !== epoch && held.has(one.offset));
    const harmful = again.length > 0 && this.#random.integer(1, 100) <= 70;
    const once = this.#random.pick(harmful ? again : this.#known);
    const stray = this.#random.integer(1, 100) <= 10 ? this.#random.integer(1, 3) : 0;
    const offset = once.offset + stray;
    if (once.epoch !== epoch && held.has(offset)) {
      this.sights.add("late settlement of what is held again");
    }
    return { type: "settled", offset: String(offset), epoch: once.epoch };
  }
}
