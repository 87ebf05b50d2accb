import { describe, expect, test } from "vitest";
import { hasColors } from "./has-colors.ts";

const terminal = { isTTY: true, hasColors: () => true };
const pipe = {};

describe("colours", () => {
  test("are for a terminal, whoever runs the suite", () => {
    expect(hasColors(terminal, {})).toBe(true);
    expect(hasColors(pipe, {})).toBe(false);
    expect(hasColors(pipe, { CI: "true" })).toBe(false);
  });

  test("are not for a terminal that has none", () => {
    expect(hasColors({ isTTY: true, hasColors: () => false }, {})).toBe(false);
  });

  test("can be refused, and be asked for", () => {
    expect(hasColors(terminal, { NO_COLOR: "1" })).toBe(false);
    expect(hasColors(terminal, { NO_COLOR: "" })).toBe(true);
    expect(hasColors(pipe, { FORCE_COLOR: "1" })).toBe(true);
    expect(hasColors(terminal, { FORCE_COLOR: "0" })).toBe(false);
  });
});
