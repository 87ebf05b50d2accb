// @ts-check
import { deepStrictEqual } from "node:assert/strict";
import { gateSteps } from "./gate-model.mjs";
import { Random } from "./random.mjs";

/**
 * @typedef {import("./gate-model.mjs").GateEvent} GateEvent
 * @typedef {import("../vector-file.mjs").Test} Test
 */

const MAX_OFFSET = Number.MAX_SAFE_INTEGER;
const TERA = 1_000_000_000_000;

/** @returns {import("../vector-file.mjs").Draft} */
export function gateTrace() {
  return {
    algorithm: "SLUICE-GATE-1",
    header: ["After each event: the frontier, the position and what is settled between them."],
    notes: {
      Example: { bugType: "BASIC", description: "The example of the specification." },
      Order: { bugType: "BASIC", description: "Records settle in another order than they came." },
      Gap: { bugType: "EDGE_CASE", description: "Offsets without a record count as settled." },
      Stray: {
        bugType: "EDGE_CASE",
        description: "A settlement of a record that is not held, or was settled before.",
      },
      Epoch: {
        bugType: "FENCING",
        description: "The partition goes and comes back; what is late changes nothing.",
      },
      Window: {
        bugType: "EDGE_CASE",
        description:
          "Settled far above the frontier: more records, or offsets, than a small window holds.",
      },
      BigOffset: { bugType: "EDGE_CASE", description: "Offsets near 2^53 - 1, or far apart." },
      Random: { bugType: "BASIC", description: "From a seeded generator." },
    },
    testGroups: [
      {
        type: "GateTrace",
        source: "by hand; a model that keeps the set of unsettled offsets agrees",
        tests: byHand(),
      },
      {
        type: "GateTrace",
        source:
          "events of a seeded generator, steps of a model that keeps the set of unsettled offsets",
        tests: [...windows(), ...generated()],
      },
    ],
  };
}

