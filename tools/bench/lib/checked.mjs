// @ts-check

/**
 * A function that is run a number of times in a pass, and whose last answer is checked.
 * @typedef {object} Checked
 * @property {string} name
 * @property {string} [base]
 * @property {number} runs
 * @property {() => any} run
 * @property {(answer: any) => boolean} check
 */

/** @param {readonly Checked[]} all @returns {readonly import("./area.ts").Variant[]} */
export function checked(all) {
  return all.map(({ name, base, runs, run, check }) => ({
    name,
    ...(base !== undefined && { base }),
    make: () => () => {
      let last;
      for (let count = 0; count < runs; count++) last = run();
      if (!check(last)) throw new Error("wrong result");
      return runs;
    },
  }));
}
