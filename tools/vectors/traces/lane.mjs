// @ts-check
import { deepStrictEqual } from "node:assert/strict";
import { laneOf, laneSteps } from "./lane-model.mjs";
import { Random } from "./random.mjs";

/**
 * @typedef {import("./lane-model.mjs").LaneEvent} LaneEvent
 * @typedef {import("./lane-model.mjs").Ordering} Ordering
 * @typedef {import("../vector-file.mjs").Test} Test
 * @typedef {Map<string, { offset: number, epoch: number, lane: string }>} Running handlers by
 *   offset and epoch
 */

/** @returns {import("../vector-file.mjs").Draft} */
export function laneTrace() {
  return {
    algorithm: "SLUICE-LANE-1",
    header: [
      "After each event: the records that begin because of it, as [partition, offset, epoch].",
    ],
    notes: {
      SameKey: { bugType: "BASIC", description: "Records of one key, one after the other." },
      NullKey: {
        bugType: "EDGE_CASE",
        description: "A record without a key is a lane of its own.",
      },
      EmptyKey: { bugType: "EDGE_CASE", description: "An empty key is a key." },
      KeyBytes: {
        bugType: "EDGE_CASE",
        description: "Keys are equal when all of their bytes are, text or not.",
      },
      Partitions: { bugType: "BASIC", description: "Equal keys in two partitions are two lanes." },
      Ordering: { bugType: "BASIC", description: "Ordering by partition, or none." },
      Retry: { bugType: "BASIC", description: "A record that waits holds its lane and no other." },
      Epoch: {
        bugType: "FENCING",
        description: "The partition goes and comes back; what is late begins nothing.",
      },
      Stray: {
        bugType: "EDGE_CASE",
        description: "An event of a record that is in another state.",
      },
      Many: { bugType: "EDGE_CASE", description: "A long lane, or many." },
      BigOffset: {
        bugType: "EDGE_CASE",
        description: "Offsets near 2^53 - 1, or of other lengths.",
      },
      Random: { bugType: "BASIC", description: "From a seeded generator." },
    },
    testGroups: [
      {
        type: "LaneTrace",
        source: "by hand; a model that keeps one list of records agrees",
        tests: byHand(),
      },
      {
        type: "LaneTrace",
        source: "events of a seeded generator, steps of a model that keeps one list of records",
        tests: [...long(), ...generated()],
      },
    ],
  };
}

const ORDER = ["SLC-ORD-001", "SLC-ORD-002"];
const EAGER = ["SLC-ORD-008", "SLC-ORD-007"];