function byHand() {
  return [
    trace(
      "the example of 6.2",
      ["Example", "Gap"],
      ["SLC-GAT-002", "SLC-GAT-003"],
      [
        [assigned(100), "100..100"],
        [fetched([100, 101, 102, 110], 111), "100..111 103-110"],
        [settled(101), "100..111 101-102 103-110"],
        [settled(100), "102..111 103-110"],
        [settled(102), "110..111"],
        [settled(110), "111..111"],
      ],
    ),
    trace(
      "in order",
      ["Order"],
      ["SLC-GAT-003"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(0), "1..3"],
        [settled(1), "2..3"],
        [settled(2), "3..3"],
      ],
    ),
    trace(
      "in reverse",
      ["Order"],
      ["SLC-GAT-003"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(2), "0..3 2-3"],
        [settled(1), "0..3 1-3"],
        [settled(0), "3..3"],
      ],
    ),
    trace(
      "ranges that meet become one",
      ["Order"],
      ["SLC-GAT-003"],
      [
        [assigned(10), "10..10"],
        [fetched([10, 11, 12, 13, 14, 15, 16], 17), "10..17"],
        [settled(11), "10..17 11-12"],
        [settled(13), "10..17 11-12 13-14"],
        [settled(15), "10..17 11-12 13-14 15-16"],
        [settled(14), "10..17 11-12 13-16"],
        [settled(12), "10..17 11-16"],
        [settled(16), "10..17 11-17"],
        [settled(10), "17..17"],
      ],
    ),
    trace(
      "fetched in three parts",
      ["Order"],
      ["SLC-GAT-003"],
      [
        [assigned(5), "5..5"],
        [fetched([5, 6], 7), "5..7"],
        [settled(6), "5..7 6-7"],
        [fetched([7], 8), "5..8 6-7"],
        [settled(7), "5..8 6-8"],
        [fetched([8, 9], 10), "5..10 6-8"],
        [settled(5), "8..10"],
        [settled(9), "8..10 9-10"],
        [settled(8), "10..10"],
      ],
    ),
    trace(
      "all settles, then more comes",
      ["Order"],
      ["SLC-GAT-003", "SLC-GAT-004"],
      [
        [assigned(5), "5..5"],
        [fetched([5], 6), "5..6"],
        [settled(5), "6..6"],
        [fetched([6, 7], 8), "6..8"],
        [settled(7), "6..8 7-8"],
        [settled(6), "8..8"],
      ],
    ),
    trace(
      "assigned, and nothing comes",
      ["Gap"],
      ["SLC-GAT-003"],
      [
        [assigned(42), "42..42"],
        [revoked, null],
      ],
    ),
    trace(
      "an empty fetch that moves nothing",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(42), "42..42"],
        [fetched([], 42), "42..42"],
        [fetched([42], 43), "42..43"],
        [fetched([], 43), "42..43"],
        [settled(42), "43..43"],
      ],
    ),
    trace(
      "only a marker of a transaction",
      ["Gap"],
      ["SLC-GAT-002", "SLC-GAT-004"],
      [
        [assigned(42), "42..42"],
        [fetched([], 43), "43..43"],
        [fetched([], 50), "50..50"],
      ],
    ),
    trace(
      "a marker after the last record",
      ["Gap"],
      ["SLC-GAT-002", "SLC-GAT-004"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1], 3), "0..3 2-3"],
        [settled(0), "1..3 2-3"],
        [settled(1), "3..3"],
      ],
    ),
    trace(
      "a marker that comes by itself while a record runs",
      ["Gap"],
      ["SLC-GAT-002", "SLC-GAT-004"],
      [
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [fetched([], 2), "0..2 1-2"],
        [fetched([], 3), "0..3 1-3"],
        [settled(0), "3..3"],
      ],
    ),
    trace(
      "a gap before the first record",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(100), "100..100"],
        [fetched([105], 106), "105..106"],
        [settled(105), "106..106"],
      ],
    ),
    trace(
      "a gap between two fetches",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [fetched([9], 10), "0..10 1-9"],
        [settled(9), "0..10 1-10"],
        [settled(0), "10..10"],
      ],
    ),
    trace(
      "a gap beside settled records makes one range",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1, 5, 6, 9], 12), "0..12 2-5 7-9 10-12"],
        [settled(1), "0..12 1-5 7-9 10-12"],
        [settled(6), "0..12 1-5 6-9 10-12"],
        [settled(9), "0..12 1-5 6-12"],
        [settled(5), "0..12 1-12"],
        [settled(0), "12..12"],
      ],
    ),
    trace(
      "every second offset is gone",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [fetched([1, 3, 5, 7], 9), "1..9 2-3 4-5 6-7 8-9"],
        [settled(5), "1..9 2-3 4-7 8-9"],
        [settled(1), "3..9 4-7 8-9"],
        [settled(3), "7..9 8-9"],
        [settled(7), "9..9"],
      ],
    ),
    trace(
      "the frontier goes over a gap when the record before it settles",
      ["Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 100, 200], 201), "0..201 1-100 101-200"],
        [settled(0), "100..201 101-200"],
        [settled(100), "200..201"],
        [settled(200), "201..201"],
      ],
    ),
    trace(
      "a gap of 10^12",
      ["Gap", "BigOffset"],
      ["SLC-GAT-002"],
      [
        [assigned(1), "1..1"],
        [fetched([1, TERA], TERA + 1), "1..1000000000001 2-1000000000000"],
        [settled(TERA), "1..1000000000001 2-1000000000001"],
        [settled(1), "1000000000001..1000000000001"],
      ],
    ),
    trace(
      "a trailing gap of 10^12",
      ["Gap", "BigOffset"],
      ["SLC-GAT-002", "SLC-GAT-004"],
      [
        [assigned(1), "1..1"],
        [fetched([1], TERA), "1..1000000000000 2-1000000000000"],
        [fetched([], 2 * TERA), "1..2000000000000 2-2000000000000"],
        [settled(1), "2000000000000..2000000000000"],
      ],
    ),
    trace(
      "three gaps of 10^12",
      ["Gap", "BigOffset"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [
          fetched([TERA, 2 * TERA, 3 * TERA], 4 * TERA),
          "1000000000000..4000000000000 1000000000001-2000000000000 2000000000001-3000000000000 3000000000001-4000000000000",
        ],
        [
          settled(2 * TERA),
          "1000000000000..4000000000000 1000000000001-3000000000000 3000000000001-4000000000000",
        ],
        [settled(TERA), "3000000000000..4000000000000 3000000000001-4000000000000"],
        [settled(3 * TERA), "4000000000000..4000000000000"],
      ],
    ),
    trace(
      "offsets above 2^31",
      ["BigOffset"],
      ["SLC-GAT-003"],
      [
        [assigned(2_147_483_646), "2147483646..2147483646"],
        [
          fetched([2_147_483_646, 2_147_483_647, 2_147_483_648], 2_147_483_649),
          "2147483646..2147483649",
        ],
        [settled(2_147_483_648), "2147483646..2147483649 2147483648-2147483649"],
        [settled(2_147_483_646), "2147483647..2147483649 2147483648-2147483649"],
        [settled(2_147_483_647), "2147483649..2147483649"],
      ],
    ),
    trace(
      "offsets that are equal in their low 32 bits",
      ["BigOffset", "Gap"],
      ["SLC-GAT-003"],
      [
        [assigned(7), "7..7"],
        [fetched([7, 4_294_967_303], 4_294_967_304), "7..4294967304 8-4294967303"],
        [settled(4_294_967_303), "7..4294967304 8-4294967304"],
        [settled(7), "4294967304..4294967304"],
      ],
    ),
    trace(
      "up to the last offset but one",
      ["BigOffset"],
      ["SLC-GAT-003"],
      [
        [assigned(MAX_OFFSET - 3), "9007199254740988..9007199254740988"],
        [
          fetched([MAX_OFFSET - 3, MAX_OFFSET - 2, MAX_OFFSET - 1], MAX_OFFSET),
          "9007199254740988..9007199254740991",
        ],
        [
          settled(MAX_OFFSET - 1),
          "9007199254740988..9007199254740991 9007199254740990-9007199254740991",
        ],
        [
          settled(MAX_OFFSET - 3),
          "9007199254740989..9007199254740991 9007199254740990-9007199254740991",
        ],
        [settled(MAX_OFFSET - 2), "9007199254740991..9007199254740991"],
      ],
    ),
    trace(
      "a gap over the whole range",
      ["BigOffset", "Gap"],
      ["SLC-GAT-002"],
      [
        [assigned(0), "0..0"],
        [fetched([0], MAX_OFFSET), "0..9007199254740991 1-9007199254740991"],
        [settled(0), "9007199254740991..9007199254740991"],
      ],
    ),

    trace(
      "settled twice",
      ["Stray"],
      ["SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(1), "0..3 1-2"],
        [settled(1), "0..3 1-2"],
        [settled(0), "2..3"],
        [settled(0), "2..3"],
        [settled(1), "2..3"],
        [settled(2), "3..3"],
        [settled(2), "3..3"],
      ],
    ),
    trace(
      "an offset in a gap settles",
      ["Stray", "Gap"],
      ["SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 5], 8), "0..8 1-5 6-8"],
        [settled(3), "0..8 1-5 6-8"],
        [settled(7), "0..8 1-5 6-8"],
        [settled(0), "5..8 6-8"],
      ],
    ),
    trace(
      "an offset at and above the position settles",
      ["Stray"],
      ["SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1], 2), "0..2"],
        [settled(2), "0..2"],
        [settled(1000), "0..2"],
        [fetched([2, 3], 4), "0..4"],
        [settled(0), "1..4"],
        [settled(1), "2..4"],
      ],
    ),
    trace(
      "an offset below the first position settles",
      ["Stray"],
      ["SLC-GAT-014"],
      [
        [assigned(10), "10..10"],
        [settled(9), "10..10"],
        [fetched([10], 11), "10..11"],
        [settled(9), "10..11"],
        [settled(0), "10..11"],
        [settled(10), "11..11"],
        [settled(9), "11..11"],
      ],
    ),
    trace(
      "settled before it is fetched",
      ["Stray"],
      ["SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [settled(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [settled(0), "1..1"],
      ],
    ),
    trace(
      "settled while nothing is assigned",
      ["Stray", "Epoch"],
      ["SLC-GAT-014"],
      [
        [settled(0), null],
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [revoked, null],
        [settled(0), null],
      ],
    ),
    trace(
      "settled in an epoch that has not begun",
      ["Stray", "Epoch"],
      ["SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1], 2), "0..2"],
        [settled(0, 2), "0..2"],
        [revoked, null],
        [assigned(0), "0..0"],
        [fetched([0, 1], 2), "0..2"],
        [settled(1, 2), "0..2 1-2"],
      ],
    ),
    trace(
      "a late settlement after the partition came back",
      ["Epoch"],
      ["SLC-GAT-007", "SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(1), "0..3 1-2"],
        [revoked, null],
        [assigned(0), "0..0"],
        [settled(0, 1), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(0, 1), "0..3"],
        [settled(2, 1), "0..3"],
        [settled(0, 2), "1..3"],
        [settled(2, 2), "1..3 2-3"],
        [settled(1, 2), "3..3"],
      ],
    ),
    trace(
      "what was settled above the frontier is fetched again",
      ["Epoch"],
      ["SLC-GAT-007"],
      [
        [assigned(50), "50..50"],
        [fetched([50, 51, 52], 53), "50..53"],
        [settled(51), "50..53 51-52"],
        [settled(52), "50..53 51-53"],
        [revoked, null],
        [assigned(50), "50..50"],
        [fetched([50, 51, 52], 53), "50..53"],
      ],
    ),
    trace(
      "somebody else went on in between",
      ["Epoch"],
      ["SLC-GAT-007"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 1], 2), "0..2"],
        [revoked, null],
        [assigned(10), "10..10"],
        [settled(0, 1), "10..10"],
        [fetched([10, 11], 12), "10..12"],
        [settled(1, 1), "10..12"],
        [settled(11, 2), "10..12 11-12"],
        [settled(10, 2), "12..12"],
      ],
    ),
    trace(
      "it comes back at a lower position",
      ["Epoch"],
      ["SLC-GAT-007"],
      [
        [assigned(10), "10..10"],
        [fetched([10, 11], 12), "10..12"],
        [settled(10), "11..12"],
        [revoked, null],
        [assigned(5), "5..5"],
        [fetched([5, 6, 7], 8), "5..8"],
        [settled(11, 1), "5..8"],
        [settled(6, 2), "5..8 6-7"],
      ],
    ),
    trace(
      "five epochs",
      ["Epoch"],
      ["SLC-GAT-007", "SLC-GAT-014"],
      [
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [revoked, null],
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [revoked, null],
        [assigned(0), "0..0"],
        [revoked, null],
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [settled(0, 1), "0..1"],
        [settled(0, 2), "0..1"],
        [settled(0, 3), "0..1"],
        [revoked, null],
        [assigned(0), "0..0"],
        [fetched([0], 1), "0..1"],
        [settled(0, 4), "0..1"],
        [settled(0, 5), "1..1"],
      ],
    ),
    trace(
      "a gap does not outlive its epoch",
      ["Epoch", "Gap"],
      ["SLC-GAT-002", "SLC-GAT-007"],
      [
        [assigned(0), "0..0"],
        [fetched([0, 9], 10), "0..10 1-9"],
        [revoked, null],
        [assigned(0), "0..0"],
        [fetched([0, 1, 2], 3), "0..3"],
        [settled(1, 2), "0..3 1-2"],
      ],
    ),
    trace(
      "revoked before anything was fetched",
      ["Epoch"],
      ["SLC-GAT-007"],
      [
        [assigned(7), "7..7"],
        [revoked, null],
        [assigned(7), "7..7"],
        [fetched([7], 8), "7..8"],
        [settled(7, 1), "7..8"],
        [settled(7, 2), "8..8"],
      ],
    ),
    trace(
      "the last settlement comes just before the revocation",
      ["Epoch"],
      ["SLC-GAT-003"],
      [
        [assigned(7), "7..7"],
        [fetched([7, 8], 9), "7..9"],
        [settled(8), "7..9 8-9"],
        [settled(7), "9..9"],
        [revoked, null],
        [assigned(9), "9..9"],
        [settled(8, 1), "9..9"],
      ],
    ),
  ];
}

