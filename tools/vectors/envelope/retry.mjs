// @ts-check
// Retry policies, delays and decisions (section 4).
import { delay } from "./retry-model.mjs";

/** @typedef {import("../vector-file.mjs").Draft} Draft */
/** @typedef {import("../vector-file.mjs").Test} Test */
/** @typedef {import("./retry-model.mjs").Policy} Policy */
/** @typedef {import("./retry-model.mjs").Backoff} Backoff */

const I31 = 2_147_483_647;
const U32 = 4_294_967_295;
const HALF = 2_147_483_648;
const MODEL = "a model of 4.2 in integers of any size";

/** @returns {Draft} */
export function retry() {
  return {
    algorithm: "SLUICE-RETRY-1",
    header: [
      "Which retry policies are accepted, how long a delay is, and whether a record is tried again.",
      "Edges and decisions are written by hand from section 4; sweeps are computed by a model of 4.2.",
    ],
    notes: {
      Example: { bugType: "BASIC", description: "A number that the text gives." },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its range, or next to it.",
      },
      RoundEachStep: {
        bugType: "ARITHMETIC",
        description: "Rounding once, after all multiplications, gives another delay.",
      },
      Wide: {
        bugType: "ARITHMETIC",
        description: "A product or sum beyond 2^53, or beyond 32 bits: doubles and ints are wrong.",
      },
      ManyAttempts: {
        bugType: "DENIAL_OF_SERVICE",
        description: "The number of the attempt is huge, and the answer is due at once.",
      },
      NeverGrows: {
        bugType: "CONFIGURATION",
        description: "Rounding down keeps the delay where it is.",
      },
      Clamped: { bugType: "EDGE_CASE", description: "A value outside a range is brought into it." },
      Asked: {
        bugType: "BASIC",
        description: "The handler asks for a delay, which an implementation need not offer.",
      },
      FirstReason: { bugType: "BASIC", description: "Several reasons hold, and the first counts." },
      Sweep: { bugType: "BASIC", description: "Computed by the model." },
    },
    testGroups: [
      { type: "RetryPolicyCheck", source: "by hand", tests: policyChecks() },
      { type: "BackoffDelay", source: "by hand", tests: delays() },
      { type: "BackoffDelay", source: MODEL, tests: sweeps() },
      { type: "RetryDecision", source: "by hand", tests: decisions() },
    ],
  };
}

/** @param {number} numerator @param {number} denominator */
const factor = (numerator, denominator) => ({ factor: { numerator, denominator } });
/** @param {number} delayMs @param {string} [jitter] @returns {Backoff} */
const fixed = (delayMs, jitter) => ({ type: "fixed", delayMs, ...(jitter && { jitter }) });
/**
 * @param {number} initialMs @param {number} stepMs @param {number} maxMs @param {string} [jitter]
 * @returns {Backoff}
 */
const linear = (initialMs, stepMs, maxMs, jitter) => ({
  type: "linear",
  initialMs,
  stepMs,
  maxMs,
  ...(jitter && { jitter }),
});
/**
 * @param {number} initialMs @param {number} maxMs @param {Partial<Backoff>} [more]
 * @returns {Backoff}
 */
const exponential = (initialMs, maxMs, more) => ({
  type: "exponential",
  initialMs,
  maxMs,
  ...more,
});

