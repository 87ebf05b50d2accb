// @ts-check
// How often a record was moved (SLC-DLQ-007, SLC-RTY-024).
import { raw } from "../bytes.mjs";
import { dead, retry } from "./case.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */
/** @typedef {import("./case.mjs").Change} Change */

/** @returns {Test[]} */
export function hops() {
  const clause = ["SLC-DLQ-007"];
  const refused = { refused: "hop-limit" };
  const hop = (/** @type {string} */ value) => ({ headers: { "sluice-hops": value } });
  const with_ = (/** @type {readonly Value[]} */ ...values) => ({
    trusted: true,
    record: { headers: values.map((value) => /** @type {Header} */ (["sluice-hops", value])) },
  });
  /** @type {readonly (readonly [string, Change, string, boolean])[]} */
  const cases = [
    ["none", { trusted: true }, "1", true],
    ["0", with_("0"), "1", true],
    ["1", with_("1"), "2", true],
    ["62", with_("62"), "63", true],
    ["63", with_("63"), "64", true],
    ["64, the greatest", with_("64"), "64", false],
    ["65, which is malformed", with_("65"), "64", false],
    ["a leading zero", with_("01"), "64", false],
    ["empty", with_(""), "64", false],
    ["bytes", with_(raw("00000001")), "64", false],
    ["null", with_(null), "1", true],
    ["64 and then 2", with_("64", "2"), "3", true],
    ["2 and then 64", with_("2", "64"), "64", false],
    ["64 and then null", with_("64", null), "1", true],
    ["64 of a source topic", { ...with_("64"), trusted: false }, "1", true],
    ["a malformed one of a source topic", { ...with_("x"), trusted: false }, "1", true],
  ];
  return [
    ...cases.map(([comment, change, value]) =>
      dead(`hops of a dead letter: ${comment}`, change, hop(value), clause, ["Hops"]),
    ),
    ...cases.map(([comment, change, value, allowed]) =>
      retry(
        `hops of a retry: ${comment}`,
        change,
        allowed ? hop(value) : refused,
        allowed ? clause : ["SLC-RTY-024"],
        ["Hops"],
      ),
    ),
    retry(
      "the hop limit comes before the size",
      { ...with_("64"), maxBytes: 0 },
      refused,
      ["SLC-RTY-024", "SLC-DLQ-018"],
      ["Hops", "Budget"],
    ),
    dead(
      "the dead letter of a retry that was refused",
      { ...with_("64"), reason: "hop-limit" },
      { headers: { "sluice-dlq-reason": "hop-limit", "sluice-hops": "64" } },
      ["SLC-RTY-024"],
      ["Hops"],
    ),
  ];
}
