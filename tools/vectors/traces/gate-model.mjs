// @ts-check
// Section 6.1 and 6.2 in the plainest words: the set of offsets that are fetched and not settled.
// All else below the position is settled, be it done or a gap.

/**
 * @typedef {{ type: "assigned", position: string }
 *   | { type: "fetched", offsets: string[], position: string }
 *   | { type: "settled", offset: string, epoch: number }
 *   | { type: "revoked" }} GateEvent
 * @typedef {{ frontier: string, position: string, settled: [string, string][] } | null} GateStep
 */

/**
 * @param {readonly GateEvent[]} events
 * @returns {GateStep[]}
 */
export function gateSteps(events) {
  let epoch = 0;
  /** @type {{ position: bigint, unsettled: Set<bigint> } | null} */
  let held = null;
  return events.map((event) => {
    switch (event.type) {
      case "assigned":
        epoch += 1;
        held = { position: BigInt(event.position), unsettled: new Set() };
        break;
      case "fetched":
        if (held === null) throw new Error("fetched without an assignment");
        for (const offset of event.offsets) held.unsettled.add(BigInt(offset));
        held.position = BigInt(event.position);
        break;
      case "settled":
        if (event.epoch === epoch) held?.unsettled.delete(BigInt(event.offset));
        break;
      case "revoked":
        held = null;
    }
    return held === null ? null : step(held);
  });
}

/** @param {{ position: bigint, unsettled: Set<bigint> }} held */
function step({ position, unsettled }) {
  const open = [...unsettled].toSorted((a, b) => (a < b ? -1 : 1));
  const frontier = open[0] ?? position;
  /** @type {[string, string][]} */
  const settled = [];
  // Between an unsettled offset and the next one, or the position, all is settled.
  open.forEach((offset, i) => {
    const end = open[i + 1] ?? position;
    if (end > offset + 1n) settled.push([String(offset + 1n), String(end)]);
  });
  return { frontier: String(frontier), position: String(position), settled };
}
