// @ts-check
// Texts that are neutralised and cut (3.7). Every answer is written out by hand.
import { hex } from "./bytes.mjs";

/** @typedef {import("../vector-file.mjs").Draft} Draft */
/** @typedef {import("../vector-file.mjs").Test} Test */

const CUT = ["SLC-ENV-010"];
const NEUTRALISED = ["SLC-SEC-002"];
const BOTH = ["SLC-SEC-002", "SLC-ENV-010"];

/** @returns {Draft} */
export function text() {
  return {
    algorithm: "SLUICE-TEXT-1",
    header: [
      "Text from data is neutralised if asked for, and then cut to a limit in bytes.",
      "Expectations are written by hand from 3.7; texts are UTF-8 in hexadecimal.",
    ],
    notes: {
      Example: { bugType: "BASIC", description: "The worked example of 3.7." },
      Fits: { bugType: "EDGE_CASE", description: "Text within the limit is left as it is." },
      Ellipsis: {
        bugType: "EDGE_CASE",
        description: "The ellipsis has 3 bytes, which count towards the limit.",
      },
      MultiByte: {
        bugType: "ENCODING",
        description:
          "A code point is kept whole or not at all; a limit counts bytes, not characters.",
      },
      Graphemes: {
        bugType: "ENCODING",
        description: "Only code points matter, not what looks like one character.",
      },
      Order: {
        bugType: "SECURITY",
        description: "Replacing comes before cutting: it may make a text short enough.",
      },
      Border: {
        bugType: "EDGE_CASE",
        description: "The first or last of a range of replaced characters, or its neighbour.",
      },
      NotReplaced: {
        bugType: "SECURITY",
        description: "Looks like a space or a line break, but is not on the list.",
      },
    },
    testGroups: [
      { type: "BoundText", source: "by hand", params: { neutralise: false }, tests: cut() },
      { type: "BoundText", source: "by hand", params: { neutralise: true }, tests: neutralised() },
    ],
  };
}

/** @returns {Test[]} */
function cut() {
  /** @type {readonly (readonly [string, string, number, string, string[]])[]} */
  const cases = [
    [
      "9 bytes with limit 8: the two bytes of e acute would end in byte 6",
      "abcdéfgh",
      8,
      "abcd…",
      ["Example"],
    ],
    ["empty", "", 3, "", ["Fits"]],
    ["at the smallest limit", "abc", 3, "abc", ["Fits"]],
    ["one byte above the smallest limit: nothing but the ellipsis", "abcd", 3, "…", ["Ellipsis"]],
    ["limit 4: one byte and the ellipsis", "abcde", 4, "a…", ["Ellipsis"]],
    ["limit 4: no room for two bytes", "éabc", 4, "…", ["Ellipsis", "MultiByte"]],
    ["limit 5: room for two bytes", "éabcd", 5, "é…", ["Ellipsis", "MultiByte"]],
    ["ASCII of exactly the limit", "abcdefgh", 8, "abcdefgh", ["Fits"]],
    ["ASCII of one byte more", "abcdefghi", 8, "abcde…", ["Ellipsis"]],
    ["8 bytes in 4 characters", "éééé", 8, "éééé", ["Fits", "MultiByte"]],
    ["10 bytes in 5 characters, fewer than the limit's number", "ééééé", 8, "éé…", ["MultiByte"]],
    ["3 bytes each, cut where one ends", "日本語", 8, "日…", ["MultiByte"]],
    ["3 bytes each at exactly the limit", "日本語", 9, "日本語", ["Fits", "MultiByte"]],
    ["3 bytes each, two fit beside the ellipsis", "日本語x", 9, "日本…", ["MultiByte"]],
    ["4 bytes: not cut between surrogates", "ab😀cd", 7, "ab…", ["MultiByte"]],
    ["4 bytes that fit beside the ellipsis exactly", "😀abcd", 7, "😀…", ["MultiByte"]],
    ["4 bytes, of which 3 would fit", "😀abc", 6, "…", ["MultiByte"]],
    ["4 bytes at exactly the limit", "😀", 4, "😀", ["Fits", "MultiByte"]],
    ["4 bytes above the limit", "😀", 3, "…", ["MultiByte", "Ellipsis"]],
    ["the last code point of all", "\u{10ffff}\u{10ffff}", 7, "\u{10ffff}…", ["MultiByte"]],
    ["a text that ends in an ellipsis already and fits", "abcde…", 8, "abcde…", ["Fits"]],
    ["a text that ends in an ellipsis already and does not", "abcdef…", 8, "abcde…", ["Ellipsis"]],
    ["a text of ellipses", "………", 8, "……", ["Ellipsis", "MultiByte"]],
    ["a combining accent is a code point of its own", "aae\u0301xx", 6, "aae…", ["Graphemes"]],
    ["a combining accent that fits", "e\u0301xxxx", 6, "e\u0301…", ["Graphemes"]],
    ["a flag of two code points that fit", "🇩🇪🇩🇪", 12, "🇩🇪…", ["Graphemes"]],
    ["a flag of which only the first code point fits", "🇩🇪xxx", 10, "\u{1f1e9}…", ["Graphemes"]],
    ["a family is cut at its joiner", "👩\u200d👧\u200d👦", 10, "👩\u200d…", ["Graphemes"]],
    ["a byte order mark counts and stays", "\ufeffabcdef", 8, "\ufeffab…", ["MultiByte"]],
    [
      "control characters stay when nothing is asked",
      "a\r\nb\u0000c",
      8,
      "a\r\nb\u0000c",
      ["Fits"],
    ],
    ["a control character may be the last one kept", "abcd\nefgh", 8, "abcd\n…", ["Ellipsis"]],
    ["U+0085 is kept whole", "abcd\u0085fgh", 8, "abcd…", ["MultiByte"]],
    ["spaces before the cut are not trimmed", "abc   efg", 8, "abc  …", ["Ellipsis"]],
    ["the limit of an error's code", "x".repeat(65), 64, `${"x".repeat(61)}…`, ["Ellipsis"]],
    ["a message of the limit of messages", "m".repeat(1024), 1024, "m".repeat(1024), ["Fits"]],
    ["one byte more", "m".repeat(1025), 1024, `${"m".repeat(1021)}…`, ["Ellipsis"]],
    ["a limit far above the text", "abc", 2_147_483_647, "abc", ["Fits"]],
  ];
  return cases.map(([comment, text, maxBytes, expected, flags]) => ({
    comment,
    flags,
    requirements: CUT,
    input: { text: hex(text), maxBytes },
    expect: { text: hex(expected) },
    result: "valid",
  }));
}

