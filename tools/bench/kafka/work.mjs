// @ts-check
// What is done for a record, the same for everybody.

/**
 * @typedef {"none" | "spread" | number} Delay "spread": 0 to 5 ms, by offset, the same in every process
 * and in the harness in Java
 */

/** @param {Delay} delay @param {number} offset milliseconds to wait for this record */
export function delayOf(delay, offset) {
  if (delay === "none") return 0;
  return delay === "spread" ? (Math.imul(offset, 0x9e3779b1) >>> 0) % 6 : delay;
}

/** @param {Delay} delay @param {() => void} done @returns {(offset: number) => Promise<void>} */
export function workOf(delay, done) {
  if (delay === "none") {
    return async () => done();
  }
  return (offset) =>
    new Promise((resolve) =>
      setTimeout(
        () => {
          done();
          resolve();
        },
        delayOf(delay, offset),
      ),
    );
}
