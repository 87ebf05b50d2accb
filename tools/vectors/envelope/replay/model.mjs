// @ts-check
// Section 10, transcribed, with the partitioners of section 8.
import { crc32 } from "node:zlib";
import { counter, integer, lastValue, origin, tokenList } from "../form.mjs";

/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../move/model.mjs").Source} Source */
/** @typedef {import("../move/model.mjs").Written} Written */
/** @typedef {"murmur2" | "crc32" | "fnv1a-abs" | "fnv1a-mask"} Partitioner */
/**
 * @typedef {{
 *   record: Source, replayId: string, now: string, maxReplays: number,
 *   destination: string | null,
 *   destinations: readonly { topic: string, partitions: number, partitioner: Partitioner }[],
 * }} Input
 */

const REMOVED = [
  "sluice-group",
  "sluice-retry-count",
  "sluice-retry-at",
  "sluice-retry-policy",
  "sluice-failed-at",
  "sluice-error-kind",
  "sluice-error-class",
  "sluice-error-code",
  "sluice-error-message",
  "sluice-error-stack",
  "sluice-dlq-reason",
];

/**
 * @param {Input} input
 * @returns {{ record: Written } | { refused: string }}
 */
export function replayed({ record, replayId, now, maxReplays, destination, destinations }) {
  const { headers } = record;
  const from = origin(headers);
  const version = lastValue(headers, "sluice-spec");
  const replays = counter(headers, "sluice-replay-count", 2_147_483_647n);
  const hops = counter(headers, "sluice-hops", 64n);
  const topic = destination ?? from?.topic;
  const target = destinations.find((listed) => listed.topic === topic);
  const truncated = tokenList(lastValue(headers, "sluice-truncated").text);

  if (version.there && version.text !== "1") return { refused: "unsupported-version" };
  if (topic === undefined) return { refused: "no-origin" };
  if (target === undefined) return { refused: "not-allowed" };
  if (truncated?.includes("value")) return { refused: "value-dropped" };
  // A malformed counter is at its greatest, and no limit is above that.
  if (replays >= BigInt(maxReplays)) return { refused: "replay-limit" };
  if (hops === 64n) return { refused: "hop-limit" };

  /** @type {Header[]} */
  const written = [
    ["sluice-spec", "1"],
    ["sluice-replay-id", replayId],
    ["sluice-replay-count", String(replays + 1n)],
    ["sluice-replayed-at", now],
    ["sluice-replayed-from", `${record.topic}/${record.partition}/${record.offset}`],
    ["sluice-hops", String(hops + 1n)],
  ];
  const gone = [...REMOVED, ...written.map(([name]) => name)];
  const count = integer(lastValue(headers, "sluice-origin-partition-count").text, 2_147_483_647n);
  const n = target.partitions;
  const place = from?.partition ?? record.partition;
  const partition = () => {
    const same = from !== null && topic === from.topic && count === BigInt(n);
    if (same && from.partition < n) return from.partition;
    return record.key === null ? place % n : hashed(Buffer.from(record.key), n, target.partitioner);
  };
  return {
    record: {
      topic: target.topic,
      partition: partition(),
      timestamp: now,
      key: record.key,
      value: record.value,
      headers: [...headers.filter(([name]) => !gone.includes(name)), ...written],
    },
  };
}

/** @param {Uint8Array} key @param {number} n @param {Partitioner} partitioner */
function hashed(key, n, partitioner) {
  if (partitioner === "murmur2") return (murmur2(key) & 0x7fff_ffff) % n;
  if (partitioner === "crc32") return crc32(key) % n;
  return partitioner === "fnv1a-mask" ? (fnv1a(key) & 0x7fff_ffff) % n : Math.abs(fnv1a(key) % n);
}

/** @param {Uint8Array} key */
function fnv1a(key) {
  return key.reduce((h, byte) => Math.imul(h ^ byte, 0x0100_0193), 0x811c_9dc5 | 0);
}

/** @param {Uint8Array} key */
function murmur2(key) {
  const m = 0x5bd1_e995;
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const whole = key.length - (key.length % 4);
  let h = 0x9747_b28c ^ key.length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(view.getInt32(i, true), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const [b0, b1 = 0, b2 = 0] = key.subarray(whole);
  if (b0 !== undefined) h = Math.imul(h ^ (b2 << 16) ^ (b1 << 8) ^ b0, m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