function byHand() {
  return [
    trace("three records of one key", ["SameKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"], [2, "61"]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [settled(0, 1), "0/2@1"],
      [settled(0, 2), ""],
    ]),
    trace("three keys at once", ["SameKey"], EAGER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "62"], [2, "63"]), "0/0@1 0/1@1 0/2@1"],
      [settled(0, 1), ""],
      [settled(0, 0), ""],
      [settled(0, 2), ""],
    ]),
    trace("two keys in turns", ["SameKey"], [...ORDER, ...EAGER], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "62"], [2, "61"], [3, "62"], [4, "61"]), "0/0@1 0/1@1"],
      [settled(0, 1), "0/3@1"],
      [settled(0, 3), ""],
      [settled(0, 0), "0/2@1"],
      [settled(0, 2), "0/4@1"],
      [settled(0, 4), ""],
    ]),
    trace("the lane was empty, then more of its key comes", ["SameKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"]), "0/0@1"],
      [settled(0, 0), ""],
      [fetched(0, [1, "61"]), "0/1@1"],
      [settled(0, 1), ""],
    ]),
    trace("more of a key comes while one runs", ["SameKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"]), "0/0@1"],
      [fetched(0, [1, "61"], [2, "62"]), "0/2@1"],
      [fetched(0, [3, "61"]), ""],
      [settled(0, 0), "0/1@1"],
      [settled(0, 1), "0/3@1"],
    ]),
    trace("gaps between the offsets", ["SameKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [5, "61"], [90, "61"], [1000, "61"]), "0/5@1"],
      [settled(0, 5), "0/90@1"],
      [settled(0, 90), "0/1000@1"],
    ]),
    trace("an empty fetch", ["SameKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [fetched(0), ""],
      [settled(0, 0), "0/1@1"],
    ]),

    trace("no keys: all at once", ["NullKey"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, null], [1, null], [2, null]), "0/0@1 0/1@1 0/2@1"],
      [fetched(0, [3, null]), "0/3@1"],
      [settled(0, 2), ""],
    ]),
    trace("no key beside a key", ["NullKey"], ["SLC-ORD-008", "SLC-ORD-001"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, null], [2, "61"], [3, null]), "0/0@1 0/1@1 0/3@1"],
      [settled(0, 1), ""],
      [settled(0, 0), "0/2@1"],
    ]),
    trace("the empty key is one lane", ["EmptyKey"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, ""], [1, ""], [2, ""]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [settled(0, 1), "0/2@1"],
    ]),
    trace("the empty key is not no key", ["EmptyKey", "NullKey"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, ""], [1, null], [2, ""], [3, null]), "0/0@1 0/1@1 0/3@1"],
      [settled(0, 0), "0/2@1"],
    ]),
    trace("keys of zero bytes differ by length", ["KeyBytes"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, ""], [1, "00"], [2, "0000"], [3, "00"]), "0/0@1 0/1@1 0/2@1"],
      [settled(0, 1), "0/3@1"],
    ]),
    trace("keys that are no text", ["KeyBytes"], ["SLC-ORD-001", "SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [
        fetched(0, [0, "ff"], [1, "fe"], [2, "c328"], [3, "eda080"], [4, "ff"]),
        "0/0@1 0/1@1 0/2@1 0/3@1",
      ],
      [settled(0, 0), "0/4@1"],
    ]),
    trace("a letter in two normal forms is two keys", ["KeyBytes"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "c3a9"], [1, "65cc81"], [2, "c3a9"]), "0/0@1 0/1@1"],
      [settled(0, 0), "0/2@1"],
    ]),
    trace("one key begins as another does", ["KeyBytes"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [
        fetched(0, [0, "6162"], [1, "61"], [2, "616263"], [3, "61"], [4, "6162"]),
        "0/0@1 0/1@1 0/2@1",
      ],
      [settled(0, 1), "0/3@1"],
      [settled(0, 0), "0/4@1"],
    ]),
    trace("a key that says null", ["KeyBytes", "NullKey"], ["SLC-ORD-001", "SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "6e756c6c"], [1, null], [2, "6e756c6c"]), "0/0@1 0/1@1"],
      [settled(0, 0), "0/2@1"],
    ]),
    trace(
      "keys with names of a JavaScript object",
      ["KeyBytes"],
      ["SLC-ORD-001", "SLC-ORD-008"],
      "key",
      [
        [assigned(0), ""],
        [
          fetched(0, [0, hex("__proto__")], [1, hex("constructor")], [2, hex("__proto__")]),
          "0/0@1 0/1@1",
        ],
        [settled(0, 0), "0/2@1"],
      ],
    ),

    trace("one key in two partitions", ["Partitions"], ["SLC-ORD-008"], "key", [
      [assigned(0), ""],
      [assigned(1), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [fetched(1, [0, "61"], [1, "61"]), "1/0@1"],
      [settled(1, 0), "1/1@1"],
      [settled(0, 0), "0/1@1"],
    ]),
    trace(
      "the offset of one partition settles in another",
      ["Partitions", "Stray"],
      ["SLC-ORD-001"],
      "key",
      [
        [assigned(0), ""],
        [assigned(1), ""],
        [fetched(0, [7, "61"], [8, "61"]), "0/7@1"],
        [fetched(1, [6, "61"], [8, "61"]), "1/6@1"],
        [settled(1, 7), ""],
        [settled(0, 6), ""],
        [settled(0, 7), "0/8@1"],
        [settled(1, 6), "1/8@1"],
      ],
    ),
    trace("one partition goes, the other stays", ["Partitions", "Epoch"], ["SLC-ORD-009"], "key", [
      [assigned(0), ""],
      [assigned(1), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [fetched(1, [0, "61"], [1, "61"]), "1/0@1"],
      [revoked(0), ""],
      [settled(1, 0), "1/1@1"],
      [settled(0, 0), ""],
      [settled(1, 1), ""],
    ]),
    trace(
      "partitions count their epochs each for itself",
      ["Partitions", "Epoch"],
      ["SLC-ORD-009"],
      "key",
      [
        [assigned(3), ""],
        [revoked(3), ""],
        [assigned(3), ""],
        [assigned(2147483646), ""],
        [fetched(2147483646, [0, "61"]), "2147483646/0@1"],
        [fetched(3, [0, "61"]), "3/0@2"],
      ],
    ),
    trace(
      "a waiting record holds no lane of another partition",
      ["Partitions", "Retry"],
      ["SLC-ORD-007"],
      "key",
      [
        [assigned(0), ""],
        [assigned(1), ""],
        [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
        [failed(0, 0), ""],
        [fetched(1, [0, "61"]), "1/0@1"],
        [settled(1, 0), ""],
        [due(0, 0), "0/0@1"],
      ],
    ),

    trace("ordering by partition", ["Ordering"], ORDER, "partition", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "62"], [2, null]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [settled(0, 1), "0/2@1"],
      [fetched(0, [3, null]), ""],
      [settled(0, 2), "0/3@1"],
    ]),
    trace(
      "ordering by partition, two of them",
      ["Ordering", "Partitions"],
      [...ORDER, "SLC-ORD-008"],
      "partition",
      [
        [assigned(1), ""],
        [assigned(0), ""],
        [fetched(1, [0, "61"], [1, "61"]), "1/0@1"],
        [fetched(0, [0, "62"], [1, "62"]), "0/0@1"],
        [settled(0, 0), "0/1@1"],
        [settled(1, 0), "1/1@1"],
      ],
    ),
    trace(
      "ordering by partition, and the first one waits",
      ["Ordering", "Retry"],
      ["SLC-ORD-001"],
      "partition",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "62"]), "0/0@1"],
        [failed(0, 0), ""],
        [fetched(0, [2, null]), ""],
        [due(0, 0), "0/0@1"],
        [settled(0, 0), "0/1@1"],
      ],
    ),
    trace("no ordering: all at once", ["Ordering"], ["SLC-ORD-008"], "none", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"], [2, ""], [3, ""]), "0/0@1 0/1@1 0/2@1 0/3@1"],
      [fetched(0, [4, "61"]), "0/4@1"],
      [settled(0, 4), ""],
    ]),
    trace(
      "no ordering, and one waits",
      ["Ordering", "Retry"],
      ["SLC-ORD-007", "SLC-ORD-008"],
      "none",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"]), "0/0@1"],
        [failed(0, 0), ""],
        [fetched(0, [1, "61"]), "0/1@1"],
        [settled(0, 1), ""],
        [due(0, 0), "0/0@1"],
        [settled(0, 0), ""],
      ],
    ),

    trace(
      "a record waits and holds its lane only",
      ["Retry"],
      ["SLC-ORD-001", "SLC-ORD-007"],
      "key",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "61"], [2, "62"], [3, "62"]), "0/0@1 0/2@1"],
        [failed(0, 0), ""],
        [settled(0, 2), "0/3@1"],
        [fetched(0, [4, "61"], [5, "63"]), "0/5@1"],
        [due(0, 0), "0/0@1"],
        [settled(0, 0), "0/1@1"],
        [settled(0, 1), "0/4@1"],
      ],
    ),
    trace("three attempts", ["Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [failed(0, 0), ""],
      [due(0, 0), "0/0@1"],
      [failed(0, 0), ""],
      [due(0, 0), "0/0@1"],
      [settled(0, 0), "0/1@1"],
    ]),
    trace("two lanes wait, and come in the other order", ["Retry"], EAGER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "62"], [2, "61"], [3, "62"]), "0/0@1 0/1@1"],
      [failed(0, 0), ""],
      [failed(0, 1), ""],
      [due(0, 1), "0/1@1"],
      [settled(0, 1), "0/3@1"],
      [due(0, 0), "0/0@1"],
      [settled(0, 0), "0/2@1"],
    ]),
    trace("a record without a key waits", ["Retry", "NullKey"], ["SLC-ORD-007"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, null], [1, null]), "0/0@1 0/1@1"],
      [failed(0, 0), ""],
      [fetched(0, [2, null]), "0/2@1"],
      [due(0, 0), "0/0@1"],
    ]),
    trace("the second of a lane waits", ["Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"], [2, "61"]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [failed(0, 1), ""],
      [due(0, 1), "0/1@1"],
      [settled(0, 1), "0/2@1"],
    ]),

    trace("a queued record settles: it does not run", ["Stray"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [settled(0, 1), ""],
      [settled(0, 0), "0/1@1"],
    ]),
    trace("settled twice", ["Stray"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"], [2, "61"]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [settled(0, 0), ""],
      [settled(0, 1), "0/2@1"],
    ]),
    trace("a record that nobody fetched settles", ["Stray"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [5, "61"]), "0/0@1"],
      [settled(0, 3), ""],
      [settled(0, 9), ""],
      [settled(0, 0), "0/5@1"],
    ]),
    trace("due while it runs", ["Stray", "Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [due(0, 0), ""],
      [failed(0, 0), ""],
      [due(0, 0), "0/0@1"],
      [due(0, 0), ""],
      [settled(0, 0), "0/1@1"],
    ]),
    trace("due while it is queued, and after it settled", ["Stray", "Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [due(0, 1), ""],
      [settled(0, 0), "0/1@1"],
      [due(0, 0), ""],
      [settled(0, 1), ""],
    ]),
    trace("failed twice", ["Stray", "Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [failed(0, 0), ""],
      [failed(0, 0), ""],
      [due(0, 0), "0/0@1"],
      [settled(0, 0), "0/1@1"],
    ]),
    trace("failed while it is queued", ["Stray", "Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [failed(0, 1), ""],
      [settled(0, 0), "0/1@1"],
    ]),
    trace("failed after it settled", ["Stray", "Retry"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [failed(0, 0), ""],
      [due(0, 0), ""],
      [settled(0, 1), ""],
    ]),
    trace("events of an epoch that has not begun", ["Stray", "Epoch"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [settled(0, 0, 2), ""],
      [failed(0, 0, 2), ""],
      [settled(0, 0, 1), "0/1@1"],
    ]),

    trace("a late settlement while nothing is assigned", ["Epoch"], ["SLC-ORD-009"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [revoked(0), ""],
      [settled(0, 0), ""],
    ]),
    trace(
      "the partition comes back after its handlers have ended",
      ["Epoch"],
      ["SLC-ORD-009", "SLC-GAT-007"],
      "key",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "61"], [2, "62"]), "0/0@1 0/2@1"],
        [revoked(0), ""],
        [settled(0, 0), ""],
        [settled(0, 2), ""],
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "61"], [2, "62"]), "0/0@2 0/2@2"],
        [settled(0, 0, 2), "0/1@2"],
      ],
    ),
    trace("queued records are forgotten", ["Epoch"], ["SLC-ORD-009"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"], [2, "61"]), "0/0@1"],
      [settled(0, 0), "0/1@1"],
      [revoked(0), ""],
      [settled(0, 1), ""],
      [assigned(0), ""],
      [fetched(0, [9, "61"]), "0/9@2"],
      [settled(0, 9, 2), ""],
    ]),
    trace("a waiting record is forgotten", ["Epoch", "Retry"], ["SLC-ORD-009"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [failed(0, 0), ""],
      [revoked(0), ""],
      [due(0, 0), ""],
      [assigned(0), ""],
      [due(0, 0, 1), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@2"],
      [due(0, 0, 1), ""],
      [due(0, 0, 2), ""],
      [settled(0, 0, 2), "0/1@2"],
    ]),
    trace(
      "another lane goes on while a handler of the earlier epoch runs",
      ["Epoch"],
      ["SLC-ORD-006", "SLC-ORD-008"],
      "key",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "62"]), "0/0@1 0/1@1"],
        [settled(0, 1), ""],
        [revoked(0), ""],
        [assigned(0), ""],
        [fetched(0, [1, "62"], [2, "62"]), "0/1@2"],
        [settled(0, 0, 1), ""],
        [settled(0, 1, 2), "0/2@2"],
        [fetched(0, [3, "61"]), "0/3@2"],
      ],
    ),
    trace(
      "a late settlement of an offset that runs again elsewhere",
      ["Epoch"],
      ["SLC-ORD-009", "SLC-GAT-007"],
      "key",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
        [revoked(0), ""],
        [settled(0, 0, 1), ""],
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "61"]), "0/0@2"],
        [settled(0, 0, 1), ""],
        [failed(0, 0, 1), ""],
        [settled(0, 0, 2), "0/1@2"],
      ],
    ),
    trace("a late failure is not tried again", ["Epoch", "Retry"], ["SLC-ORD-009"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1"],
      [revoked(0), ""],
      [failed(0, 0, 1), ""],
      [due(0, 0, 1), ""],
      [assigned(0), ""],
      [due(0, 0, 1), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@2"],
      [settled(0, 0, 2), "0/1@2"],
    ]),
    trace("four epochs", ["Epoch"], ["SLC-ORD-009", "SLC-GAT-007"], "key", [
      [assigned(0), ""],
      [fetched(0, [0, "61"]), "0/0@1"],
      [revoked(0), ""],
      [assigned(0), ""],
      [revoked(0), ""],
      [settled(0, 0, 1), ""],
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@3"],
      [settled(0, 0, 1), ""],
      [settled(0, 0, 2), ""],
      [revoked(0), ""],
      [settled(0, 0, 3), ""],
      [assigned(0), ""],
      [fetched(0, [1, "61"]), "0/1@4"],
    ]),
    trace(
      "ordering by partition, and it comes back",
      ["Epoch", "Ordering"],
      ["SLC-ORD-009"],
      "partition",
      [
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "62"]), "0/0@1"],
        [revoked(0), ""],
        [settled(0, 0), ""],
        [assigned(0), ""],
        [fetched(0, [0, "61"], [1, "62"]), "0/0@2"],
        [settled(0, 0, 1), ""],
        [settled(0, 0, 2), "0/1@2"],
      ],
    ),
    trace("no ordering, and it comes back", ["Epoch", "Ordering"], ["SLC-ORD-009"], "none", [
      [assigned(0), ""],
      [fetched(0, [0, "61"], [1, "61"]), "0/0@1 0/1@1"],
      [settled(0, 1), ""],
      [revoked(0), ""],
      [settled(0, 0), ""],
      [assigned(0), ""],
      [fetched(0, [1, "61"], [2, "61"]), "0/1@2 0/2@2"],
    ]),

    trace(
      "what begins is in the order of the numbers, not of the digits",
      ["BigOffset"],
      ["SLC-ORD-008"],
      "key",
      [
        [assigned(0), ""],
        [
          fetched(0, [9, "61"], [10, "62"], [100, "63"], [1_000_000_000_000, "64"]),
          "0/9@1 0/10@1 0/100@1 0/1000000000000@1",
        ],
      ],
    ),
    trace("the last offsets", ["BigOffset"], ORDER, "key", [
      [assigned(0), ""],
      [
        fetched(0, [Number.MAX_SAFE_INTEGER - 2, "61"], [Number.MAX_SAFE_INTEGER - 1, "61"]),
        "0/9007199254740989@1",
      ],
      [settled(0, Number.MAX_SAFE_INTEGER - 2), "0/9007199254740990@1"],
    ]),
    trace("offsets that are equal in their low 32 bits", ["BigOffset", "Stray"], ORDER, "key", [
      [assigned(0), ""],
      [fetched(0, [7, "61"], [4_294_967_303, "61"]), "0/7@1"],
      [settled(0, 4_294_967_303), ""],
      [settled(0, 7), "0/4294967303@1"],
    ]),
  ];
}

