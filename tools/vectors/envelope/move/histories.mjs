// @ts-check
// How a history grows (5.3).
import { dead, retry } from "./case.mjs";
import { HISTORY, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */

/** @returns {Test[]} */
export function histories() {
  const appends = ["SLC-DLQ-013"];
  const codes = ["SLC-DLQ-014"];
  const limits = ["SLC-DLQ-015"];
  const entry = (/** @type {number} */ n) => `{"n":${n},"at":"9","k":"timeout"}`;
  const span = (/** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
  const now = HISTORY.slice(1, -1);
  const list = (/** @type {readonly string[]} */ ...items) => `[${items.join(",")}]`;
  const says = (/** @type {string} */ value) => ({ headers: { "sluice-history": value } });
  const after = (/** @type {readonly Value[]} */ ...values) => ({
    trusted: true,
    record: { headers: values.map((value) => /** @type {Header} */ (["sluice-history", value])) },
  });
  const mark = (/** @type {number} */ k) => `{"dropped":${k}}`;
  /** @type {readonly (readonly [string, string, string])[]} */
  const coded = [
    ["a code", "E42", "E42"],
    ["quotation mark and backslash", 'a"b\\c', "a_b_c"],
    [
      "every character that stays",
      " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
      " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~",
    ],
    ["DEL and U+0080", "a\u007fb\u0080c", "a_b_c"],
    ["a control character is an underscore here and a space in its header", "E\t4", "E_4"],
    ["a character of two bytes is one underscore", "é", "_"],
    ["a character of two UTF-16 units is one underscore", "a😀b", "a_b"],
    ["64 characters", "c".repeat(64), "c".repeat(64)],
    ["65 characters, without an ellipsis", "c".repeat(65), "c".repeat(64)],
    ["100 characters of two bytes", "é".repeat(100), "_".repeat(64)],
    ["64 characters of four bytes", "😀".repeat(64), "_".repeat(64)],
    ["a quotation mark at the cut", `${"c".repeat(63)}"d`, `${"c".repeat(63)}_`],
    ["a space", " ", " "],
  ];
  return [
    dead(
      "no history yet",
      { trusted: true, record: { headers: [["sluice-spec", "1"]] } },
      says(HISTORY),
      appends,
      ["History"],
    ),
    dead("one entry is appended", after(list(entry(1))), says(list(entry(1), now)), appends, [
      "History",
    ]),
    retry("of a retry too", after(list(entry(1))), says(list(entry(1), now)), appends, ["History"]),
    dead(
      "entries with codes are kept as they are",
      after('[{"n":1,"at":"0","k":"poison","c":"a, b]"}]'),
      says(`[{"n":1,"at":"0","k":"poison","c":"a, b]"},${now}]`),
      appends,
      ["History"],
    ),
    dead(
      "a code that looks like a mark",
      after('[{"n":1,"at":"0","k":"poison","c":"{dropped:3},{"}]'),
      says(`[{"n":1,"at":"0","k":"poison","c":"{dropped:3},{"},${now}]`),
      appends,
      ["History"],
    ),
    dead(
      "a forged history is not continued",
      { ...after(list(entry(1))), trusted: false },
      says(HISTORY),
      [...appends, "SLC-SEC-001"],
      ["History", "Forged"],
    ),
    dead(
      "a malformed history is not continued",
      after(`[${entry(1)}, ${entry(2)}]`),
      says(HISTORY),
      appends,
      ["History", "Malformed"],
    ),
    dead(
      "a history with an integer above the range is malformed",
      after('[{"n":9007199254740992,"at":"0","k":"timeout"}]'),
      says(HISTORY),
      [...appends, "SLC-CNV-001"],
      ["History", "Malformed"],
    ),
    dead("an empty history is malformed", after("[]"), says(HISTORY), appends, [
      "History",
      "Malformed",
    ]),
    dead(
      "a null history is absent",
      after(null),
      says(HISTORY),
      [...appends, "SLC-ENV-005"],
      ["History", "Null"],
    ),
    dead(
      "the last of two histories is continued",
      after(list(entry(1)), list(entry(2))),
      says(list(entry(2), now)),
      [...appends, "SLC-ENV-002"],
      ["History", "Repeated"],
    ),
    dead(
      "the last of two histories is malformed",
      after(list(entry(1)), "x"),
      says(HISTORY),
      [...appends, "SLC-ENV-002"],
      ["History", "Repeated"],
    ),
    dead("8 entries become 9", after(list(...span(1, 8))), says(list(...span(1, 8), now)), limits, [
      "History",
      "EdgeOfRange",
    ]),
    dead(
      "9 entries become 10",
      after(list(...span(1, 9))),
      says(list(...span(1, 9), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "10 entries become 11, so one is dropped",
      after(list(...span(1, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "11 entries: a mover's mistake is put right",
      after(list(...span(1, 11))),
      says(list(entry(1), mark(2), ...span(4, 11), now)),
      limits,
      ["History"],
    ),
    dead(
      "30 entries",
      after(list(...span(1, 30))),
      says(list(entry(1), mark(21), ...span(23, 30), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark counts on",
      after(list(entry(1), mark(3), ...span(5, 13))),
      says(list(entry(1), mark(4), ...span(6, 13), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark and 12 entries",
      after(list(entry(1), mark(5), ...span(7, 17))),
      says(list(entry(1), mark(8), ...span(10, 17), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark is no entry: 9 of them become 10, and it stays",
      after(list(entry(1), mark(3), ...span(5, 12))),
      says(list(entry(1), mark(3), ...span(5, 12), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark after the only entry",
      after(list(entry(1), mark(3))),
      says(list(entry(1), mark(3), now)),
      limits,
      ["History"],
    ),
    dead(
      "a mark of 0 stays",
      after(list(entry(1), mark(0), entry(2))),
      says(list(entry(1), mark(0), entry(2), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark of 0 counts on",
      after(list(entry(1), mark(0), ...span(2, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History", "EdgeOfRange"],
    ),
    dead(
      "a mark at its greatest counts no further",
      after(list(entry(1), mark(Number(MAX)), ...span(2, 10))),
      says(list(entry(1), mark(Number(MAX)), ...span(3, 10), now)),
      [...limits, "SLC-CNV-001"],
      ["History", "EdgeOfRange"],
    ),
    retry(
      "10 entries of a retry",
      after(list(...span(1, 10))),
      says(list(entry(1), mark(1), ...span(3, 10), now)),
      limits,
      ["History"],
    ),
    dead(
      "the entry has the time of the failure, not that of writing",
      { failedAt: "5", now: "7" },
      says('[{"n":5,"at":"5","k":"timeout"}]'),
      appends,
      ["History"],
    ),
    ...coded.map(([comment, code, c]) =>
      dead(
        `code in the history: ${comment}`,
        { error: { code } },
        says(`[{"n":5,"at":"1700000009000","k":"timeout","c":"${c}"}]`),
        codes,
        ["History"],
      ),
    ),
    dead("an empty code is none", { error: { code: "" } }, says(HISTORY), codes, [
      "History",
      "EdgeOfRange",
    ]),
  ];
}
