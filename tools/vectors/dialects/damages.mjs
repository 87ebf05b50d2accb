// @ts-check
// What is done to each header of a foreign dialect, by hand: the values that it must not have.

/** @typedef {readonly (readonly [how: string, value: string | Uint8Array])[]} Malformed */

/** @param {string} hexadecimal */
const bytes = (hexadecimal) => Buffer.from(hexadecimal, "hex");

/** @type {Malformed} */
const ANY_TEXT = [["not UTF-8", bytes("6ec328")]];
/** @type {Malformed} */
const TEXT = [
  ["empty", ""],
  ["a surrogate", bytes("eda080")],
];
/** @type {Malformed} */
const PARTITION = [
  ["above the greatest", "2147483647"],
  ["negative", "-1"],
  ["with a leading zero", "03"],
];
/** @type {Malformed} */
const OFFSET = [
  ["2^53", "9007199254740992"],
  ["no number", "0x2a"],
  ["empty", ""],
];
/** @type {Malformed} */
const OFFSET_2 = [
  ["20 digits", "18446744073709551658"],
  ["with a space", " 42"],
  ["with a fraction", "42.0"],
];
/** @type {Malformed} */
const LESS_ONE = [
  ["0", "0"],
  ["2^31", "2147483648"],
  ["with a sign", "+5"],
];
/** @type {Malformed} */
const INT32 = [
  ["of 3 bytes", bytes("000003")],
  ["of 5 bytes", bytes("0000000003")],
  ["a digit", "3"],
  ["negative", bytes("ffffffff")],
  ["above the greatest", bytes("7fffffff")],
  ["empty", ""],
];
/** @type {Malformed} */
const INT64 = [
  ["of 4 bytes", bytes("0000002a")],
  ["of 7 bytes", bytes("0000000000002a")],
  ["of 9 bytes", bytes("00000000000000002a")],
  ["negative", bytes("ffffffffffffffff")],
  ["2^53", bytes("0020000000000000")],
  ["2^63 - 1", bytes("7fffffffffffffff")],
];
/** @type {Malformed} */
const TIMESTAMP = [
  ["-1, which is none", bytes("ffffffffffffffff")],
  ["digits", "1700000000000"],
];
/** @type {Malformed} */
const ATTEMPTS = [
  ["0 in 4 bytes", bytes("00000000")],
  ["0 in 1 byte", bytes("00")],
  ["negative", bytes("ffffffff")],
  ["of 2 bytes", bytes("0005")],
  ["of 8 bytes", bytes("0000000000000005")],
  ["empty", ""],
];
/** @type {Malformed} */
const SCS_PARTITION = [
  ["4 bytes that are negative", bytes("ffffffff")],
  ["4 bytes above the greatest", bytes("7fffffff")],
  ["8 bytes of a long", bytes("0000000000000003")],
  ["empty", ""],
];
/** @type {Malformed} */
const SCS_LONG = [
  ["8 bytes that are negative", bytes("ffffffffffffffff")],
  ["8 bytes above the greatest", bytes("0020000000000000")],
  ["4 bytes of an int", bytes("0000002a")],
];

/** @type {Record<string, readonly (readonly [field: string, header: string, malformed: Malformed])[]>} */
const FIELDS = {
  kip1191: [
    ["origin.topic", "__dlq.errors.topic", TEXT],
    ["origin.partition", "__dlq.errors.partition", PARTITION],
    ["origin.offset", "__dlq.errors.offset", OFFSET],
    ["group", "__dlq.errors.group", TEXT],
    ["retryCount", "__dlq.errors.delivery.count", LESS_ONE],
    ["error.message", "__dlq.errors.message", ANY_TEXT],
  ],
  connect: [
    ["origin.topic", "__connect.errors.topic", TEXT],
    ["origin.partition", "__connect.errors.partition", PARTITION],
    ["origin.offset", "__connect.errors.offset", OFFSET_2],
    ["error.stage", "__connect.errors.stage", TEXT],
    ["error.class", "__connect.errors.exception.class.name", TEXT],
    ["error.message", "__connect.errors.exception.message", ANY_TEXT],
    ["error.stack", "__connect.errors.exception.stacktrace", ANY_TEXT],
  ],
  streams: [
    ["origin.topic", "__streams.errors.topic", TEXT],
    ["origin.partition", "__streams.errors.partition", PARTITION],
    ["origin.offset", "__streams.errors.offset", OFFSET],
    ["error.class", "__streams.errors.exception", TEXT],
    ["error.message", "__streams.errors.message", ANY_TEXT],
    ["error.stack", "__streams.errors.stacktrace", ANY_TEXT],
  ],
  spring: [
    ["origin.topic", "kafka_dlt-original-topic", TEXT],
    ["origin.partition", "kafka_dlt-original-partition", INT32],
    ["origin.offset", "kafka_dlt-original-offset", INT64],
    ["origin.timestamp", "kafka_dlt-original-timestamp", TIMESTAMP],
    ["group", "kafka_dlt-original-consumer-group", TEXT],
    ["retryCount", "retry_topic-attempts", ATTEMPTS],
    ["error.class", "kafka_dlt-exception-fqcn", TEXT],
    ["error.message", "kafka_dlt-exception-message", ANY_TEXT],
    ["error.stack", "kafka_dlt-exception-stacktrace", ANY_TEXT],
    ["error.causeClass", "kafka_dlt-exception-cause-fqcn", TEXT],
  ],
  scs: [
    ["origin.topic", "x-original-topic", TEXT],
    ["origin.partition", "x-original-partition", SCS_PARTITION],
    ["origin.offset", "x-original-offset", SCS_LONG],
    ["origin.timestamp", "x-original-timestamp", [["no number", "yesterday"]]],
    ["error.class", "x-exception-fqcn", TEXT],
    ["error.message", "x-exception-message", ANY_TEXT],
    ["error.stack", "x-exception-stacktrace", ANY_TEXT],
  ],
  smallrye: [
    ["origin.topic", "dead-letter-topic", TEXT],
    ["origin.partition", "dead-letter-partition", PARTITION],
    ["origin.offset", "dead-letter-offset", OFFSET_2],
    [
      "retryCount",
      "delayed-retry-count",
      [
        ["2^31", "2147483648"],
        ["negative", "-1"],
      ],
    ],
    ["error.class", "dead-letter-exception-class-name", TEXT],
    ["error.message", "dead-letter-reason", ANY_TEXT],
    ["error.causeClass", "dead-letter-cause-class-name", TEXT],
    ["error.causeMessage", "dead-letter-cause", ANY_TEXT],
  ],
  karafka: [
    ["origin.topic", "source_topic", TEXT],
    ["origin.partition", "source_partition", PARTITION],
    ["origin.offset", "source_offset", OFFSET],
    ["group", "source_consumer_group", TEXT],
    ["retryCount", "source_attempts", LESS_ONE],
  ],
};

/**
 * Every field that a dialect tells, the header that tells it, and values that are malformed there.
 * @param {string} dialect
 */
export function damages(dialect) {
  return (FIELDS[dialect] ?? []).map(([field, header, malformed]) => ({
    field,
    header,
    malformed,
  }));
}
