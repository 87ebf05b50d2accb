import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import { validateEarlyRelease } from "./early-release.ts";

const rules = { settledPercent: 90, minBehind: 10, perMinute: 1, burst: 1 };

test.each([
  ["settledPercent", 50, 100],
  ["minBehind", 1, 10_000_000],
  ["perMinute", 1, 1_000_000],
  ["burst", 1, 1_000_000],
])("%s is an integer from %d to %d", (name, min, max) => {
  for (const value of [min, max]) {
    expect(validateEarlyRelease({ ...rules, [name]: value })).toEqual({ ...rules, [name]: value });
  }
  const message = `earlyRelease.${name}: expected an integer from ${min} to ${max}, got `;
  for (const value of [min - 1, max + 1, undefined]) {
    const check = () => validateEarlyRelease({ ...rules, [name]: value });
    expect(check).toThrow(ConfigurationError);
    expect(check).toThrow(message);
  }
});

test("another option is refused", () => {
  const check = () => validateEarlyRelease({ ...rules, minbehind: 1 }, "a.b");
  expect(check).toThrow("a.b.minbehind: there is no such option. Did you mean a.b.minBehind?");
});
