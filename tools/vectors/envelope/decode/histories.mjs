// @ts-check
// The grammar of a history (C.4).
import { read } from "./case.mjs";
import { ABOVE, malformed, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */

/** @returns {Test[]} */
export function histories() {
  const name = "sluice-history";
  const first = '{"n":1,"at":"0","k":"timeout"}';
  const entry = (/** @type {number} */ n) => ({ n, at: "0", k: "timeout", c: null });
  const many = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i + 1);
  const text = (/** @type {number[]} */ ns) => ns.map((n) => `{"n":${n},"at":"0","k":"timeout"}`);
  const code = " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~";
  /** @type {readonly (readonly [string, string, object[]])[]} */
  const accepted = [
    ["one entry", `[${first}]`, [entry(1)]],
    ["a code", '[{"n":1,"at":"0","k":"timeout","c":"E42"}]', [{ ...entry(1), c: "E42" }]],
    [
      "every kind of character of a code",
      `[{"n":1,"at":"0","k":"timeout","c":"${code}"}]`,
      [{ ...entry(1), c: code }],
    ],
    [
      "a code of 64 characters",
      `[{"n":1,"at":"0","k":"timeout","c":"${"c".repeat(64)}"}]`,
      [{ ...entry(1), c: "c".repeat(64) }],
    ],
    ["a code of spaces", '[{"n":1,"at":"0","k":"timeout","c":"  "}]', [{ ...entry(1), c: "  " }]],
    [
      "two entries, one with a code",
      `[${first},{"n":2,"at":"5","k":"poison","c":"x"}]`,
      [entry(1), { n: 2, at: "5", k: "poison", c: "x" }],
    ],
    ["a mark at the end", `[${first},{"dropped":3}]`, [entry(1), { dropped: 3 }]],
    ["a mark between", `[${first},{"dropped":3},${first}]`, [entry(1), { dropped: 3 }, entry(1)]],
    ["a mark of 0", `[${first},{"dropped":0}]`, [entry(1), { dropped: 0 }]],
    ["n 0", '[{"n":0,"at":"0","k":"timeout"}]', [entry(0)]],
    [
      "all at the greatest",
      `[{"n":${MAX},"at":"${MAX}","k":"timeout"},{"dropped":${MAX}}]`,
      [{ n: Number(MAX), at: MAX, k: "timeout", c: null }, { dropped: Number(MAX) }],
    ],
    [
      "a kind of a later version is given on",
      '[{"n":1,"at":"0","k":"overload"}]',
      [{ ...entry(1), k: "overload" }],
    ],
    ["a kind of one character", `[{"n":1,"at":"0","k":"z"}]`, [{ ...entry(1), k: "z" }]],
    ["a kind of digits and a hyphen", `[{"n":1,"at":"0","k":"0-9"}]`, [{ ...entry(1), k: "0-9" }]],
    [
      "a kind of 64 characters",
      `[{"n":1,"at":"0","k":"${"k".repeat(64)}"}]`,
      [{ ...entry(1), k: "k".repeat(64) }],
    ],
    [
      "11 entries: a mover's mistake, but well-formed",
      `[${text(many(11)).join()}]`,
      many(11).map(entry),
    ],
    [
      "the example of 5.3",
      '[{"n":5,"at":"1700000000000","k":"timeout","c":"E42"},{"dropped":3},{"n":2,"at":"1700000900000","k":"transient"}]',
      [
        { n: 5, at: "1700000000000", k: "timeout", c: "E42" },
        { dropped: 3 },
        { n: 2, at: "1700000900000", k: "transient", c: null },
      ],
    ],
  ];
  /** @type {readonly (readonly [string, string, "" | "json"])[]} */
  const refused = [
    ["empty", "", ""],
    ["no entry", "[]", "json"],
    ["no list", first, "json"],
    ["null", "null", "json"],
    ["a space after a comma", `[${first}, ${first}]`, "json"],
    ["a space after a colon", '[{"n": 1,"at":"0","k":"timeout"}]', "json"],
    ["a space before", ` [${first}]`, "json"],
    ["a line feed after", `[${first}]\n`, "json"],
    ["a mark first", `[{"dropped":1},${first}]`, "json"],
    ["a mark alone", '[{"dropped":1}]', "json"],
    ["two marks", `[${first},{"dropped":1},{"dropped":1}]`, "json"],
    ["two marks with an entry between", `[${first},{"dropped":1},${first},{"dropped":1}]`, "json"],
    ["a mark after the second entry", `[${first},${first},{"dropped":1}]`, "json"],
    ["a mark that is text", `[${first},{"dropped":"1"}]`, "json"],
    ["a mark above the range", `[${first},{"dropped":${ABOVE}}]`, "json"],
    ["fields in another order", '[{"at":"0","n":1,"k":"timeout"}]', "json"],
    ["no kind", '[{"n":1,"at":"0"}]', "json"],
    ["one field more", '[{"n":1,"at":"0","k":"timeout","c":"x","d":"y"}]', "json"],
    ["a field twice", '[{"n":1,"n":1,"at":"0","k":"timeout"}]', "json"],
    ["n as text", '[{"n":"1","at":"0","k":"timeout"}]', "json"],
    ["at as a number", '[{"n":1,"at":0,"k":"timeout"}]', "json"],
    ["n with a leading zero", '[{"n":01,"at":"0","k":"timeout"}]', ""],
    ["n below 0", '[{"n":-1,"at":"0","k":"timeout"}]', "json"],
    ["n with a fraction", '[{"n":1.0,"at":"0","k":"timeout"}]', "json"],
    ["n with an exponent", '[{"n":1e3,"at":"0","k":"timeout"}]', "json"],
    ["n above the range", `[{"n":${ABOVE},"at":"0","k":"timeout"}]`, "json"],
    ["at above the range", `[{"n":1,"at":"${ABOVE}","k":"timeout"}]`, "json"],
    ["at with a leading zero", '[{"n":1,"at":"00","k":"timeout"}]', "json"],
    ["at empty", '[{"n":1,"at":"","k":"timeout"}]', "json"],
    ["a kind in capitals", '[{"n":1,"at":"0","k":"Timeout"}]', "json"],
    ["a kind that is empty", '[{"n":1,"at":"0","k":""}]', "json"],
    ["a kind of 65 characters", `[{"n":1,"at":"0","k":"${"k".repeat(65)}"}]`, "json"],
    ["a name in capitals", '[{"N":1,"at":"0","k":"timeout"}]', "json"],
    ["an empty code", '[{"n":1,"at":"0","k":"timeout","c":""}]', "json"],
    ["a code of 65 characters", `[{"n":1,"at":"0","k":"timeout","c":"${"c".repeat(65)}"}]`, "json"],
    ["a code that is null", '[{"n":1,"at":"0","k":"timeout","c":null}]', "json"],
    ["a code with an escape", '[{"n":1,"at":"0","k":"timeout","c":"\\u0041"}]', "json"],
    ["a code with a backslash", '[{"n":1,"at":"0","k":"timeout","c":"\\\\"}]', "json"],
    ["a code with a quotation mark", '[{"n":1,"at":"0","k":"timeout","c":"""}]', ""],
    ["a code beyond ASCII", '[{"n":1,"at":"0","k":"timeout","c":"é"}]', "json"],
    ["a code with DEL", '[{"n":1,"at":"0","k":"timeout","c":"\u007f"}]', "json"],
    ["a code with a tab", '[{"n":1,"at":"0","k":"timeout","c":"\t"}]', ""],
    ["a key with an escape", '[{"\\u006e":1,"at":"0","k":"timeout"}]', "json"],
    ["a comma at the end", `[${first},]`, ""],
    ["no end", `[${first}`, ""],
    ["something after the end", `[${first}]x`, ""],
    ["two lists", `[${first}][${first}]`, ""],
    ["nested", `[[${first}]]`, "json"],
    ["other quotation marks", "[{'n':1,'at':'0','k':'timeout'}]", ""],
    ["a byte order mark", `\ufeff[${first}]`, ""],
  ];
  return [
    ...accepted.map(([comment, value, history]) =>
      read(
        `history: ${comment}`,
        [[name, value]],
        { history },
        ["SLC-ENV-006", "SLC-CNV-001"],
        ["History"],
      ),
    ),
    ...refused.map(([comment, value, json]) =>
      read(
        `history: ${comment}`,
        [[name, value]],
        malformed(name),
        ["SLC-ENV-006", "SLC-ENV-020"],
        [json === "json" ? "JsonButNotHistory" : "History"],
      ),
    ),
  ];
}
