import { invariantRule } from "@sluice/checker";
import type { InvariantResult } from "@sluice/checker";
import pc from "picocolors";
import type { CaseResult, Outcome, RunReport } from "./run-report.ts";
import {
  duration,
  failedInvariants,
  HONESTY,
  isGood,
  mebibytes,
  SIGNS,
  STATE_WORDS,
  stateOf,
  totalsInWords,
  why,
} from "./words.ts";

type Colors = ReturnType<typeof pc.createColors>;

/** The report as text: details of what did not pass, then the matrix, then the totals. */
export function renderTerminal(report: RunReport, options: { readonly color: boolean }): string {
  const colors = pc.createColors(options.color);
  const bad = report.cases.filter((result) => !isGood(result));
  const blocks = [
    ...bad.map((result) => detail(result, colors)),
    report.cases.some(({ expectation }) => expectation !== undefined)
      ? listing(report, colors)
      : matrix(report, colors),
    skips(report.cases),
    known(report.cases),
    leftOut(report),
    vectors(report.cases),
    slowest(report.cases),
    totals(report, colors),
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

/** One line for a finished case, also used while the run goes on. */
export function caseLine(result: CaseResult, colors: Colors): string {
  const name = `${result.case} ${colors.dim("·")} ${result.subject}`;
  const reason = why(result);
  return [
    paint(result, sign(result), colors),
    name,
    colors.dim(duration(result.ms)),
    ...(isGood(result) && result.outcome !== "skipped" ? note(result) : []),
    ...(reason !== null && !(result.expectation?.met ?? false) ? [oneLine(reason)] : []),
  ].join("  ");
}

/** A self test that went as expected: say what caught it. */
function note(result: CaseResult): string[] {
  if (!result.expectation) return [];
  const ids = failedInvariants(result);
  return [ids.length > 0 ? `${result.outcome} by ${ids.join(", ")}` : result.outcome];
}

function detail(result: CaseResult, colors: Colors): string {
  const lines = [
    `${paint(result, sign(result), colors)} ${colors.bold(result.case)} · ${result.subject} · ${duration(result.ms)}`,
  ];
  const reason = why(result);
  const judged = result.judgement?.invariants ?? [];
  const told = judged.filter(({ verdict }) => verdict !== "pass");
  if (reason !== null && (told.length === 0 || result.expectation || result.outcome !== "fail")) {
    lines.push(...indent(reason, 2));
  }
  for (const invariant of told) {
    if (invariant.verdict === "fail") lines.push(...violationLines(invariant, colors));
  }
  const unknown = new Map<string, string[]>();
  for (const { id, verdict, reason = "" } of told) {
    if (verdict === "unknown") unknown.set(reason, [...(unknown.get(reason) ?? []), id]);
  }
  for (const [reason, ids] of unknown) {
    lines.push(`  ${colors.yellow(ids.join(", "))}  unknown: ${reason}`);
  }
  for (const guard of result.judgement?.guards ?? []) {
    if (!guard.met) lines.push(...indent(`guard ${guard.guard} not met: ${guard.detail}`, 2));
  }
  // A violation speaks for itself; where nothing was judged, the logs are all there is.
  for (const { source, text } of result.outcome === "fail" ? [] : result.logs) {
    const tail = text.trimEnd().split("\n").slice(-LOG_LINES).join("\n");
    if (tail !== "")
      lines.push(`  ${colors.dim(`${source}:`)}`, ...indent(tail, 4).map(colors.dim));
  }
  const history = result.artefacts.find(({ kind }) => kind === "history");
  if (history) lines.push(`  history  ${history.path}`);
  lines.push(`  repeat   ${colors.cyan(result.repro)}`);
  return lines.join("\n");
}

function violationLines(invariant: InvariantResult, colors: Colors): string[] {
  const { id, violations, examples } = invariant;
  const lines = [`  ${colors.red(id)}  ${invariantRule(id)}`];
  for (const { message } of examples.slice(0, EXAMPLES)) lines.push(...indent(message, 6));
  const more = violations - Math.min(EXAMPLES, examples.length);
  if (more > 0) lines.push(colors.dim(`      and ${more} more`));
  return lines;
}

function matrix({ header, cases }: RunReport, colors: Colors): string {
  const rows = header.cases.map(({ id }) => id);
  const width = Math.max(4, ...rows.map((id) => id.length));
  const cells = new Map(cases.map((result) => [`${result.case}\0${result.subject}`, result]));
  const unplanned = new Set(
    (header.unplanned ?? []).map((cell) => `${cell.case}\0${cell.subject}`),
  );
  const columns = header.subjects.map(({ id }) => ({ id, width: Math.max(id.length, 14) }));
  const lines = [
    colors.bold(
      `${"case".padEnd(width)}  ${columns.map((column) => column.id.padEnd(column.width)).join("  ")}`.trimEnd(),
    ),
  ];
  for (const row of rows) {
    const texts = columns.map((column) => {
      const key = `${row}\0${column.id}`;
      const result = cells.get(key);
      if (!result) {
        return colors.dim((unplanned.has(key) ? "·" : "○ not run").padEnd(column.width));
      }
      const plain = `${sign(result)} ${cellText(result)}`.padEnd(column.width);
      return paint(result, plain, colors);
    });
    lines.push(`${row.padEnd(width)}  ${texts.join("  ")}`.trimEnd());
  }
  return lines.join("\n");
}

function cellText(result: CaseResult): string {
  const state = stateOf(result);
  return state === "pass" || state === "fail" ? duration(result.ms) : STATE_WORDS[state];
}

function listing({ cases }: RunReport, colors: Colors): string {
  return cases.map((result) => caseLine(result, colors)).join("\n");
}

/** Reasons once each, with the cases they concern. */
function skips(cases: readonly CaseResult[]): string {
  const byReason = new Map<string, string[]>();
  for (const result of cases) {
    if (result.outcome !== "skipped") continue;
    const reason = result.reason ?? "no reason given";
    byReason.set(reason, [...(byReason.get(reason) ?? []), `${result.case} (${result.subject})`]);
  }
  return [...byReason]
    .map(([reason, names]) => `skipped: ${reason}: ${names.join(", ")}`)
    .join("\n");
}

/** What failed as its list says, with the reason that the list gives. */
function known(cases: readonly CaseResult[]): string {
  return cases
    .filter((result) => stateOf(result) === "known")
    .map(
      (result) =>
        `known ${result.known?.list}: ${result.case} (${result.subject}): ${result.known?.reason}`,
    )
    .join("\n");
}

/** Reasons of the cells that nobody meant to run, once each. */
function leftOut({ header: { unplanned = [] } }: RunReport): string {
  const bySubject = new Map(unplanned.map(({ subject, reason }) => [subject, reason]));
  return [...bySubject].map(([subject, reason]) => `·        ${subject}: ${reason}`).join("\n");
}

/** How many vectors each subject answers as expected: a fraction says more than a cross. */
function vectors(cases: readonly CaseResult[]): string {
  const bySubject = new Map<string, { asked: number; wrong: number }>();
  for (const { subject, judgement, expectation } of cases) {
    const answers = judgement?.invariants.find(({ id }) => id === "H1");
    if (answers === undefined || expectation !== undefined) continue;
    const { asked, wrong } = bySubject.get(subject) ?? { asked: 0, wrong: 0 };
    bySubject.set(subject, {
      asked: asked + answers.examined,
      wrong: wrong + answers.violations,
    });
  }
  return [...bySubject]
    .map(
      ([name, { asked, wrong }]) =>
        `vectors: ${name} answers ${asked - wrong} of ${asked} as expected`,
    )
    .join("\n");
}

/** Of a long run: where its time has gone. */
function slowest(cases: readonly CaseResult[]): string {
  if (cases.length < LONG_RUN) return "";
  const cells = cases
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map((result) => `${result.case} (${result.subject}) ${duration(result.ms)}`);
  return `slowest: ${cells.join(", ")}`;
}

function totals(report: RunReport, colors: Colors): string {
  const good = report.footer.exitCode === 0;
  const words = `${totalsInWords(report)} in ${duration(report.footer.ms)}`;
  const { seed, cluster } = report.header;
  const { peakRssBytes } = report.footer;
  const memory = peakRssBytes === undefined ? "" : ` · runner ${mebibytes(peakRssBytes)}`;
  return [
    (good ? colors.green : colors.red)(colors.bold(words)),
    colors.dim(
      `seed ${seed} · Kafka ${cluster.kafkaVersion} (${cluster.kind})${memory} · exit ${report.footer.exitCode}`,
    ),
    colors.dim(HONESTY),
  ].join("\n");
}

function sign(result: CaseResult): string {
  const state = stateOf(result);
  return state === "known" ? KNOWN : SIGNS[state];
}

const PAINT: Readonly<Record<Outcome, (text: string, colors: Colors) => string>> = {
  pass: (text, { green }) => green(text),
  fail: (text, { red }) => red(text),
  unknown: (text, { yellow }) => yellow(text),
  skipped: (text, { dim }) => dim(text),
  error: (text, { magenta }) => magenta(text),
};

function paint(result: CaseResult, text: string, colors: Colors): string {
  const state = stateOf(result);
  return PAINT[state === "known" ? "unknown" : state](text, colors);
}

function indent(text: string, by: number): string[] {
  return text.split("\n").map((line) => `${" ".repeat(by)}${line}`);
}

function oneLine(text: string): string {
  const [first = ""] = text.split("\n");
  return first.length > 160 ? `${first.slice(0, 159)}…` : first;
}

/** Failed as it is listed: neither a tick nor a cross. */
const KNOWN = "~";
const EXAMPLES = 3;
const LOG_LINES = 12;
const LONG_RUN = 20;
const SLOWEST = 10;
