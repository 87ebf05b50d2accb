import { PLAIN } from "./scenario-config.ts";
import type { Scenario } from "./scenario.ts";
import type { Simulated } from "./simulate.ts";

/** A run that failed once, as small as it could be made: kept in `regressions/`, and run by a test. */
export interface Regression {
  /** How it failed. */
  readonly failures: readonly string[];
  readonly scenario: Scenario;
}

export function writeRegression({ failures, scenario }: Simulated): string {
  return `${JSON.stringify({ failures, scenario } satisfies Regression, null, 2)}\n`;
}

/** What could not be chosen yet when it was kept is as it is where nothing is out of the ordinary. */
export function readRegression(text: string): Regression {
  const { failures, scenario } = JSON.parse(text) as Regression;
  return { failures, scenario: { ...scenario, config: { ...PLAIN, ...scenario.config } } };
}
