import { check } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import type { Adapter } from "@sluice/core";
import { createHash } from "node:crypto";
import type { Coverage } from "./coverage.ts";
import { leftToRepeat } from "./left-to-repeat.ts";
import type { Scenario } from "./scenario.ts";
import { World } from "./world.ts";

export interface Simulated {
  readonly scenario: Scenario;
  /** In words; empty when all is well. */
  readonly failures: readonly string[];
  readonly history: readonly HistoryEvent[];
  readonly coverage: Coverage;
  /** Successful attempts beyond the first of a record. */
  readonly duplicates: number;
}

/**
 * Runs a scenario and judges its history. The same scenario gives the same history.
 * @param adapt what the members are given for their adapter: a test plants defects with it
 */
export async function simulate(
  scenario: Scenario,
  adapt?: (adapter: Adapter) => Adapter,
): Promise<Simulated> {
  const world = new World(scenario, adapt);
  await world.run();
  const history = world.recorder.events;
  const judgement = check(history);
  const failures = [...world.problems];
  const left = leftToRepeat(history);
  for (const { id, verdict, examples } of judgement.invariants) {
    if (verdict !== "fail") continue;
    const messages = examples.map(({ message }) => message);
    const told = id === "D2" ? messages.filter((message) => !isOf(left, message)) : messages;
    for (const message of told.slice(0, 2)) failures.push(`${id}: ${message}`);
  }
  for (const { guard, met, detail } of judgement.guards) {
    // Of one small run, invariants that had nothing to look at say nothing; of the substrate, a
    // truncation is the script's.
    if (met || guard === "G5" || guard === "SUBSTRATE") continue;
    failures.push(`the simulation contradicts itself: ${guard}: ${detail}`);
  }
  const { duplicates } = judgement.metrics;
  return { scenario, failures, history, coverage: world.coverage, duplicates };
}

/** D2 names the record first. */
function isOf(places: readonly string[], message: string): boolean {
  return places.some((place) => message.startsWith(`${place} `));
}

/** The same for the same run, and practically never for another. */
export function fingerprint(history: readonly HistoryEvent[]): string {
  return createHash("sha256").update(JSON.stringify(history)).digest("hex").slice(0, 16);
}
