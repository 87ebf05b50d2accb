import { evidence, invariantRule } from "@sluice/checker";
import type { HistoryEvent, InvariantResult, Judgement, Verdict, Violation } from "@sluice/checker";
import pc from "picocolors";

type Colors = ReturnType<typeof pc.createColors>;

/** The judgement, with each violation's events told and as they were recorded. */
export function asJson(judgement: Judgement, events: readonly HistoryEvent[]): string {
  const withEvidence = (violation: Violation): object => ({
    ...violation,
    history: evidence(events, violation).map((told) => ({
      ...told,
      event: events[told.line - 1],
    })),
  });
  const invariants = judgement.invariants.map((result) => ({
    ...result,
    rule: invariantRule(result.id),
    examples: result.examples.map(withEvidence),
  }));
  return `${JSON.stringify({ ...judgement, invariants }, null, 2)}\n`;
}

/** The judgement in words: what was violated and the events that show it; then all the rest in a few lines. */
export function asText(
  judgement: Judgement,
  events: readonly HistoryEvent[],
  color: boolean,
): string {
  const colors = pc.createColors(color);
  const { verdict, invariants, guards, summary } = judgement;
  const first = events[0];
  const name =
    first?.type === "case"
      ? ` ${colors.bold(first.id)} · ${first.subject} · seed ${first.seed}`
      : "";
  const lines = [`${paint(verdict, colors)}${name} · ${events.length} events`];
  for (const result of invariants) {
    if (result.verdict === "fail") lines.push("", ...violated(result, events, colors));
  }
  const held = invariants.filter(({ verdict }) => verdict === "pass");
  const open = invariants.filter(({ verdict }) => verdict === "unknown");
  const unmet = guards.filter(({ met }) => !met);
  lines.push("");
  if (open.length > 0)
    lines.push(...open.map(({ id, reason }) => `  ${id.padEnd(4)}unknown: ${reason}`));
  lines.push(...unmet.map(({ guard, detail }) => `  guard ${guard} not met: ${detail}`));
  if (held.length > 0) {
    lines.push(`  held: ${held.map(({ id, examined }) => `${id} (${examined})`).join(", ")}`);
  }
  if (verdict !== "fail") lines.push(`  ${summary}`);
  return `${lines.join("\n")}\n`;
}

function violated(
  { id, violations, examples }: InvariantResult,
  events: readonly HistoryEvent[],
  colors: Colors,
): string[] {
  const lines = [`  ${colors.red(id)}  ${invariantRule(id)}`];
  for (const violation of examples) {
    const told = evidence(events, violation);
    const line = Math.max(...told.map((event) => String(event.line).length));
    const time = Math.max(...told.map(({ t }) => clock(t).length));
    lines.push(...violation.message.split("\n").map((part) => `      ${part}`));
    for (const event of told) {
      const at = `line ${String(event.line).padStart(line)}  ${clock(event.t).padStart(time)}`;
      lines.push(`        ${colors.dim(at)}  ${event.text}`);
    }
  }
  const more = violations - examples.length;
  if (more > 0) lines.push(colors.dim(`      and ${more} more`));
  return lines;
}

function clock(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function paint(verdict: Verdict, colors: Colors): string {
  switch (verdict) {
    case "pass":
      return colors.green("✓ pass");
    case "fail":
      return colors.red("✗ fail");
    case "unknown":
      return colors.yellow("? unknown");
  }
}
