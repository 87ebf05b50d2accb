// @ts-check
// Retry policies, delays and decisions (section 4).
import { decisions } from "./decisions.mjs";
import { delays, sweeps } from "./delays.mjs";
import { policyChecks } from "./policy-checks.mjs";

/** @typedef {import("../../vector-file.mjs").Draft} Draft */

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
