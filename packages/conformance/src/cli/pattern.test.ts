import { describe, expect, test } from "vitest";
import { matches, wildcard } from "./pattern.ts";

describe("patterns over case ids", () => {
  test.each([
    ["core/hold-head", "core/hold-head", true],
    ["hold", "core/hold-head", true],
    ["core/*", "core/hold-head", true],
    ["*", "core/hold-head", false],
    ["**", "core/hold-head", true],
    ["*/hold-*", "core/hold-head", true],
    ["core/.*", "core/hold-head", false],
  ])("%s over %s: %s", (pattern, id, expected) => {
    expect(matches(pattern, id)).toBe(expected);
  });
});

test("a wildcard means the whole id", () => {
  expect(wildcard("hold", "core/hold-head")).toBe(false);
  expect(wildcard("core/hold-head", "core/hold-head")).toBe(true);
  expect(wildcard("rdkafka**", "rdkafka/eager")).toBe(true);
});
