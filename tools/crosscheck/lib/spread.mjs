// @ts-check
/** Counts what the cases of an operation were about, to see that the generators reach everything. */
export class Spread {
  /** @type {Map<string, number>} */
  #counts = new Map();
  #cases = 0;

  /** @param {Iterable<string>} outcomes each counts once for the case */
  add(outcomes) {
    this.#cases += 1;
    for (const outcome of new Set(outcomes)) {
      this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    }
  }

  /** Outcomes of `reaches` that no case has had. @param {readonly string[]} reaches */
  missing(reaches) {
    return reaches.filter((outcome) => !this.#counts.has(outcome));
  }

  /** Share of the cases, by outcome. @returns {Record<string, number>} */
  get shares() {
    const rows = [...this.#counts].sort(([, a], [, b]) => b - a);
    return Object.fromEntries(rows.map(([outcome, count]) => [outcome, count / this.#cases]));
  }

  /** `moved 61 %, forged 12 %, …` */
  toString() {
    return Object.entries(this.shares)
      .map(([outcome, share]) => `${outcome} ${percent(share)}`)
      .join(", ");
  }
}

/** @param {number} share */
function percent(share) {
  const value = share * 100;
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
}