/** More records, or a wider range, between the frontier and what settles than a small window holds. */
function windows() {
  const tests = [];
  for (const count of [63, 64, 65, 2047, 2048, 2049, 2500]) {
    const last = count - 1;
    const middle = Math.floor(count / 2);
    tests.push(
      modelled(
        `${count} records, the last one first`,
        ["Window", "Order"],
        ["SLC-GAT-003"],
        [
          assigned(0),
          fetched(sequence(0, count), count),
          settled(last),
          settled(middle),
          settled(middle + 1),
          settled(1),
          settled(0),
          settled(2),
          settled(last),
        ],
      ),
    );
  }
  for (const step of [65, 2049, TERA]) {
    const offsets = sequence(0, 40).map((i) => 3 + i * step);
    const end = 3 + 40 * step;
    const events = [assigned(3), fetched(offsets, end)];
    for (const offset of offsets.toReversed()) events.push(settled(offset));
    tests.push(
      modelled(`40 records, ${step} apart, in reverse`, ["Window", "Gap"], ["SLC-GAT-002"], events),
    );
  }
  const reverse = sequence(0, 130).toReversed();
  tests.push(
    modelled(
      "130 records in reverse",
      ["Window", "Order"],
      ["SLC-GAT-003"],
      [
        assigned(1000),
        fetched(sequence(1000, 130), 1130),
        ...reverse.map((i) => settled(1000 + i)),
      ],
    ),
    modelled(
      "70 records, the even ones first",
      ["Window", "Order"],
      ["SLC-GAT-003"],
      [
        assigned(0),
        fetched(sequence(0, 70), 70),
        ...sequence(0, 35).map((i) => settled(2 * i)),
        ...sequence(0, 35).map((i) => settled(2 * i + 1)),
      ],
    ),
    modelled(
      "a hole that stays while 2400 records pass",
      ["Window", "Order"],
      ["SLC-GAT-003"],
      [
        assigned(0),
        fetched([0], 1),
        ...sequence(0, 30).flatMap((i) => [
          fetched(sequence(1 + 80 * i, 80), 81 + 80 * i),
          settled(1 + 80 * i),
        ]),
        settled(0),
      ],
    ),
  );
  return tests;
}

