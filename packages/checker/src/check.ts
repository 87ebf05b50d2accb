import { buildModel } from "./build.ts";
import type { GuardEvent, HistoryEvent, InvariantId } from "./history.ts";
import { Intake } from "./intake.ts";
import type { Accepted } from "./intake.ts";
import { Findings } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";
import { INVARIANTS } from "./invariants/index.ts";
import { metricsOf, NO_METRICS } from "./metrics.ts";
import type { Model } from "./model.ts";
import { substrateProblems, witnessProblems } from "./substrate.ts";
import type { InvariantResult, Judgement, Verdict } from "./verdict.ts";

/**
 * Judges a history that comes event by event, as from a stream: `add` each, then `judge`.
 *
 * Never throws: a history that is broken, whatever it holds, is unknown with what is wrong.
 */
export class HistoryCheck {
  readonly #intake = new Intake();

  /** What was taken so far. The indices of a violation are positions in here. */
  get events(): readonly HistoryEvent[] {
    return this.#intake.events;
  }

  /** False once so much is wrong that the rest need not be read. */
  add(event: unknown): boolean {
    return this.#intake.add(event);
  }

  judge(): Judgement {
    return judgementOf(this.#intake.accepted());
  }
}

/**
 * Judges a history: fail if a demanded invariant is violated or a subject guard is unmet; else unknown
 * if anything that the case rests on could not be established; else pass.
 *
 * Never throws: a history that is broken, whatever it holds, is unknown with what is wrong.
 */
export function check(history: Iterable<HistoryEvent>): Judgement {
  const reading = new HistoryCheck();
  for (const event of history) if (!reading.add(event)) break;
  return reading.judge();
}

function judgementOf(accepted: Accepted): Judgement {
  if ("problems" in accepted) return broken(accepted.problems, "broken history");
  const model = buildModel(accepted.case, accepted.events);
  if ("problems" in model) return broken(model.problems, "inconsistent history");

  const guards = guardsOf(model);
  const substrate = substrateProblems(model);
  const blind = witnessProblems(model);
  const healthy = model.healthy && substrate.length === 0;
  const results = judge(model, guards, healthy);
  const vacuous = results.filter(({ verdict, examined }) => verdict === "unknown" && !examined);
  const environment: Guard[] = [
    ...guards.filter(({ kind }) => kind === "environment"),
    {
      guard: "SUBSTRATE",
      met: substrate.length === 0,
      detail: substrate[0]?.detail ?? "every acknowledged record is in its topic",
    },
    {
      guard: "WITNESS",
      met: blind.length === 0,
      detail: blind[0] ?? "no witness contradicts another",
    },
    {
      guard: "G5",
      met: vacuous.length === 0,
      detail:
        vacuous.length === 0
          ? "every demanded invariant examined something"
          : `nothing examined for ${vacuous.map(({ id }) => id).join(", ")}`,
    },
  ];
  const verdict: Verdict = results.some((result) => result.verdict === "fail")
    ? "fail"
    : results.some((result) => result.verdict === "unknown") || environment.some((g) => !g.met)
      ? "unknown"
      : "pass";
  const metrics = metricsOf(model);
  return {
    verdict,
    invariants: results,
    guards: [...environment, ...guards.filter(({ kind }) => kind === "subject")].map(
      ({ guard, met, detail }) => ({ guard, met, detail }),
    ),
    summary: summarise(verdict, results, environment, metrics),
    metrics,
  };
}

interface Guard {
  readonly guard: string;
  readonly met: boolean;
  readonly detail: string;
}

function judge(
  model: Model,
  guards: readonly LocatedGuard[],
  healthy: boolean,
): readonly InvariantResult[] {
  const demanded = new Set<InvariantId>(model.case.invariants);
  const stuck = guards.filter(({ kind, met }) => kind === "subject" && !met);
  // A subject that does not get to where the case needs it fails by V1, demanded or not.
  if (stuck.length > 0) demanded.add("V1");
  return INVARIANTS.filter(({ id }) => demanded.has(id)).map((invariant) => {
    const findings = new Findings();
    const missing = missingWitness(model, invariant);
    if (missing !== null) findings.inconclusive(`it needs the witness ${missing}`);
    else invariant.judge(model, findings);
    if (invariant.id === "V1") {
      for (const { guard, detail, index } of stuck) {
        findings.examined();
        findings.violation([index], () => {
          return `the subject did not get to where the case needs it: guard ${guard}: ${detail}`;
        });
      }
    }
    const result = findings.result(invariant.id);
    return invariant.liveness && !healthy ? excused(result) : result;
  });
}

/** Not getting on proves nothing while the cluster is ill. What was seen stays to be read. */
function excused(result: InvariantResult): InvariantResult {
  if (result.verdict !== "fail") return result;
  return { ...result, verdict: "unknown", reason: "the cluster was not healthy" };
}

function missingWitness(model: Model, { needs }: Invariant): string | null {
  for (const need of needs) {
    const any = typeof need === "string" ? [need] : need;
    if (!any.some((witness) => model.witnesses.has(witness))) return any.join(" or ");
  }
  return null;
}

/** The last word of each guard. */
function guardsOf(model: Model): readonly LocatedGuard[] {
  const guards = new Map<string, LocatedGuard>();
  for (const [index, event] of model.events.entries()) {
    if (event.type === "guard") guards.set(event.guard, { ...event, index });
  }
  return [...guards.values()];
}

interface LocatedGuard extends GuardEvent {
  readonly index: number;
}

function summarise(
  verdict: Verdict,
  results: readonly InvariantResult[],
  environment: readonly Guard[],
  metrics: Judgement["metrics"],
): string {
  switch (verdict) {
    case "fail": {
      const failed = results.filter((result) => result.verdict === "fail");
      const ids = failed.map(({ id, violations }) => `${id} (${violations})`).join(", ");
      return `violated: ${ids}; ${failed[0]!.examples[0]!.message}`;
    }
    case "unknown": {
      const guard = environment.find(({ met }) => !met);
      const unknown = results.find((result) => result.verdict === "unknown");
      return guard && (guard.guard !== "G5" || !unknown?.reason)
        ? `unknown: guard ${guard.guard} is not met: ${guard.detail}`
        : `unknown: ${unknown?.id} could not be judged: ${unknown?.reason}`;
    }
    case "pass":
      return (
        `${results.length} invariants held over ${metrics.records} records, ${metrics.begins} attempts, ` +
        `${metrics.commits} commits and ${metrics.duplicates} duplicates`
      );
  }
}

function broken(problems: readonly string[], what: string): Judgement {
  return {
    verdict: "unknown",
    invariants: [],
    guards: problems.map((detail) => ({ guard: "HISTORY", met: false, detail })),
    summary: `unknown: ${what}: ${problems[0]}`,
    metrics: NO_METRICS,
  };
}
