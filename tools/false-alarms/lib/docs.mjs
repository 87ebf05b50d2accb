// @ts-check
import { format, resolveConfig } from "prettier";

/** @typedef {import("./entry.mjs").Entry} Entry */

/** One sentence. @param {readonly Entry[]} log */
export function summary(log) {
  const cells = log.flatMap((entry) => entry.cells);
  const ran = sum(log, ({ ran: count }) => count);
  const unknown = cells.filter(({ outcome }) => outcome === "unknown").length;
  const alarms = cells.filter(isFalse).length;
  const open = cells.filter(({ judged }) => judged === undefined).length;
  return (
    `${log.length} runs, ${ran} cells: ${alarms} false alarm${alarms === 1 ? "" : "s"}, ` +
    `${unknown} unknown (${percent(unknown, ran)}), ${open} not judged yet`
  );
}

/** docs/false-alarms.md. @param {readonly Entry[]} log */
export async function markdown(log) {
  const levels = [...new Set(log.map(({ level }) => level))].toSorted();
  const text = `# False alarms

    pnpm false-alarms --rounds 20 --level L2 --side-by-side 2    as below; appends to false-alarms.jsonl
    pnpm false-alarms --docs                                     this page anew

A suite that accuses a correct consumer is not believed when it accuses a wrong one. So both adapters are run through
it again and again, each time with other seeds, and every verdict that is not a pass is judged: a false alarm, a defect
of an adapter that it found, or a fault of the harness. [false-alarms.jsonl](false-alarms.jsonl) has a line a run, with
the seed that repeats it (\`pnpm conformance --seed …\`), the commit, and the load (processes that wanted a core).

${summary(log)}.

| levels | runs | cells | passed | violations | unknown | errors | cores | load, median | from | to |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
${levels.map((level) => row(level, log)).join("\n")}

## Verdicts that were no pass

${judged(log)}
`;
  return format(text, { ...(await resolveConfig("docs/false-alarms.md")), parser: "markdown" });
}

/** @param {string} level @param {readonly Entry[]} all */
function row(level, all) {
  const log = all.filter((entry) => entry.level === level);
  const cells = log.flatMap((entry) => entry.cells);
  const count = (/** @type {string} */ outcome) =>
    cells.filter((cell) => cell.outcome === outcome).length;
  const ran = sum(log, (entry) => entry.ran);
  const loads = log.map(({ load }) => (load[0] + load[1]) / 2).toSorted((a, b) => a - b);
  const days = log.map(({ at }) => at.slice(0, 10)).toSorted();
  return `| ${[
    level === "all" ? "all" : `up to ${level}`,
    log.length,
    ran,
    sum(log, ({ pass }) => pass),
    count("fail"),
    `${count("unknown")} (${percent(count("unknown"), ran)})`,
    count("error"),
    [...new Set(log.map(({ cores }) => cores))].join(", "),
    (loads[loads.length >> 1] ?? 0).toFixed(1),
    days[0],
    days.at(-1),
  ].join(" | ")} |`;
}

/** @param {readonly Entry[]} log */
function judged(log) {
  const rows = log.flatMap(({ at, commit, seed, cells }) =>
    cells.map(
      ({ cell, outcome, judged: words = "**not judged yet**" }) =>
        `| ${at.slice(0, 10)} | ${commit} | ${seed} | ${cell} | ${outcome} | ${words} |`,
    ),
  );
  if (rows.length === 0) return "None.";
  return [
    "| date | commit | seed | cell | verdict | judged |",
    "| --- | --- | ---: | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** @param {import("./entry.mjs").Cell} cell */
function isFalse({ judged: words }) {
  return words?.startsWith("false alarm") ?? false;
}

/** @param {readonly Entry[]} log @param {(entry: Entry) => number} of */
function sum(log, of) {
  return log.reduce((total, entry) => total + of(entry), 0);
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return whole === 0 ? "0 %" : `${((part / whole) * 100).toFixed(2)} %`;
}
