// @ts-check
// Section 9.1 in the plainest words: a list of the records that are not settled, in which the first
// of every lane begins when none of its lane runs or waits.

/**
 * @typedef {"key" | "partition" | "none"} Ordering
 * @typedef {{ type: "assigned", partition: number }
 *   | { type: "revoked", partition: number }
 *   | { type: "fetched", partition: number, records: [string, string | null][] }
 *   | { type: "settled" | "failed" | "due", partition: number, offset: string, epoch: number }} LaneEvent
 * @typedef {[partition: number, offset: string, epoch: number]} Begun
 */

/**
 * @param {Ordering} ordering
 * @param {readonly LaneEvent[]} events
 * @returns {Begun[][]}
 */
export function laneSteps(ordering, events) {
  /** @type {Map<number, number>} how often each partition was assigned */
  const epochs = new Map();
  /** @type {{ partition: number, offset: string, lane: string, state: "queued" | "running" | "waiting" }[]} */
  let records = [];

  return events.map((event) => {
    const { partition } = event;
    const epoch = epochs.get(partition) ?? 0;
    if (event.type === "assigned") {
      epochs.set(partition, epoch + 1);
      return [];
    }
    if (event.type === "revoked") {
      records = records.filter((record) => record.partition !== partition);
      return [];
    }
    if (event.type === "fetched") {
      for (const [offset, key] of event.records) {
        const lane = laneOf(ordering, partition, offset, key);
        records.push({ partition, offset, lane, state: "queued" });
      }
      return begin(partition, epoch);
    }
    const record = records.find(
      (one) => one.partition === partition && one.offset === event.offset,
    );
    const due = event.type === "due";
    if (event.epoch !== epoch || record?.state !== (due ? "waiting" : "running")) return [];
    if (due) {
      record.state = "running";
      return [[partition, record.offset, epoch]];
    }
    if (event.type === "failed") {
      record.state = "waiting";
      return [];
    }
    records = records.filter((one) => one !== record);
    return begin(partition, epoch);
  });

  /**
   * Only the lanes of one partition can have changed: a lane is never of two.
   * @param {number} partition
   * @param {number} epoch
   * @returns {Begun[]}
   */
  function begin(partition, epoch) {
    const held = records.filter((record) => record.partition === partition);
    const first = held.filter(
      (record) =>
        held.find(({ lane }) => lane === record.lane) === record && record.state === "queued",
    );
    for (const record of first) record.state = "running";
    return first.map(({ offset }) => [partition, offset, epoch]);
  }
}

/**
 * @param {Ordering} ordering
 * @param {number} partition
 * @param {string} offset
 * @param {string | null} key
 * @returns {string}
 */
export function laneOf(ordering, partition, offset, key) {
  if (ordering === "partition") return `${partition}`;
  return ordering === "none" || key === null
    ? `${partition} at ${offset}`
    : `${partition} of ${key}`;
}
