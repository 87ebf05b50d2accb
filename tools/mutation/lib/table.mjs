// @ts-check
import { scores } from "./judge.mjs";

/** For the terminal and for Markdown alike.
 * @param {readonly (import("./judge.mjs").Verdict & { asOf: string })[]} verdicts */
export function table(verdicts) {
  const all = {
    folder: "all",
    killed: sum(verdicts, "killed"),
    timeout: sum(verdicts, "timeout"),
    explained: sum(verdicts, "explained"),
    survivors: verdicts.flatMap(({ survivors }) => survivors),
    stale: [],
    asOf: "",
  };
  const rows = [...verdicts, all].map((verdict) => {
    const { folder, killed, timeout, explained, survivors, asOf } = verdict;
    const { ofAll, ofPossible } = scores(verdict);
    const total = killed + timeout + explained + survivors.length;
    const counts = [total, killed, timeout, explained, survivors.length].map(String);
    return [folder, ...counts, `${ofAll.toFixed(1)} %`, `${ofPossible.toFixed(1)} %`, asOf];
  });
  const head = ["folder", "mutants", "killed", "timed out", "explained", "survived", "of all"];
  return aligned([[...head, "of what can be", "as of"], ...rows]);
}

/** @param {readonly import("./judge.mjs").Verdict[]} verdicts
 * @param {"killed" | "timeout" | "explained"} what */
function sum(verdicts, what) {
  return verdicts.reduce((total, verdict) => total + verdict[what], 0);
}

/** @param {readonly (readonly string[])[]} rows the first is the head */
function aligned(rows) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join("\n");
}
