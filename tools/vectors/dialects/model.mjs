// @ts-check
// Section 11 in the plainest words, but for the dialect `sluice`: its entry comes from whoever asks.
import { DIALECTS } from "./tables.mjs";

/**
 * @typedef {{ topic: string, partition: number | null, offset: string | null, timestamp: string | null }} Origin
 * @typedef {object} Entry
 * @property {string} dialect
 * @property {Origin | null} origin
 * @property {number} hops
 * @property {string | null} group
 * @property {number | null} retryCount
 * @property {string | null} reason
 * @property {Record<string, string | null>} error
 *
 * @typedef {object} Input
 * @property {string} topic
 * @property {number} partition
 * @property {string} offset
 * @property {string} timestamp
 * @property {(readonly [name: string, value: string | null])[]} headers
 * @property {boolean} valueNull
 * @property {Record<string, string>} springNames
 *
 * @typedef {object} Sluice what section 3 says of the record, when it has a `sluice-spec`
 * @property {Entry} entry
 * @property {string[]} anomalies
 * @property {boolean} valueDropped
 */

/**
 * @param {Input} input
 * @param {Sluice | null} sluice
 */
export function readDeadLetter(input, sluice) {
  const headers = input.headers.map(([name, value]) => ({
    name: Buffer.from(name, "hex").toString(),
    value: value === null ? null : Buffer.from(value, "hex"),
  }));
  /** @param {string} name */
  const all = (name) => headers.filter((header) => header.name === name);
  /** @param {string} name */
  const occurs = (name) => all(name).length > 0;

  const anomalies = new Set(sluice?.anomalies);
  const dialects = sluice === null ? [] : [sluice.entry];
  for (const dialect of DIALECTS) {
    if (!detected(dialect.name, occurs, input.springNames)) continue;
    const entry = emptyEntry(dialect.name);
    /** @type {Record<string, string | number | null>} */
    const origin = { topic: null, partition: null, offset: null, timestamp: null };
    for (const [field, header, form] of dialect.rows) {
      const name = nameInUse(dialect.name, header, occurs, input.springNames);
      const isOrigin = field.startsWith("origin.");
      const occurrence = dialect[isOrigin ? "origin" : "others"];
      const value = all(name).at(occurrence === "first" ? 0 : -1)?.value ?? null;
      const read = value === null ? null : form(value);
      if (read === undefined) anomalies.add(`malformed:${name}`);
      if (field === "origin.topic") entry.hops = all(name).length;
      put(
        isOrigin ? origin : entry,
        isOrigin ? field.slice("origin.".length) : field,
        read ?? null,
      );
    }
    if (origin.topic !== null) entry.origin = /** @type {Origin} */ (origin);
    dialects.push(entry);
  }

  const { topic, partition, offset } = input;
  const own = {
    topic,
    partition,
    offset,
    timestamp: input.timestamp === "-1" ? null : input.timestamp,
  };
  if (dialects.length === 0) dialects.push({ ...emptyEntry("plain"), origin: own });
  const told = dialects.find(
    ({ origin }) => origin !== null && origin.partition !== null && origin.offset !== null,
  );
  return {
    dialects,
    origin: told?.origin ?? own,
    payload: payload(input.valueNull, sluice?.valueDropped ?? false, occurs("__dlq.errors.topic")),
    anomalies: [...anomalies].toSorted(),
  };
}

/**
 * @param {string} dialect
 * @returns {Entry}
 */
export function emptyEntry(dialect) {
  const error = {
    kind: null,
    class: null,
    code: null,
    message: null,
    stack: null,
    stage: null,
    causeClass: null,
    causeMessage: null,
  };
  return { dialect, origin: null, hops: 0, group: null, retryCount: null, reason: null, error };
}

/**
 * @param {string} dialect
 * @param {(name: string) => boolean} occurs
 * @param {Record<string, string>} springNames
 */
function detected(dialect, occurs, springNames) {
  const topic = "kafka_dlt-original-topic";
  switch (dialect) {
    case "kip1191":
      return occurs("__dlq.errors.topic");
    case "connect":
      return occurs("__connect.errors.topic") || occurs("__connect.errors.stage");
    case "streams":
      return occurs("__streams.errors.topic");
    case "spring":
      return occurs(nameInUse(dialect, topic, occurs, springNames));
    case "scs":
      return occurs("x-original-topic");
    case "smallrye":
      return occurs("dead-letter-topic") || occurs("delayed-retry-topic");
    case "karafka":
      return occurs("source_topic") && occurs("source_offset");
    default:
      throw new Error(`no dialect ${dialect}`);
  }
}

/**
 * @param {string} dialect
 * @param {string} header as in the table
 * @param {(name: string) => boolean} occurs
 * @param {Record<string, string>} springNames
 */
function nameInUse(dialect, header, occurs, springNames) {
  if (dialect === "spring") {
    const renamed = springNames[header];
    if (renamed !== undefined) return renamed;
    const older = header.replace("kafka_dlt-", "kafka_");
    return occurs(header) || !occurs(older) ? header : older;
  }
  if (dialect === "smallrye" && !occurs("dead-letter-topic")) {
    return header.replace(/^dead-letter-/, "delayed-retry-");
  }
  return header;
}

/**
 * @param {boolean} isNull
 * @param {boolean} dropped
 * @param {boolean} shareGroup
 */
function payload(isNull, dropped, shareGroup) {
  if (!isNull) return "present";
  if (dropped) return "dropped";
  return shareGroup ? "unknown" : "null";
}

/**
 * @param {object} target
 * @param {string} path
 * @param {unknown} value
 */
export function put(target, path, value) {
  const [first = "", ...rest] = path.split(".");
  const fields = /** @type {Record<string, any>} */ (target);
  if (rest.length > 0) put(fields[first], rest.join("."), value);
  else fields[first] = value;
}
