// @ts-check
// Integers, times and counters (1.2, SLC-ENV-007).
import { raw } from "../bytes.mjs";
import { read } from "./case.mjs";
import { ABOVE, malformed, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */

/** @returns {Test[]} */
export function integers() {
  const form = ["SLC-ENV-006", "SLC-ENV-020"];
  const fields = /** @type {const} */ ({
    "sluice-message-version": "messageVersion",
    "sluice-retry-at": "retryAt",
    "sluice-first-failed-at": "firstFailedAt",
    "sluice-failed-at": "failedAt",
    "sluice-replayed-at": "replayedAt",
  });
  const notIntegers = /** @type {const} */ ([
    ["empty", ""],
    ["a leading zero", "01"],
    ["two zeros", "00"],
    ["a plus", "+1"],
    ["a minus", "-1"],
    ["minus zero", "-0"],
    ["a space before", " 1"],
    ["a space after", "1 "],
    ["a line feed after", "1\n"],
    ["a NUL after", "1\u0000"],
    ["a fraction", "1.0"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x1"],
    ["an underscore", "1_000"],
    ["a thousands separator", "1,000"],
    ["digits of another script", "\u0661\u0662"],
    ["full-width digits", "\uff11"],
    ["a superscript", "\u00b2"],
    ["a byte order mark before", "\ufeff1"],
    ["infinity", "Infinity"],
    ["a long of 64 bits", "9223372036854775807"],
    ["a long of 64 bits without sign", "18446744073709551615"],
    ["a date", "2023-11-14T22:13:20Z"],
    ["twenty digits", "1".repeat(20)],
  ]);
  return [
    ...Object.entries(fields).flatMap(([name, field]) => [
      ...["0", MAX].map((value) =>
        read(
          `${name}: ${value}`,
          [[name, value]],
          { [field]: value },
          ["SLC-ENV-006", "SLC-CNV-001"],
          ["EdgeOfRange"],
        ),
      ),
      read(
        `${name}: ${ABOVE}, one above the range`,
        [[name, ABOVE]],
        malformed(name),
        [...form, "SLC-CNV-001"],
        ["EdgeOfRange"],
      ),
      read(`${name}: a leading zero`, [[name, "00042"]], malformed(name), form, ["NotAnInteger"]),
    ]),
    ...notIntegers.map(([comment, value]) =>
      read(
        `a time, ${comment}`,
        [["sluice-failed-at", value]],
        malformed("sluice-failed-at"),
        form,
        ["NotAnInteger"],
      ),
    ),
    read(
      "a time of 8 bytes in binary",
      [["sluice-failed-at", raw("0000018bcfe56800")]],
      malformed("sluice-failed-at"),
      [...form, "SLC-ENV-019"],
      ["NotAnInteger"],
    ),
  ];
}

/** @returns {Test[]} */
export function counters() {
  const closed = ["SLC-ENV-007"];
  const all = /** @type {const} */ ([
    ["sluice-retry-count", "retryCount", 2_147_483_647],
    ["sluice-replay-count", "replayCount", 2_147_483_647],
    ["sluice-hops", "hops", 64],
  ]);
  return all.flatMap(([name, field, greatest]) => [
    ...[0, 1, greatest - 1, greatest].map((count) =>
      read(
        `${name}: ${count}`,
        [[name, String(count)]],
        { [field]: count },
        ["SLC-ENV-006"],
        ["EdgeOfRange"],
      ),
    ),
    .../** @type {const} */ ([
      ["one above its greatest value", String(greatest + 1)],
      ["above the range of integers", ABOVE],
      ["a leading zero", "01"],
      ["a minus", "-1"],
      ["empty", ""],
      ["a word", "many"],
      ["no UTF-8", raw("ff")],
      ["an int of 4 bytes", raw("00000001")],
    ]).map(([comment, value]) =>
      read(
        `${name}: ${comment}`,
        [[name, value]],
        { [field]: greatest, ...malformed(name) },
        closed,
        ["FailClosed"],
      ),
    ),
  ]);
}