function long() {
  const count = 200;
  const offsets = Array.from({ length: count }, (_, i) => i);
  return [
    modelled("a lane of 200", ["Many", "SameKey"], ORDER, "key", [
      assigned(0),
      fetched(0, ...offsets.map((i) => record(i, "61"))),
      ...offsets.map((i) => settled(0, i)),
    ]),
    modelled("200 lanes, in reverse", ["Many"], ["SLC-ORD-008"], "key", [
      assigned(0),
      fetched(0, ...offsets.map((i) => record(i, i.toString(16).padStart(4, "0")))),
      fetched(0, ...offsets.map((i) => record(count + i, i.toString(16).padStart(4, "0")))),
      ...offsets.toReversed().map((i) => settled(0, i)),
    ]),
    modelled("one lane waits while 200 others pass", ["Many", "Retry"], ["SLC-ORD-007"], "key", [
      assigned(0),
      fetched(0, [0, "61"], [1, "61"]),
      failed(0, 0),
      ...offsets.flatMap((i) => [fetched(0, record(2 + i, "62")), settled(0, 2 + i)]),
      due(0, 0),
      settled(0, 0),
    ]),
  ];
}

function generated() {
  return Array.from({ length: 30 }, (_, i) => {
    const random = new Random(1000 + i);
    const ordering = /** @type {Ordering} */ (["key", "key", "partition", "none"][i % 4]);
    return modelled(
      `random trace ${i + 1}`,
      ["Random"],
      [...ORDER, "SLC-ORD-008", "SLC-ORD-009"],
      ordering,
      randomEvents(random, ordering),
    );
  });
}

