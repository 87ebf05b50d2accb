// @ts-check
// Dead letters on their way back (section 10). Each case says by hand what it is about; the model
// fills in the rest of the record, and has to agree.
import { headers } from "./headers.mjs";
import { places } from "./places.mjs";
import { orders, refusals } from "./refusals.mjs";

/** @typedef {import("../../vector-file.mjs").Draft} Draft */

/** @returns {Draft} */
export function replay() {
  const source = "by hand and by a transcription of section 10";
  return {
    algorithm: "SLUICE-REPLAY-1",
    header: [
      "Where a dead letter is written again and with which headers, or why it is refused.",
      "Each case says by hand what it is about; a transcription of section 10 fills in the rest.",
      "Partitions by hash are those that Kafka's Java client, zlib and the C and Go clients gave.",
    ],
    notes: {
      Refused: { bugType: "SECURITY", description: "A dead letter that is not written again." },
      FirstReason: { bugType: "BASIC", description: "Two reasons hold, and the first counts." },
      EdgeOfRange: {
        bugType: "EDGE_CASE",
        description: "A value at the border of its range, or next to it.",
      },
      FailClosed: {
        bugType: "SECURITY",
        description: "A damaged counter counts as its greatest value.",
      },
      Repeated: { bugType: "EDGE_CASE", description: "The last value of a header counts." },
      Null: {
        bugType: "EDGE_CASE",
        description: "A header without a value is absent; a key that is empty is there.",
      },
      AllowList: {
        bugType: "SECURITY",
        description: "A header alone does not decide where a replay goes.",
      },
      Partition: { bugType: "BASIC", description: "Which partition a replay is written to." },
      Removed: {
        bugType: "BASIC",
        description: "A header of the failure, which a replay does not have.",
      },
      Replaced: { bugType: "BASIC", description: "A header that the replayer writes anew." },
      Kept: { bugType: "BASIC", description: "A header that stays where it is." },
      OpenList: {
        bugType: "COMPATIBILITY",
        description: "Something that a later version may define.",
      },
      Bytes: {
        bugType: "ENCODING",
        description: "Null, empty and bytes that are no text are carried along.",
      },
    },
    testGroups: [
      {
        type: "ReplayPlan",
        source,
        tests: [...refusals(), ...orders(), ...places(), ...headers()],
      },
    ],
  };
}