/** @returns {Test[]} */
function policyChecks() {
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

/** @returns {Test[]} */
function delays() {
  const sqrt = exponential(1000, 10_000, factor(3, 2));
  const long = exponential(1000, 1_000_000, factor(3, 2));
  const base = ["SLC-RTY-011"];
  const exp = ["SLC-RTY-012", "SLC-RTY-010"];
  const jitter = ["SLC-RTY-013", "SLC-RTY-010"];
  const dec = ["SLC-RTY-014", "SLC-RTY-010"];
  /** @param {Partial<Backoff>} [more] */
  const decorrelated = (more) => exponential(100, 10_000, { jitter: "decorrelated", ...more });
  /** @type {readonly (readonly [string, Backoff, number, number | null, number, number, string[], string[]])[]} */
  const cases = [
    // fixed
    ["fixed, first attempt", fixed(1000), 1, null, 0, 1000, base, []],
    ["fixed, a later attempt", fixed(1000), 17, 1000, U32, 1000, base, []],
    ["fixed 0", fixed(0), 1, null, U32, 0, base, ["EdgeOfRange"]],
    ["fixed, the longest", fixed(I31), I31, I31, U32, I31, base, ["EdgeOfRange"]],
    ["jitter none said", fixed(1000, "none"), 1, null, U32, 1000, jitter, []],
    // linear
    ["linear, first attempt", linear(100, 50, 1000), 1, null, 0, 100, base, []],
    ["linear, second attempt", linear(100, 50, 1000), 2, 100, 0, 150, base, []],
    ["linear, one step below maxMs", linear(100, 50, 1000), 18, 900, 0, 950, base, []],
    ["linear, exactly maxMs", linear(100, 50, 1000), 19, 950, 0, 1000, base, ["EdgeOfRange"]],
    ["linear, held at maxMs", linear(100, 50, 1000), 20, 1000, 0, 1000, base, ["Clamped"]],
    ["linear, a step beyond maxMs", linear(100, 5000, 1000), 2, 100, 0, 1000, base, ["Clamped"]],
    ["linear, maxMs is initialMs", linear(100, 50, 100), 2, 100, 0, 100, base, ["EdgeOfRange"]],
    ["linear from 0", linear(0, 7, 1000), 1, null, 0, 0, base, ["EdgeOfRange"]],
    [
      "linear without a step",
      linear(100, 0, 1000),
      I31,
      100,
      0,
      100,
      base,
      ["NeverGrows", "ManyAttempts"],
    ],
    [
      "linear, the product passes 32 bits",
      linear(0, 65_536, I31),
      65_537,
      0,
      0,
      I31,
      base,
      ["Wide"],
    ],
    [
      "linear, the product passes 2^53",
      linear(1, I31, I31),
      I31,
      I31,
      0,
      I31,
      base,
      ["Wide", "ManyAttempts"],
    ],
    [
      "linear, a sum just within 31 bits",
      linear(647, 1000, I31),
      2_147_484,
      0,
      0,
      I31,
      base,
      ["EdgeOfRange"],
    ],
    [
      "linear, the attempt before",
      linear(647, 1000, I31),
      2_147_483,
      0,
      0,
      2_147_482_647,
      base,
      ["EdgeOfRange"],
    ],
    // exponential
    ["3/2: b(1)", sqrt, 1, null, 0, 1000, exp, ["Example"]],
    ["3/2: b(2)", sqrt, 2, 1000, 0, 1500, exp, ["Example"]],
    ["3/2: b(3)", sqrt, 3, 1500, 0, 2250, exp, ["Example"]],
    ["3/2: b(4)", sqrt, 4, 2250, 0, 3375, exp, ["Example"]],
    ["3/2: b(5), 5062.5 rounded down", sqrt, 5, 3375, 0, 5062, exp, ["Example"]],
    ["3/2: b(6)", sqrt, 6, 5062, 0, 7593, exp, ["Example"]],
    ["3/2: b(7) is held at maxMs", sqrt, 7, 7593, 0, 10_000, exp, ["Example"]],
    ["3/2: b(8) stays there", sqrt, 8, 10_000, 0, 10_000, exp, ["Clamped"]],
    ["3/2: 11389, where 1000 x 1.5^6 is 11390.6", long, 7, 7593, 0, 11_389, exp, ["RoundEachStep"]],
    [
      "3/2: 17083, where 1000 x 1.5^7 is 17085.9",
      long,
      8,
      11_389,
      0,
      17_083,
      exp,
      ["RoundEachStep"],
    ],
    ["the factor is 2 unless given", exponential(100, 10_000), 3, 200, 0, 400, exp, []],
    [
      "2^30 doubled is held at the longest",
      exponential(1, I31),
      32,
      1_073_741_824,
      0,
      I31,
      exp,
      ["Clamped"],
    ],
    ["2^30", exponential(1, I31), 31, 536_870_912, 0, 1_073_741_824, exp, ["EdgeOfRange"]],
    [
      "attempt 1100, where 2^n is no double any more",
      exponential(1, I31),
      1100,
      I31,
      0,
      I31,
      exp,
      ["ManyAttempts"],
    ],
    ["the last attempt of all", exponential(1, I31), I31, I31, 0, I31, exp, ["ManyAttempts"]],
    [
      "the factor 1 at the last attempt of all",
      exponential(100, 1000, factor(1, 1)),
      I31,
      100,
      0,
      100,
      exp,
      ["ManyAttempts", "NeverGrows"],
    ],
    [
      "the factor 1 as 1000/1000",
      exponential(333, 1000, factor(1000, 1000)),
      1_000_000_007,
      333,
      0,
      333,
      exp,
      ["ManyAttempts", "NeverGrows"],
    ],
    [
      "a factor of 1000",
      exponential(2, I31, factor(1000, 1)),
      4,
      2_000_000,
      0,
      2_000_000_000,
      exp,
      [],
    ],
    [
      "a factor of 1000, held",
      exponential(3, I31, factor(1000, 1)),
      4,
      3_000_000,
      0,
      I31,
      exp,
      ["Clamped"],
    ],
    [
      "1000/999 grows by 1 at first",
      exponential(999, 5000, factor(1000, 999)),
      11,
      1008,
      0,
      1009,
      exp,
      ["RoundEachStep"],
    ],
    ["initialMs is maxMs", exponential(500, 500), 9, 500, 0, 500, exp, ["EdgeOfRange"]],
    [
      "7/5 from 5: 7, 9.8, 12.6",
      exponential(5, 100, factor(7, 5)),
      4,
      9,
      0,
      12,
      exp,
      ["RoundEachStep"],
    ],
    // jitter full
    ["full, u 0", fixed(1000, "full"), 1, null, 0, 0, jitter, ["EdgeOfRange"]],
    [
      "full, the largest u: never the whole delay",
      fixed(1000, "full"),
      1,
      null,
      U32,
      999,
      jitter,
      ["EdgeOfRange"],
    ],
    ["full, the middle", fixed(1000, "full"), 1, null, HALF, 500, jitter, []],
    [
      "full, one below the middle",
      fixed(1000, "full"),
      1,
      null,
      HALF - 1,
      499,
      jitter,
      ["EdgeOfRange"],
    ],
    ["full of an odd delay, the middle", fixed(1001, "full"), 1, null, HALF, 500, jitter, []],
    [
      "full of the longest, the largest u",
      fixed(I31, "full"),
      1,
      null,
      U32,
      2_147_483_646,
      jitter,
      ["Wide"],
    ],
    [
      "full of the longest, one below: barely above 2147483646",
      fixed(I31, "full"),
      1,
      null,
      U32 - 1,
      2_147_483_646,
      jitter,
      ["Wide"],
    ],
    [
      "full of the longest, two below",
      fixed(I31, "full"),
      1,
      null,
      U32 - 2,
      2_147_483_645,
      jitter,
      ["Wide"],
    ],
    ["full of 1: always 0", fixed(1, "full"), 1, null, U32, 0, jitter, ["EdgeOfRange"]],
    ["full of 0", fixed(0, "full"), 1, null, U32, 0, jitter, ["EdgeOfRange"]],
    ["full of 2, the middle", fixed(2, "full"), 1, null, HALF, 1, jitter, ["EdgeOfRange"]],
    // jitter equal
    ["equal, u 0: half", fixed(1000, "equal"), 1, null, 0, 500, jitter, ["EdgeOfRange"]],
    ["equal, the largest u", fixed(1000, "equal"), 1, null, U32, 999, jitter, ["EdgeOfRange"]],
    [
      "equal of an odd delay, u 0: half rounded down",
      fixed(1001, "equal"),
      1,
      null,
      0,
      500,
      jitter,
      ["EdgeOfRange"],
    ],
    [
      "equal of an odd delay, the larger half is random",
      fixed(1001, "equal"),
      1,
      null,
      U32,
      1000,
      jitter,
      ["EdgeOfRange"],
    ],
    [
      "equal of an odd delay, the middle: 500 + 250",
      fixed(1001, "equal"),
      1,
      null,
      HALF,
      750,
      jitter,
      [],
    ],
    ["equal of 1, u 0", fixed(1, "equal"), 1, null, 0, 0, jitter, ["EdgeOfRange"]],
    ["equal of 1, the largest u", fixed(1, "equal"), 1, null, U32, 0, jitter, ["EdgeOfRange"]],
    ["equal of 3, the middle: 1 + 1", fixed(3, "equal"), 1, null, HALF, 2, jitter, []],
    [
      "equal of the longest, the largest u",
      fixed(I31, "equal"),
      1,
      null,
      U32,
      2_147_483_646,
      jitter,
      ["Wide"],
    ],
    ["equal of the longest, u 0", fixed(I31, "equal"), 1, null, 0, 1_073_741_823, jitter, ["Wide"]],
    ["linear and equal: of 250", linear(100, 50, 1000, "equal"), 4, 200, HALF, 187, jitter, []],
    [
      "exponential and full: of 5062",
      exponential(1000, 10_000, { ...factor(3, 2), jitter: "full" }),
      5,
      3000,
      HALF,
      2531,
      jitter,
      ["RoundEachStep"],
    ],
    [
      "jitter comes after the bound",
      exponential(1000, 3000, { jitter: "full" }),
      9,
      10,
      HALF,
      1500,
      jitter,
      ["Clamped"],
    ],
    [
      "the delay before plays no part",
      exponential(1000, 10_000, { jitter: "equal" }),
      2,
      9999,
      0,
      1000,
      jitter,
      [],
    ],
    // decorrelated
    ["decorrelated, first attempt, u 0", decorrelated(), 1, null, 0, 100, dec, ["EdgeOfRange"]],
    [
      "decorrelated, first attempt, the largest u: up to 3 x initialMs",
      decorrelated(),
      1,
      null,
      U32,
      299,
      dec,
      ["EdgeOfRange"],
    ],
    ["decorrelated, first attempt, the middle", decorrelated(), 1, null, HALF, 200, dec, []],
    ["decorrelated, after 200 the upper end is 600", decorrelated(), 2, 200, HALF, 350, dec, []],
    [
      "decorrelated, the number of the attempt plays no part",
      decorrelated(),
      I31,
      200,
      HALF,
      350,
      dec,
      ["ManyAttempts"],
    ],
    ["decorrelated, the delay before is not known", decorrelated(), 5, null, HALF, 200, dec, []],
    [
      "decorrelated, the upper end is held at maxMs",
      decorrelated(),
      3,
      5000,
      U32,
      9999,
      dec,
      ["Clamped"],
    ],
    [
      "decorrelated, the upper end is exactly maxMs",
      exponential(100, 600, { jitter: "decorrelated" }),
      3,
      200,
      HALF,
      350,
      dec,
      ["EdgeOfRange"],
    ],
    [
      "decorrelated, a delay before that is too short counts as initialMs",
      decorrelated(),
      2,
      7,
      HALF,
      200,
      dec,
      ["Clamped"],
    ],
    ["decorrelated, a delay before of 0", decorrelated(), 2, 0, U32, 299, dec, ["Clamped"]],
    [
      "decorrelated, a delay before that is too long counts as maxMs",
      decorrelated(),
      2,
      I31,
      HALF,
      5050,
      dec,
      ["Clamped"],
    ],
    [
      "decorrelated, too long a delay with a factor of 1: maxMs is the upper end",
      decorrelated(factor(1, 1)),
      2,
      20_000,
      HALF,
      5050,
      dec,
      ["Clamped"],
    ],
    [
      "decorrelated, the factor 1 on the first attempt: nothing is random",
      decorrelated(factor(1, 1)),
      1,
      null,
      U32,
      100,
      dec,
      ["NeverGrows"],
    ],
    [
      "decorrelated, 3/2 of 333 is 499.5",
      decorrelated(factor(3, 2)),
      2,
      333,
      HALF,
      299,
      dec,
      ["RoundEachStep"],
    ],
    [
      "decorrelated, the product passes 32 bits",
      exponential(1, I31, { jitter: "decorrelated", ...factor(1000, 1) }),
      2,
      2_000_000_000,
      U32,
      2_147_483_646,
      dec,
      ["Wide"],
    ],
    [
      "decorrelated, the longest with u 0",
      exponential(I31, I31, { jitter: "decorrelated" }),
      1,
      null,
      0,
      I31,
      dec,
      ["Wide"],
    ],
    [
      "decorrelated, the longest with the largest u",
      exponential(I31, I31, { jitter: "decorrelated" }),
      2,
      I31,
      U32,
      I31,
      dec,
      ["Wide"],
    ],
    [
      "decorrelated, maxMs is initialMs",
      exponential(50, 50, { jitter: "decorrelated" }),
      2,
      50,
      U32,
      50,
      dec,
      ["EdgeOfRange"],
    ],
  ];
  return cases.map(
    ([comment, backoff, attempt, previousDelayMs, random, delayMs, requirements, flags]) => ({
      comment,
      flags,
      requirements,
      input: { policy: { maxAttempts: "unlimited", backoff }, attempt, previousDelayMs, random },
      expect: { delayMs },
      result: "valid",
    }),
  );
}

/** @returns {Test[]} */
function sweeps() {
  /** @type {readonly (readonly [string, Backoff, string])[]} */
  const families = [
    ["linear, equal", linear(137, 211, 5000, "equal"), "SLC-RTY-013"],
    ["5/3, none", exponential(7, 1_000_000, factor(5, 3)), "SLC-RTY-012"],
    ["101/100, none", exponential(100, 2000, factor(101, 100)), "SLC-RTY-012"],
    ["2/1, full", exponential(250, 60_000, { jitter: "full" }), "SLC-RTY-013"],
    [
      "999/997, equal",
      exponential(1000, I31, { ...factor(999, 997), jitter: "equal" }),
      "SLC-RTY-013",
    ],
    ["decorrelated, 3/1", exponential(250, 60_000, { jitter: "decorrelated" }), "SLC-RTY-014"],
    [
      "decorrelated, 7/4",
      exponential(11, 90_001, { ...factor(7, 4), jitter: "decorrelated" }),
      "SLC-RTY-014",
    ],
  ];
  let state = 1n;
  const next = () => {
    // The multiplier of Numerical Recipes; any sequence would do.
    state = (state * 1_664_525n + 1_013_904_223n) % (1n << 32n);
    return Number(state);
  };
  return families.flatMap(([name, backoff, requirement]) => {
    /** @type {number | null} */
    let previousDelayMs = null;
    return [1, 2, 3, 4, 6, 9, 20, 77].map((attempt) => {
      const random = next();
      const delayMs = delay(backoff, attempt, previousDelayMs, random);
      const input = {
        policy: { maxAttempts: /** @type {const} */ ("unlimited"), backoff },
        attempt,
        previousDelayMs,
        random,
      };
      previousDelayMs = delayMs;
      return {
        comment: `${name}: attempt ${attempt}`,
        flags: ["Sweep"],
        requirements: ["SLC-RTY-010", requirement],
        input,
        expect: { delayMs },
        result: /** @type {const} */ ("valid"),
      };
    });
  });
}

/** @returns {Test[]} */
function decisions() {
  /** @typedef {{ policy?: Policy, attempt?: number, kind?: string, now?: string, previousDelayMs?: number | null, random?: number, requestedDelayMs?: number | null, firstFailedAt?: string }} Input */
  const T = 1_700_000_000_000;
  const policy = { maxAttempts: 3, backoff: fixed(1000) };
  const timed = { ...policy, maxAttempts: 10, maxElapsedMs: 60_000 };
  const endless = { maxAttempts: /** @type {const} */ ("unlimited"), backoff: fixed(1000) };
  /** @param {string} giveUp */
  const gives = (giveUp) => ({ giveUp });
  /** @param {number} retryInMs */
  const after = (retryInMs) => ({ retryInMs });
  const NON_RETRYABLE = gives("non-retryable");
  const EXHAUSTED = gives("retries-exhausted");
  const EXPIRED = gives("expired");
  const kinds = ["SLC-RTY-003"];
  const attempts = ["SLC-RTY-001"];
  const elapsed = ["SLC-RTY-002"];
  const order = ["SLC-RTY-018"];
  const asked = ["SLC-RTY-017"];
  /** @typedef {[comment: string, input: Input, expect: object, requirements: string[], flags: string[]]} Case */
  /** @type {Case[]} */
  const cases = [
    ...["transient", "timeout", "cancelled", "unknown"].map(
      (kind) => /** @type {Case} */ ([`${kind} is tried again`, { kind }, after(1000), kinds, []]),
    ),
    ...["permanent", "deserialization", "validation", "poison"].map(
      (kind) => /** @type {Case} */ ([`${kind} is not`, { kind }, NON_RETRYABLE, kinds, []]),
    ),
    [
      "permanent, even if attempts are unlimited",
      { kind: "permanent", policy: endless },
      NON_RETRYABLE,
      kinds,
      [],
    ],
    ["the last attempt but one", { attempt: 2 }, after(1000), attempts, ["EdgeOfRange"]],
    ["the last attempt", { attempt: 3 }, EXHAUSTED, attempts, ["EdgeOfRange"]],
    [
      "beyond the last attempt, after the policy was changed",
      { attempt: 4 },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "one attempt only",
      { policy: { ...policy, maxAttempts: 1 } },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "unlimited, at the last attempt of all",
      { policy: endless, attempt: I31 },
      after(1000),
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "as many attempts as there can be, the last",
      { policy: { ...policy, maxAttempts: I31 }, attempt: I31 },
      EXHAUSTED,
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "as many attempts as there can be, the last but one",
      { policy: { ...policy, maxAttempts: I31 }, attempt: I31 - 1 },
      after(1000),
      attempts,
      ["EdgeOfRange"],
    ],
    [
      "the next attempt would be exactly at the end of the time",
      { policy: timed, now: String(T + 59_000) },
      after(1000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "one millisecond later",
      { policy: timed, now: String(T + 59_001) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    ["the time is over already", { policy: timed, now: String(T + 60_001) }, EXPIRED, elapsed, []],
    ["no time limit", { policy: endless, now: String(T * 2) }, after(1000), elapsed, []],
    [
      "no time, no delay: at exactly that time",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(0) }, now: String(T) },
      after(0),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "no time, a delay of 1",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(1) }, now: String(T) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "no time, no delay, but a millisecond has passed",
      { policy: { ...timed, maxElapsedMs: 0, backoff: fixed(0) }, now: String(T + 1) },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "the clock went back: counted from the first failure all the same",
      { policy: timed, now: String(T - 5000) },
      after(1000),
      elapsed,
      [],
    ],
    [
      "the delay with its jitter counts, not the base delay",
      {
        policy: { ...timed, backoff: fixed(10_000, "full") },
        now: String(T + 55_000),
        random: HALF,
      },
      after(5000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "the delay with its jitter counts: one more",
      {
        policy: { ...timed, backoff: fixed(10_002, "full") },
        now: String(T + 55_000),
        random: HALF,
      },
      EXPIRED,
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "times at 2^53 - 1: the end of the time is 2^53 + 1",
      {
        policy: { ...timed, maxElapsedMs: 3, backoff: fixed(2) },
        firstFailedAt: "9007199254740990",
        now: "9007199254740991",
      },
      after(2),
      elapsed,
      ["Wide"],
    ],
    [
      "times at 2^53 - 1: beyond it by one, at 2^53 + 2",
      {
        policy: { ...timed, maxElapsedMs: 3, backoff: fixed(3) },
        firstFailedAt: "9007199254740990",
        now: "9007199254740991",
      },
      EXPIRED,
      elapsed,
      ["Wide"],
    ],
    [
      "the longest time there is",
      {
        policy: { ...timed, maxElapsedMs: 9_007_199_254_740_991 },
        firstFailedAt: "9007199254740991",
        now: "9007199254740991",
      },
      after(1000),
      elapsed,
      ["Wide"],
    ],
    [
      "a first failure at 0",
      { policy: timed, firstFailedAt: "0", now: "59000" },
      after(1000),
      elapsed,
      ["EdgeOfRange"],
    ],
    [
      "non-retryable comes before exhausted",
      { kind: "validation", attempt: 3 },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "non-retryable comes before expired",
      { kind: "poison", policy: timed, now: String(T * 2) },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "exhausted comes before expired",
      { attempt: 10, policy: timed, now: String(T * 2) },
      EXHAUSTED,
      order,
      ["FirstReason"],
    ],
    [
      "all three hold",
      { kind: "permanent", attempt: 10, policy: timed, now: String(T * 2) },
      NON_RETRYABLE,
      order,
      ["FirstReason"],
    ],
    [
      "linear: the delay of this attempt",
      {
        policy: { maxAttempts: 9, backoff: linear(100, 50, 1000) },
        attempt: 4,
        previousDelayMs: 200,
      },
      after(250),
      ["SLC-RTY-011"],
      [],
    ],
    [
      "exponential: the delay of this attempt",
      {
        policy: { maxAttempts: 9, backoff: exponential(100, 1000) },
        attempt: 3,
        previousDelayMs: 200,
      },
      after(400),
      ["SLC-RTY-012"],
      [],
    ],
    [
      "equal jitter",
      { policy: { maxAttempts: 9, backoff: fixed(1001, "equal") }, random: HALF },
      after(750),
      ["SLC-RTY-013"],
      [],
    ],
    [
      "decorrelated jitter after a delay of 200",
      {
        policy: { maxAttempts: 9, backoff: exponential(100, 10_000, { jitter: "decorrelated" }) },
        attempt: 2,
        previousDelayMs: 200,
        random: HALF,
      },
      after(350),
      ["SLC-RTY-014"],
      [],
    ],
  ];
  /** @type {Case[]} */
  const requests = [
    ["a shorter delay is asked for", { requestedDelayMs: 5 }, after(5), asked, ["Asked"]],
    [
      "a longer delay is asked for",
      { requestedDelayMs: 3_600_000 },
      after(3_600_000),
      asked,
      ["Asked"],
    ],
    ["none is asked for: 0", { requestedDelayMs: 0 }, after(0), asked, ["Asked", "EdgeOfRange"]],
    ["a negative delay is 0", { requestedDelayMs: -1 }, after(0), asked, ["Asked", "Clamped"]],
    [
      "the least integer is 0",
      { requestedDelayMs: -9_007_199_254_740_991 },
      after(0),
      asked,
      ["Asked", "Clamped"],
    ],
    ["the longest delay", { requestedDelayMs: I31 }, after(I31), asked, ["Asked", "EdgeOfRange"]],
    [
      "one above the longest delay",
      { requestedDelayMs: I31 + 1 },
      after(I31),
      asked,
      ["Asked", "Clamped"],
    ],
    [
      "the greatest integer",
      { requestedDelayMs: 9_007_199_254_740_991 },
      after(I31),
      asked,
      ["Asked", "Clamped"],
    ],
    [
      "longer than the policy's maxMs",
      { policy: { maxAttempts: 9, backoff: exponential(100, 1000) }, requestedDelayMs: 5000 },
      after(5000),
      asked,
      ["Asked"],
    ],
    [
      "no jitter is put on it",
      { policy: { maxAttempts: 9, backoff: fixed(10, "full") }, requestedDelayMs: 5000, random: 0 },
      after(5000),
      asked,
      ["Asked"],
    ],
    [
      "it does not make a kind retryable",
      { kind: "permanent", requestedDelayMs: 5 },
      NON_RETRYABLE,
      [...asked, ...kinds],
      ["Asked"],
    ],
    [
      "it does not add an attempt",
      { attempt: 3, requestedDelayMs: 5 },
      EXHAUSTED,
      [...asked, ...attempts],
      ["Asked"],
    ],
    [
      "it may end after the time",
      { policy: timed, now: String(T + 50_000), requestedDelayMs: 10_001 },
      EXPIRED,
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "it may end exactly at the end of the time",
      { policy: timed, now: String(T + 50_000), requestedDelayMs: 10_000 },
      after(10_000),
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "it may save a record that the policy's own delay would lose",
      { policy: timed, now: String(T + 59_500), requestedDelayMs: 500 },
      after(500),
      [...asked, ...elapsed],
      ["Asked", "EdgeOfRange"],
    ],
    [
      "what counts for the time is the delay within its range",
      {
        policy: { ...timed, maxElapsedMs: I31 },
        now: String(T),
        requestedDelayMs: 9_007_199_254_740_991,
      },
      after(I31),
      [...asked, ...elapsed],
      ["Asked", "Clamped"],
    ],
    [
      "a negative delay after the time is over",
      { policy: timed, now: String(T + 60_001), requestedDelayMs: -60_000 },
      EXPIRED,
      [...asked, ...elapsed],
      ["Asked", "Clamped"],
    ],
  ];
  const defaults = {
    policy,
    attempt: 1,
    kind: "transient",
    firstFailedAt: String(T),
    now: String(T + 1000),
    random: 0,
    requestedDelayMs: null,
  };
  const test = (
    /** @type {Case} */ [comment, input, expect, requirements, flags],
    /** @type {"valid" | "acceptable"} */ result,
  ) => ({
    comment,
    flags,
    requirements,
    input: { ...defaults, previousDelayMs: (input.attempt ?? 1) > 1 ? 1000 : null, ...input },
    expect: /** @type {Record<string, unknown>} */ (expect),
    result,
  });
  return [
    ...cases.map((each) => test(each, "valid")),
    ...requests.map((each) => test(each, "acceptable")),
  ];
}