const KEYS = ["61", "62", "6162", "", "00", null, null];

/**
 * @param {Random} random
 * @param {Ordering} ordering
 */
function randomEvents(random, ordering) {
  /** @type {LaneEvent[]} */
  const events = [];
  const partitions = [0, 1, 2].map((partition) => ({
    partition,
    epoch: 0,
    held: false,
    next: random.below(20),
    /** @type {Map<number, string | null>} the log: a record keeps its key when it is read again */
    log: new Map(),
    /** @type {Running} */
    running: new Map(),
  }));
  for (let i = 0; i < 70; i++) {
    const at = random.pick(partitions);
    const { partition } = at;
    const act = random.below(100);
    if (!at.held && act < 60) {
      at.epoch += 1;
      at.held = true;
      at.next = Math.max(0, at.next - random.below(6));
      events.push(assigned(partition));
    } else if (at.held && act < 30) {
      /** @type {[number, string | null][]} */
      const records = [];
      const zombies = new Set(
        [...at.running.values()].filter(({ epoch }) => epoch !== at.epoch).map(({ lane }) => lane),
      );
      for (let n = random.below(6); n > 0; n--) {
        const offset = at.next;
        const key = at.log.get(offset) ?? (at.log.has(offset) ? null : random.pick(KEYS));
        at.log.set(offset, key);
        // Appendix D.11: none of a lane in which a handler of an earlier epoch still runs.
        if (zombies.has(laneOf(ordering, partition, String(offset), key))) break;
        records.push([offset, key]);
        at.next += 1;
      }
      if (random.chance(10)) at.next += random.below(4);
      events.push(fetched(partition, ...records));
    } else if (at.held && act < 35) {
      at.held = false;
      events.push(revoked(partition));
    } else if (act < 90 && at.running.size > 0) {
      const { offset, epoch } = random.pick([...at.running.values()]);
      const type = random.chance(70) ? settled : failed;
      events.push(type(partition, offset, epoch));
    } else if (at.epoch > 0) {
      const type = random.pick([due, due, due, settled, failed]);
      events.push(type(partition, Math.max(0, at.next - 1 - random.below(5)), at.epoch));
    } else {
      continue;
    }
    follow(at, events, ordering);
  }
  return events;
}

