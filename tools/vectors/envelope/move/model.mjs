// @ts-check
// Section 5, transcribed.
import { size } from "../bytes.mjs";
import { counter, history, integer, isToken, lastValue, origin, tokenList } from "../form.mjs";

/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */
/**
 * @typedef {{
 *   topic: string, partition: number, offset: string, timestamp: string,
 *   key: Value, value: Value, headers: readonly Header[],
 * }} Source
 * @typedef {{
 *   topic: string, partition: number, timestamp: string,
 *   key: Value, value: Value, headers: Header[],
 * }} Written
 * @typedef {{ kind: string, class: string | null, code: string | null, message: string, stack: string | null }} Failure
 * @typedef {{
 *   move: "retry" | "dead-letter",
 *   record: Source, trusted: boolean, group: string, attempts: number,
 *   error: Failure, writeStack: boolean,
 *   reason?: string | undefined, retryAt?: string, retryPolicy?: string | null,
 *   firstFailedAt: string, failedAt: string, now: string,
 *   cluster: string | null, partitionCount: number | null, leaderEpoch: number | null,
 *   target: { topic: string, partitions: number }, maxBytes: number,
 * }} Input
 */

const MOST_HOPS = 64n;
const RESERVED_PREFIXES = ["sluice-origin-", "sluice-retry-", "sluice-replay", "sluice-error-"];
const RESERVED = [
  "sluice-spec",
  "sluice-group",
  "sluice-first-failed-at",
  "sluice-failed-at",
  "sluice-history",
  "sluice-dlq-reason",
  "sluice-hops",
  "sluice-truncated",
];
/** Those that Appendix A calls replaced. */
const REPLACED = [
  "sluice-spec",
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
  "sluice-history",
  "sluice-dlq-reason",
  "sluice-hops",
];
const PARTS = ["stack", "history", "message", "headers", "value"];

/**
 * @param {Input} input
 * @param {(size: number) => void} [look] told the size before each decision of 5.4
 * @returns {{ record: Written } | { refused: string }}
 */
export function moved(input, look = () => {}) {
  const { record, trusted, error } = input;
  const before = trusted ? record.headers : record.headers.filter(([name]) => !reserved(name));
  const hops = counter(before, "sluice-hops", MOST_HOPS);
  if (input.move === "retry" && hops === MOST_HOPS) return { refused: "hop-limit" };

  const from = trusted ? origin(before) : null;
  const first = lastValue(before, "sluice-first-failed-at").text;
  const keepsFirst = trusted && integer(first) !== null;
  const kept = before.filter(
    ([name]) =>
      !REPLACED.includes(name) &&
      (from !== null || !name.startsWith("sluice-origin-")) &&
      (keepsFirst || name !== "sluice-first-failed-at"),
  );

  const kind = isToken(error.kind) ? error.kind : "unknown";
  const dead = input.move === "dead-letter";
  /** @type {(readonly [string, string | number | null | undefined | false])[]} */
  const own = [
    ["sluice-spec", "1"],
    ["sluice-group", cut(input.group, 1024)],
    ["sluice-retry-count", dead ? input.attempts - 1 : input.attempts],
    ["sluice-retry-at", !dead && input.retryAt],
    ["sluice-retry-policy", !dead && input.retryPolicy && cut(input.retryPolicy, 128)],
    ["sluice-origin-topic", from === null && record.topic],
    ["sluice-origin-partition", from === null && record.partition],
    ["sluice-origin-offset", from === null && record.offset],
    [
      "sluice-origin-timestamp",
      from === null && (record.timestamp === "-1" ? 0 : record.timestamp),
    ],
    ["sluice-origin-cluster", from === null && size(input.cluster ?? "") <= 256 && input.cluster],
    ["sluice-origin-partition-count", from === null && input.partitionCount],
    ["sluice-origin-leader-epoch", from === null && input.leaderEpoch],
    ["sluice-first-failed-at", !keepsFirst && input.firstFailedAt],
    ["sluice-failed-at", input.failedAt],
    ["sluice-error-kind", kind],
    ["sluice-error-class", error.class !== "" && bounded(error.class, 256)],
    ["sluice-error-code", error.code !== "" && bounded(error.code, 64)],
    ["sluice-error-message", bounded(error.message, 1024)],
    ["sluice-error-stack", input.writeStack && error.stack !== "" && bounded(error.stack, 8192)],
    [
      "sluice-history",
      grown(trusted ? lastValue(before, "sluice-history").text : null, input, kind),
    ],
    ["sluice-dlq-reason", dead && (isToken(input.reason ?? "") ? input.reason : "manual")],
    ["sluice-hops", String(hops < MOST_HOPS ? hops + 1n : MOST_HOPS)],
  ];
  /** @type {Header[]} */
  const written = own.flatMap(([name, value]) =>
    value === null || value === undefined || value === false
      ? []
      : [/** @type {Header} */ ([name, String(value)])],
  );
  return fit(
    {
      topic: input.target.topic,
      partition: (from?.partition ?? record.partition) % input.target.partitions,
      timestamp: input.now,
      key: record.key,
      value: record.value,
      headers: [...kept, ...written],
    },
    input,
    tokenList(lastValue(before, "sluice-truncated").text) ?? [],
    look,
  );
}

