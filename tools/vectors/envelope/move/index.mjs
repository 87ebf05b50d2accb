// @ts-check
// Records on their way to a retry or dead letter topic (section 5). Each case says by hand what it
// is about; the model fills in the rest of the record, and has to agree.
import { carried, example } from "./carried.mjs";
import { everyHeader } from "./every-header.mjs";
import { failures } from "./failures.mjs";
import { histories } from "./histories.mjs";
import { hops } from "./hops.mjs";
import { origins } from "./origins.mjs";
import { budgets, truncations } from "./sizes.mjs";

/** @typedef {import("../../vector-file.mjs").Draft} Draft */

/** @returns {Draft} */
export function move() {
  return {
    algorithm: "SLUICE-MOVE-1",
    header: [
      "What a mover writes to a retry or dead letter topic, byte by byte, or why it refuses to.",
      "Each case says by hand what it is about; a transcription of section 5 fills in the rest.",
    ],
    notes: {
      Example: { bugType: "BASIC", description: "The worked example of 5.5." },
      Kept: { bugType: "BASIC", description: "A header that stays where it is." },
      Replaced: {
        bugType: "BASIC",
        description: "A header of an earlier move gives way to a new one.",
      },
      Forged: { bugType: "SECURITY", description: "A producer wrote what only movers may write." },
      NotReserved: {
        bugType: "EDGE_CASE",
        description: "Looks like a reserved name, but is none.",
      },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "Something that a later version may define.",
      },
      Bytes: {
        bugType: "ENCODING",
        description: "Null, empty and bytes that are no text are carried along.",
      },
      Repeated: { bugType: "EDGE_CASE", description: "A header that occurs more than once." },
      Malformed: { bugType: "EDGE_CASE", description: "A header that a reader takes for absent." },
      Null: { bugType: "EDGE_CASE", description: "A header without a value is absent." },
      Origin: { bugType: "BASIC", description: "Where the record was first written." },
      Partition: {
        bugType: "BASIC",
        description: "The origin's partition modulo the target's count.",
      },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its range, or next to it.",
      },
      Hops: { bugType: "DENIAL_OF_SERVICE", description: "A record does not go round for ever." },
      Control: {
        bugType: "SECURITY",
        description: "Characters that would break a line of a log or a header of HTTP.",
      },
      Cut: { bugType: "ENCODING", description: "A text at its limit, or above." },
      Mistake: {
        bugType: "EDGE_CASE",
        description: "The mover was given a value that is not valid.",
      },
      History: {
        bugType: "BASIC",
        description: "What is appended, and what is left out when it grows.",
      },
      Budget: {
        bugType: "EDGE_CASE",
        description: "The size is at the budget, or one byte above.",
      },
      Dropped: {
        bugType: "BASIC",
        description: "Parts that were dropped by this or an earlier move.",
      },
      NeverDropped: { bugType: "BASIC", description: "A part that is large, and stays." },
    },
    testGroups: [
      { type: "Move", source: "5.5", tests: example() },
      {
        type: "Move",
        source: "by hand and by a transcription of section 5",
        tests: [
          ...carried(),
          ...everyHeader(),
          ...origins(),
          ...hops(),
          ...failures(),
          ...histories(),
          ...budgets(),
          ...truncations(),
        ],
      },
    ],
  };
}