/**
 * Which handlers run after the last event. One of an earlier epoch runs until its own event comes.
 * @param {{ partition: number, log: Map<number, string | null>, running: Running }} at
 * @param {LaneEvent[]} events
 * @param {Ordering} ordering
 */
function follow({ partition, log, running }, events, ordering) {
  const event = events.at(-1);
  if (event?.type === "settled" || event?.type === "failed") {
    running.delete(`${event.offset}@${event.epoch}`);
  }
  for (const [, offset, epoch] of laneSteps(ordering, events).at(-1) ?? []) {
    const lane = laneOf(ordering, partition, offset, log.get(Number(offset)) ?? null);
    running.set(`${offset}@${epoch}`, { offset: Number(offset), epoch, lane });
  }
}

/**
 * @param {string} comment
 * @param {string[]} flags
 * @param {string[]} requirements
 * @param {Ordering} ordering
 * @param {readonly (readonly [LaneEvent, string])[]} lines each event with what begins, by hand:
 *   partition/offset@epoch
 */
function trace(comment, flags, requirements, ordering, lines) {
  const events = lines.map(([event]) => event);
  const test = modelled(comment, flags, requirements, ordering, events);
  const written = lines.map(([, step]) => parse(step));
  deepStrictEqual(test.expect.steps, written, `lane_trace: ${comment}`);
  return test;
}