/** @returns {Test[]} */
function neutralised() {
  /** @type {readonly (readonly [string, string, number, string, string[], string[]])[]} */
  const cases = [
    ["nothing to replace", "plain text", 100, "plain text", NEUTRALISED, ["Fits"]],
    ["empty", "", 100, "", NEUTRALISED, ["Fits"]],
    ["U+0000, the first", "a\u0000b", 100, "a b", NEUTRALISED, ["Border"]],
    ["a tab", "a\tb", 100, "a b", NEUTRALISED, []],
    ["CR and LF are two characters", "a\r\nb", 100, "a  b", NEUTRALISED, []],
    ["an escape sequence of a terminal", "\u001b[31mred", 100, " [31mred", NEUTRALISED, []],
    ["U+001F, the last below the space", "a\u001fb", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+0020 and U+007E, around what stays", " ~", 100, " ~", NEUTRALISED, ["Border"]],
    ["U+007F", "a\u007fb", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+0080, two bytes that become one", "a\u0080b", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+0085, the next line", "a\u0085b", 100, "a b", NEUTRALISED, []],
    ["U+009B, a control sequence in one character", "a\u009b31mb", 100, "a 31mb", NEUTRALISED, []],
    ["U+009F, the last", "a\u009fb", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+00A0 stays", "a\u00a0b", 100, "a\u00a0b", NEUTRALISED, ["Border", "NotReplaced"]],
    ["U+00AD stays", "a\u00adb", 100, "a\u00adb", NEUTRALISED, ["NotReplaced"]],
    ["U+2027 stays", "a\u2027b", 100, "a\u2027b", NEUTRALISED, ["Border"]],
    ["U+2028", "a\u2028b", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+2029", "a\u2029b", 100, "a b", NEUTRALISED, ["Border"]],
    ["U+202A stays", "a\u202ab", 100, "a\u202ab", NEUTRALISED, ["Border"]],
    [
      "U+202E stays: it turns the direction, but is no control character",
      "a\u202eb",
      100,
      "a\u202eb",
      NEUTRALISED,
      ["NotReplaced"],
    ],
    ["U+FEFF stays", "\ufeffab", 100, "\ufeffab", NEUTRALISED, ["NotReplaced"]],
    ["U+FFFD stays", "a\ufffdb", 100, "a\ufffdb", NEUTRALISED, ["NotReplaced"]],
    ["four bytes stay", "a😀b", 100, "a😀b", NEUTRALISED, ["MultiByte"]],
    [
      "characters whose UTF-8 has bytes from 80 to 9F stay",
      "😀Ā\u0440",
      100,
      "😀Ā\u0440",
      NEUTRALISED,
      ["MultiByte"],
    ],
    [
      "nothing but control characters: spaces are not trimmed",
      "\n\n\n",
      100,
      "   ",
      NEUTRALISED,
      [],
    ],
    ["replacing makes it fit", "\u2028\u2028\u2028", 3, "   ", BOTH, ["Order"]],
    [
      "replacing makes it one byte shorter: at the limit",
      "abc\u0085defg",
      8,
      "abc defg",
      BOTH,
      ["Order"],
    ],
    ["replaced, then cut", "ab\r\ncdefghi", 8, "ab  c…", BOTH, ["Order"]],
    ["the room is counted after replacing", "\u2029\u2029abcdefgh", 8, "  abc…", BOTH, ["Order"]],
    [
      "a separator at the cut is a space of one byte",
      "abcd\u2028efgh",
      8,
      "abcd …",
      BOTH,
      ["Order"],
    ],
    [
      "cut before two bytes, after replacing",
      "\tbcdéfgh",
      8,
      " bcd…",
      BOTH,
      ["Order", "MultiByte"],
    ],
    ["one byte above the smallest limit", "\n\n\n\n", 3, "…", BOTH, ["Ellipsis"]],
  ];
  return cases.map(([comment, text, maxBytes, expected, requirements, flags]) => ({
    comment,
    flags,
    requirements,
    input: { text: hex(text), maxBytes },
    expect: { text: hex(expected) },
    result: "valid",
  }));
}
