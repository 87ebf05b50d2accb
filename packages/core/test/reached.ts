import { expect } from "vitest";

/**
 * What a property's inputs never reached it says nothing about: each situation has to have been met more than so
 * many times. With fewer inputs than the property asks for (mutation testing) that cannot be said.
 */
export function expectReached(seen: Readonly<Record<string, number>>, times: number): void {
  if (process.env["SLUICE_PROPERTY_RUNS"] !== undefined) return;
  for (const [what, met] of Object.entries(seen)) expect(met, what).toBeGreaterThan(times);
}