/**
 * @param {string} comment
 * @param {string[]} flags
 * @param {string[]} requirements
 * @param {Ordering} ordering
 * @param {LaneEvent[]} events
 * @returns {Test}
 */
function modelled(comment, flags, requirements, ordering, events) {
  const steps = laneSteps(ordering, events);
  return {
    comment,
    flags,
    requirements,
    input: { ordering, events },
    expect: { steps },
    result: "valid",
  };
}

/** @param {string} step */
function parse(step) {
  return [...step.matchAll(/(\d+)\/(\d+)@(\d+)/g)].map(([, partition, offset, epoch]) => [
    Number(partition),
    offset,
    Number(epoch),
  ]);
}

/** @param {string} text */
function hex(text) {
  return Buffer.from(text).toString("hex");
}

/**
 * @param {number} offset
 * @param {string | null} key
 * @returns {[number, string | null]}
 */
function record(offset, key) {
  return [offset, key];
}

/**
 * @param {number} partition
 * @returns {LaneEvent}
 */
function assigned(partition) {
  return { type: "assigned", partition };
}

/**
 * @param {number} partition
 * @returns {LaneEvent}
 */
function revoked(partition) {
  return { type: "revoked", partition };
}

/**
 * @param {number} partition
 * @param {...[number, string | null]} records
 * @returns {LaneEvent}
 */
function fetched(partition, ...records) {
  return {
    type: "fetched",
    partition,
    records: records.map(([offset, key]) => [String(offset), key]),
  };
}

/**
 * @param {number} partition
 * @param {number} offset
 * @param {number} epoch
 * @returns {LaneEvent}
 */
function settled(partition, offset, epoch = 1) {
  return { type: "settled", partition, offset: String(offset), epoch };
}

/**
 * @param {number} partition
 * @param {number} offset
 * @param {number} epoch
 * @returns {LaneEvent}
 */
function failed(partition, offset, epoch = 1) {
  return { type: "failed", partition, offset: String(offset), epoch };
}

/**
 * @param {number} partition
 * @param {number} offset
 * @param {number} epoch
 * @returns {LaneEvent}
 */
function due(partition, offset, epoch = 1) {
  return { type: "due", partition, offset: String(offset), epoch };
}