function generated() {
  return sequence(1, 30).map((seed) => {
    const random = new Random(seed);
    const step = seed % 5 === 0 ? TERA : seed % 3 === 0 ? 50 : 2;
    return modelled(
      `random trace ${seed}`,
      ["Random"],
      ["SLC-GAT-002", "SLC-GAT-003", "SLC-GAT-007", "SLC-GAT-014"],
      randomEvents(random, step),
    );
  });
}

/**
 * @param {Random} random
 * @param {number} step the widest gap
 */
function randomEvents(random, step) {
  /** @type {GateEvent[]} */
  const events = [];
  let epoch = 1;
  let position = random.below(1000);
  /** @type {{ offset: number, epoch: number }[]} */
  let known = [];
  let committed = position;
  let assignedNow = true;
  events.push(assigned(position));
  for (let i = 0; i < 60; i++) {
    const act = random.below(100);
    if (!assignedNow) {
      if (known.length > 0 && random.chance(40)) {
        const late = random.pick(known);
        events.push(settled(late.offset, late.epoch));
        continue;
      }
      epoch += 1;
      position = committed;
      events.push(assigned(position));
      assignedNow = true;
    } else if (act < 30) {
      const offsets = [];
      for (let n = random.below(8); n > 0; n--) {
        if (random.chance(30)) position += random.below(step);
        offsets.push(position);
        known.push({ offset: position, epoch });
        position += 1;
      }
      if (random.chance(20)) position += 1 + random.below(step);
      events.push(fetched(offsets, position));
    } else if (act < 95 && known.length > 0) {
      // Of what was once fetched, also in earlier epochs and also what is settled.
      const { offset, epoch: of } = random.pick(known);
      const stray = random.chance(5);
      events.push(settled(stray ? offset + 1 + random.below(3) : offset, of));
      if (!stray && random.chance(70))
        known = known.filter((one) => one.offset !== offset || one.epoch !== of);
    } else {
      committed = Number(gateSteps(events).at(-1)?.frontier);
      events.push(revoked);
      assignedNow = false;
    }
  }
  return events;
}

