// @ts-check

/**
 * A line of the log: one run of the suite.
 *
 * @typedef {object} Entry
 * @property {string} at when it began, ISO 8601
 * @property {string} commit
 * @property {number} seed `pnpm conformance --seed` repeats it
 * @property {string} level the highest of its cases, or `all`
 * @property {number} cores
 * @property {readonly [number, number]} load processes that wanted a core, before and after
 * @property {number} seconds
 * @property {number} ran cells that were neither skipped nor known to fail
 * @property {number} pass
 * @property {number} skipped for a declared reason
 * @property {number} known that failed as their list says
 * @property {readonly Cell[]} cells what neither passed nor was skipped nor known
 */

/**
 * @typedef {object} Cell
 * @property {string} cell `core/in-order (kafkajs)`
 * @property {"fail" | "unknown" | "error"} outcome
 * @property {string} why
 * @property {string} [judged] what somebody made of it: `false alarm: …`, `defect: …`, `harness: …`
 */

/**
 * @typedef {import("../../../packages/conformance/src/report/run-report.ts").RunLine} RunLine
 */

/** Without its footer a file is no finished run. @param {readonly RunLine[]} lines */
export function interrupted(lines) {
  return lines.at(-1)?.type !== "footer";
}

/**
 * @param {readonly RunLine[]} lines of a finished run's run.jsonl
 * @param {Pick<Entry, "commit" | "level" | "cores" | "load">} about
 * @returns {Entry}
 */
export function entryOf(lines, { commit, level, cores, load }) {
  const header = lines.find((line) => line.type === "header");
  const footer = lines.find((line) => line.type === "footer");
  if (!header || !footer) throw new Error("a run without a header or a footer is not finished");
  const results = lines.filter((line) => line.type === "case");
  const skipped = results.filter(({ outcome }) => outcome === "skipped").length;
  const known = results.filter((result) => isKnown(result)).length;
  const cells = results.flatMap((result) => {
    const { outcome } = result;
    if (outcome === "skipped" || isKnown(result)) return [];
    if (outcome === "pass" && result.known?.list !== "failing") return [];
    const cell = `${result.case} (${result.subject})`;
    const why =
      outcome === "pass"
        ? "passed, and is listed as failing"
        : (result.reason ?? result.judgement?.summary ?? "");
    return [{ cell, outcome: outcome === "pass" ? /** @type {const} */ ("fail") : outcome, why }];
  });
  const ran = results.length - skipped - known;
  return {
    at: header.startedAt,
    commit,
    seed: header.seed,
    level,
    cores,
    load: [round(load[0]), round(load[1])],
    seconds: round(footer.ms / 1000),
    ran,
    pass: ran - cells.length,
    skipped,
    known,
    cells,
  };
}

/** @param {import("../../../packages/conformance/src/report/run-report.ts").CaseResult} result */
function isKnown({ outcome, known }) {
  return known !== undefined && outcome === "fail";
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