/** @param {string} name */
const reserved = (name) =>
  RESERVED.includes(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));

/**
 * @param {Written} full
 * @param {Input} input
 * @param {string[]} earlier
 * @param {(size: number) => void} look
 * @returns {{ record: Written } | { refused: string }}
 */
function fit(full, input, earlier, look) {
  let record = full;
  /** @type {string[]} */
  const dropped = [];
  const tooBig = () => {
    const bytes = sizeOf(record);
    look(bytes);
    return bytes > input.maxBytes;
  };
  const drop = (/** @type {string} */ part, /** @type {Partial<Written>} */ change) => {
    if (!dropped.includes(part)) dropped.push(part);
    const all = new Set([...earlier, ...dropped]);
    const listed = [
      ...PARTS.filter((known) => all.has(known)),
      ...[...all].filter((name) => !PARTS.includes(name)),
    ];
    record = { ...record, ...change };
    record.headers = [
      ...record.headers.filter(([name]) => name !== "sluice-truncated"),
      ["sluice-truncated", listed.join(",")],
    ];
  };
  const without = (/** @type {string} */ name) =>
    record.headers.filter(([other]) => other !== name);
  const value = (/** @type {string} */ name) => lastValue(record.headers, name).text;

  for (const [part, name] of /** @type {const} */ ([
    ["stack", "sluice-error-stack"],
    ["history", "sluice-history"],
  ])) {
    if (!tooBig()) return { record };
    if (value(name) !== null) drop(part, { headers: without(name) });
  }
  if (!tooBig()) return { record };
  const message = value("sluice-error-message") ?? "";
  if (size(message) > 256) {
    drop("message", {
      headers: record.headers.map(([name, old]) => [
        name,
        name === "sluice-error-message" ? cut(message, 256) : old,
      ]),
    });
  }
  for (const header of record.headers) {
    if (!tooBig()) return { record };
    if (droppable(header)) {
      drop("headers", { headers: record.headers.filter((other) => other !== header) });
    }
  }
  if (!tooBig()) return { record };
  if (input.move === "dead-letter" && record.value !== null) drop("value", { value: null });
  return tooBig() ? { refused: "too-large" } : { record };
}

/** @param {Header} header */
function droppable([name, value]) {
  const never = ["traceparent", "tracestate", "X-Trace-ID", "id", "content-type"];
  if (name.startsWith("sluice-") || name.startsWith("ce_") || never.includes(name)) return false;
  return size(name) + length(value) > 1024;
}

/** @param {Value} value */
const length = (value) => (value === null ? 0 : Buffer.from(value).length);

/** @param {Written} record */
export const sizeOf = ({ key, value, headers }) =>
  length(key) +
  length(value) +
  headers.reduce((sum, [name, bytes]) => sum + size(name) + length(bytes), 0);

/**
 * Replaced and cut, by 3.7. The control characters of SLC-SEC-002 are Unicode's category Cc, its
 * separators are the one character each of Zl and Zp.
 * @param {string | null} text
 * @param {number} limit
 */
const bounded = (text, limit) =>
  text === null ? null : cut(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " "), limit);

/** @param {string} text @param {number} limit */
function cut(text, limit) {
  if (size(text) <= limit) return text;
  let kept = "";
  for (const point of text) {
    if (size(kept + point) > limit - 3) break;
    kept += point;
  }
  return `${kept}…`;
}

/**
 * @param {string | null} old
 * @param {Input} input
 * @param {string} kind
 */
function grown(old, { attempts, failedAt, error }, kind) {
  const code = Array.from(error.code ?? "")
    .map((point) => (/^[ !#-[\]-~]$/.test(point) ? point : "_"))
    .slice(0, 64)
    .join("");
  const entry = `{"n":${attempts},"at":"${failedAt}","k":"${kind}"${code === "" ? "" : `,"c":"${code}"`}}`;
  const items = [...(history(old) ?? []), entry];
  const mark = items.findIndex((item) => item.startsWith('{"dropped"'));
  const entries = items.filter((_, i) => i !== mark);
  if (entries.length <= 10) return `[${items.join(",")}]`;
  const already = mark === -1 ? 0 : Number(/\d+/.exec(items[mark] ?? "")?.[0]);
  const all = Math.min(already + entries.length - 10, Number.MAX_SAFE_INTEGER);
  return `[${[entries[0], `{"dropped":${all}}`, ...entries.slice(-9)].join(",")}]`;
}