/**
 * @param {string} comment
 * @param {string[]} flags
 * @param {string[]} requirements
 * @param {readonly (readonly [GateEvent, string | null])[]} lines each event with the step by hand:
 *   frontier..position and the ranges
 */
function trace(comment, flags, requirements, lines) {
  const test = modelled(
    comment,
    flags,
    requirements,
    lines.map(([event]) => event),
  );
  const written = lines.map(([, step]) => (step === null ? null : parse(step)));
  deepStrictEqual(test.expect.steps, written, `gate_trace: ${comment}`);
  return test;
}

/**
 * @param {string} comment
 * @param {string[]} flags
 * @param {string[]} requirements
 * @param {GateEvent[]} events
 * @returns {Test}
 */
function modelled(comment, flags, requirements, events) {
  const steps = gateSteps(events);
  return { comment, flags, requirements, input: { events }, expect: { steps }, result: "valid" };
}

/** @param {string} step */
function parse(step) {
  const [border = "", ...ranges] = step.split(" ");
  const [frontier, position] = border.split("..");
  return { frontier, position, settled: ranges.map((range) => range.split("-")) };
}

/**
 * @param {number} from
 * @param {number} count
 */
function sequence(from, count) {
  return Array.from({ length: count }, (_, i) => from + i);
}

/**
 * @param {number} position
 * @returns {GateEvent}
 */
function assigned(position) {
  return { type: "assigned", position: String(position) };
}

/**
 * @param {number[]} offsets
 * @param {number} position
 * @returns {GateEvent}
 */
function fetched(offsets, position) {
  return { type: "fetched", offsets: offsets.map(String), position: String(position) };
}

/**
 * @param {number} offset
 * @param {number} epoch
 * @returns {GateEvent}
 */
function settled(offset, epoch = 1) {
  return { type: "settled", offset: String(offset), epoch };
}

/** @type {GateEvent} */
const revoked = { type: "revoked" };
