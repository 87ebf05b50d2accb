// @ts-check
// Which policies are refused (SLC-RTY-015, -016, -019).
import { exponential, factor, fixed, I31, linear } from "./policies.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("./model.mjs").Policy} Policy */
/** @typedef {import("./model.mjs").Backoff} Backoff */

/** @returns {Test[]} */
export function policyChecks() {
  const grows = "SLC-RTY-016";
  const range = "SLC-RTY-019";
  const decorrelated = { jitter: "decorrelated" };
  /** @type {readonly (readonly [string, Backoff, boolean, string[], string[]])[]} */
  const cases = [
    ["fixed", fixed(1000), true, [range], []],
    ["fixed, no delay at all", fixed(0, "full"), true, [range], ["EdgeOfRange"]],
    ["fixed, the longest", fixed(I31, "equal"), true, [range], ["EdgeOfRange"]],
    ["fixed with decorrelated jitter", fixed(1000, "decorrelated"), false, ["SLC-RTY-015"], []],
    ["linear", linear(100, 100, 1000), true, [range], []],
    [
      "linear with decorrelated jitter",
      linear(100, 100, 1000, "decorrelated"),
      false,
      ["SLC-RTY-015"],
      [],
    ],
    ["linear of nothing", linear(0, 0, 0), true, [range], ["EdgeOfRange"]],
    ["linear without a step", linear(100, 0, 1000), true, [range], ["NeverGrows"]],
    ["linear, maxMs is initialMs", linear(100, 10, 100), true, [range], ["EdgeOfRange"]],
    [
      "linear, maxMs is one less than initialMs",
      linear(100, 10, 99),
      false,
      [range],
      ["EdgeOfRange"],
    ],
    ["linear, maxMs 0", linear(1, 10, 0, "full"), false, [range], ["EdgeOfRange"]],
    ["exponential", exponential(100, 10_000), true, [range, grows], []],
    [
      "exponential from 1 with the factor that is in force unless given",
      exponential(1, 10),
      true,
      [grows],
      ["EdgeOfRange"],
    ],
    [
      "exponential, maxMs is initialMs",
      exponential(100, 100),
      true,
      [range, grows],
      ["EdgeOfRange"],
    ],
    [
      "exponential, maxMs is one less than initialMs",
      exponential(100, 99),
      false,
      [range],
      ["EdgeOfRange"],
    ],
    ["exponential, maxMs 0", exponential(1, 0), false, [range], ["EdgeOfRange"]],
    ["exponential, both the longest", exponential(I31, I31), true, [range, grows], ["EdgeOfRange"]],
    ["the factor 1/1", exponential(100, 1000, factor(1, 1)), true, [range, grows], ["EdgeOfRange"]],
    [
      "the factor 1 as 1000/1000",
      exponential(1, 1000, factor(1000, 1000)),
      true,
      [range, grows],
      ["EdgeOfRange"],
    ],
    [
      "a factor just below 1",
      exponential(1000, 2000, factor(999, 1000)),
      false,
      [range],
      ["EdgeOfRange"],
    ],
    ["a factor of 1/1000", exponential(1000, 2000, factor(1, 1000)), false, [range], []],
    [
      "a factor below 1 that would change nothing in effect",
      exponential(5, 5, factor(1, 2)),
      false,
      [range],
      [],
    ],
    [
      "a factor below 1 with decorrelated jitter",
      exponential(5, 50, { ...factor(2, 3), ...decorrelated }),
      false,
      [range],
      [],
    ],
    [
      "3/2 from 1: floor(1.5) is 1",
      exponential(1, 100, factor(3, 2)),
      false,
      [grows],
      ["NeverGrows"],
    ],
    ["3/2 from 2: 3", exponential(2, 100, factor(3, 2)), true, [grows], ["EdgeOfRange"]],
    [
      "3/2 from 1 where maxMs is 1 too",
      exponential(1, 1, factor(3, 2)),
      false,
      [grows],
      ["NeverGrows"],
    ],
    [
      "1000/999 from 998: 998.99",
      exponential(998, 5000, factor(1000, 999)),
      false,
      [grows],
      ["NeverGrows"],
    ],
    [
      "1000/999 from 999: 1000",
      exponential(999, 5000, factor(1000, 999)),
      true,
      [grows],
      ["EdgeOfRange"],
    ],
    [
      "101/100 from 99: 99.99",
      exponential(99, 5000, factor(101, 100)),
      false,
      [grows],
      ["NeverGrows"],
    ],
    [
      "101/100 from 100: 101",
      exponential(100, 5000, factor(101, 100)),
      true,
      [grows],
      ["EdgeOfRange"],
    ],
    ["2/1 from 1", exponential(1, 5000, factor(2, 1)), true, [grows], []],
    [
      "1000/1 from the longest: the product needs 41 bits",
      exponential(I31, I31, factor(1000, 1)),
      true,
      [grows],
      ["Wide"],
    ],
    [
      "1000/999 from the longest",
      exponential(I31, I31, factor(1000, 999)),
      true,
      [grows],
      ["Wide"],
    ],
    ["decorrelated", exponential(100, 1000, decorrelated), true, ["SLC-RTY-015"], []],
    [
      "decorrelated from 1: the factor in force is 3",
      exponential(1, 1, decorrelated),
      true,
      [grows],
      ["EdgeOfRange"],
    ],
    [
      "decorrelated, 3/2 from 1",
      exponential(1, 100, { ...factor(3, 2), ...decorrelated }),
      false,
      [grows],
      ["NeverGrows"],
    ],
    [
      "decorrelated, the factor 1",
      exponential(7, 100, { ...factor(7, 7), ...decorrelated }),
      true,
      [range, grows],
      [],
    ],
    [
      "decorrelated, maxMs less than initialMs",
      exponential(100, 99, decorrelated),
      false,
      [range],
      ["EdgeOfRange"],
    ],
    [
      "both terms out of proportion",
      exponential(3, 100, factor(4, 3)),
      true,
      [grows],
      ["EdgeOfRange"],
    ],
    ["4/3 from 2: 2.67", exponential(2, 100, factor(4, 3)), false, [grows], ["NeverGrows"]],
  ];
  return [
    ...cases.map(([comment, backoff, accepted, requirements, flags]) =>
      check(comment, { maxAttempts: 3, backoff }, accepted, requirements, flags),
    ),
    check("one attempt", { maxAttempts: 1, backoff: fixed(1) }, true, [range], ["EdgeOfRange"]),
    check(
      "unlimited attempts and no end",
      { maxAttempts: "unlimited", backoff: fixed(0) },
      true,
      [range],
      [],
    ),
    check(
      "no time at all",
      { maxAttempts: I31, maxElapsedMs: 0, backoff: fixed(1) },
      true,
      [range],
      ["EdgeOfRange"],
    ),
    check(
      "the longest time",
      { maxAttempts: 2, maxElapsedMs: 9_007_199_254_740_991, backoff: fixed(1) },
      true,
      [range],
      ["EdgeOfRange"],
    ),
  ];
}

/**
 * @param {string} comment
 * @param {Policy} policy
 * @param {boolean} accepted
 * @param {string[]} requirements
 * @param {string[]} flags
 * @returns {Test}
 */
function check(comment, policy, accepted, requirements, flags) {
  return {
    comment,
    flags,
    requirements,
    input: { policy },
    expect: { accepted },
    result: accepted ? "valid" : "invalid",
  };
}
