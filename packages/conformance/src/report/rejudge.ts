import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { check } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import { expectKill, expectUnknown } from "../runner/self-test.ts";
import type { CaseResult, Expectation, VerdictChange } from "./run-report.ts";
import { failedInvariants, STATE_WORDS } from "./words.ts";

export interface Rejudged {
  readonly result: CaseResult;
  /** Null: as before, or there was nothing before. */
  readonly change: VerdictChange | null;
  /** Why the result was taken over as it was; null: it was judged. */
  readonly kept: string | null;
}

/** Judges the history of a result again. A result without a judgement stays what it is. */
export async function rejudge(folder: string, before: CaseResult): Promise<Rejudged> {
  const history = before.artefacts.find(({ kind }) => kind === "history");
  if (before.outcome === "skipped" || before.outcome === "error") {
    return { result: before, change: null, kept: STATE_WORDS[before.outcome] };
  }
  if (!history) return { result: before, change: null, kept: "no history was recorded" };
  let events: unknown[];
  try {
    events = await readHistory(join(folder, history.path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { result: before, change: null, kept: `its history cannot be read: ${why}` };
  }
  // The checker trusts nothing: a line that is no event makes the case unknown, with the line's number.
  const judgement = check(events as HistoryEvent[]);
  const { expectation: _, ...rest } = before;
  const outcome = judgement.verdict;
  const expectation = expectationOf(before, { outcome, judgement });
  const result: CaseResult = {
    ...rest,
    outcome,
    judgement,
    ...(expectation === null ? {} : { expectation }),
  };
  const change = { before: inWords(before), after: inWords(result) };
  return {
    result,
    change:
      before.judgement === null || change.before === change.after
        ? null
        : { case: before.case, subject: before.subject, ...change },
    kept: null,
  };
}

/** What a self test demands is what it demanded; whether it is met is said anew. */
function expectationOf(
  { expectation }: CaseResult,
  { outcome, judgement }: Pick<CaseResult, "outcome" | "judgement">,
): Expectation | null {
  if (expectation === undefined) return null;
  const told = { outcome, judgement, artefacts: [], logs: [] };
  if (expectation.outcome === "unknown") return expectUnknown(told);
  const { outcome: wanted, invariants: fails, mayFail = [] } = expectation;
  return expectKill({ outcome: wanted, fails, mayFail }, told);
}

function inWords(result: CaseResult): string {
  const failed = failedInvariants(result);
  return failed.length > 0 ? `fail by ${failed.join(", ")}` : result.outcome;
}

async function readHistory(path: string): Promise<unknown[]> {
  const events: unknown[] = [];
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  for await (const line of lines) {
    if (line === "") continue;
    events.push(parsed(line));
  }
  return events;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
