// @ts-check
// Headers of other systems' dead letters (section 11), whole, damaged and mixed.
import fc from "fast-check";
import {
  anyBytes,
  damaged,
  hexHeaders,
  int64,
  notUtf8,
  partition,
  topic,
  trickyText,
} from "./bytes.mjs";
import { headers as sluiceHeaders } from "./headers.mjs";

/** @typedef {import("./bytes.mjs").Header} Header */

const bytes = (/** @type {fc.Arbitrary<string>} */ arbitrary) =>
  arbitrary.map((t) => Buffer.from(t));
const name = bytes(
  fc.oneof(
    topic,
    trickyText.filter((t) => t !== ""),
  ),
);
const anyText = bytes(fc.oneof(fc.constantFrom("", "no answer", "at a\n\tat b"), trickyText));
const decimal = bytes(
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(20).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "2147483646",
        "2147483647",
        "2147483648",
        "9007199254740991",
        "9007199254740992",
        "-1",
        "007",
        "",
        "1234",
        "12345678",
      ),
    },
  ),
);
const int32 = fc
  .oneof(
    { weight: 4, arbitrary: fc.nat(20) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(-1, -2_147_483_648, 2_147_483_646, 2_147_483_647, 0x31323334),
    },
  )
  .map((n) => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(n);
    return buffer;
  });
const int64Bytes = fc
  .oneof(
    { weight: 4, arbitrary: fc.bigInt(0n, 2_000_000_000_000n) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(-1n, (1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, -(1n << 63n)),
    },
  )
  .map((n) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64BE(n);
    return buffer;
  });
const byte = fc
  .oneof(fc.constantFrom(0, 1, 2, 127, 128, 255), fc.nat(255))
  .map((n) => Buffer.of(n));
const int32OrDecimal = fc.oneof(int32, decimal);
const int64OrDecimal = fc.oneof(int64Bytes, decimal);

/** Of each dialect its headers, with values in order. @type {Readonly<Record<string, Readonly<Record<string, fc.Arbitrary<Buffer>>>>>} */
const DIALECTS = {
  kip1191: {
    "__dlq.errors.topic": name,
    "__dlq.errors.partition": decimal,
    "__dlq.errors.offset": decimal,
    "__dlq.errors.group": name,
    "__dlq.errors.delivery.count": decimal,
    "__dlq.errors.message": anyText,
  },
  connect: {
    "__connect.errors.topic": name,
    "__connect.errors.partition": decimal,
    "__connect.errors.offset": decimal,
    "__connect.errors.stage": name,
    "__connect.errors.exception.class.name": name,
    "__connect.errors.exception.message": anyText,
    "__connect.errors.exception.stacktrace": anyText,
  },
  streams: {
    "__streams.errors.topic": name,
    "__streams.errors.partition": decimal,
    "__streams.errors.offset": decimal,
    "__streams.errors.exception": name,
    "__streams.errors.message": anyText,
    "__streams.errors.stacktrace": anyText,
  },
  spring: {
    "kafka_dlt-original-topic": name,
    "kafka_dlt-original-partition": int32,
    "kafka_dlt-original-offset": int64Bytes,
    "kafka_dlt-original-timestamp": int64Bytes,
    "kafka_dlt-original-consumer-group": name,
    "retry_topic-attempts": fc.oneof(int32, byte),
    "kafka_dlt-exception-fqcn": name,
    "kafka_dlt-exception-message": anyText,
    "kafka_dlt-exception-stacktrace": anyText,
    "kafka_dlt-exception-cause-fqcn": name,
  },
  springBefore: {
    "kafka_original-topic": name,
    "kafka_original-partition": int32,
    "kafka_original-offset": int64Bytes,
    "kafka_original-timestamp": int64Bytes,
    "kafka_original-consumer-group": name,
    "kafka_exception-fqcn": name,
    "kafka_exception-message": anyText,
    "kafka_exception-stacktrace": anyText,
    "kafka_exception-cause-fqcn": name,
  },
  scs: {
    "x-original-topic": name,
    "x-original-partition": int32OrDecimal,
    "x-original-offset": int64OrDecimal,
    "x-original-timestamp": int64OrDecimal,
    "x-exception-fqcn": name,
    "x-exception-message": anyText,
    "x-exception-stacktrace": anyText,
  },
  smallrye: {
    "dead-letter-topic": name,
    "dead-letter-partition": decimal,
    "dead-letter-offset": decimal,
    "delayed-retry-count": decimal,
    "dead-letter-exception-class-name": name,
    "dead-letter-reason": anyText,
    "dead-letter-cause-class-name": name,
    "dead-letter-cause": anyText,
  },
  smallryeDelayed: {
    "delayed-retry-topic": name,
    "delayed-retry-partition": decimal,
    "delayed-retry-offset": decimal,
    "delayed-retry-count": decimal,
    "delayed-retry-exception-class-name": name,
    "delayed-retry-reason": anyText,
    "delayed-retry-cause-class-name": name,
    "delayed-retry-cause": anyText,
  },
  karafka: {
    source_topic: name,
    source_partition: decimal,
    source_offset: decimal,
    source_consumer_group: name,
    source_attempts: decimal,
  },
};

/** @param {fc.Arbitrary<Buffer>} valid @returns {fc.Arbitrary<Uint8Array | null>} */
const nearly = (valid) =>
  fc.oneof(
    { weight: 20, arbitrary: valid },
    { weight: 2, arbitrary: damaged(valid) },
    { weight: 1, arbitrary: fc.oneof(notUtf8, anyBytes, fc.constant(Buffer.alloc(0))) },
    { weight: 1, arbitrary: fc.constant(null) },
  );

/** A dialect's headers, some of them missing, some of them twice (the other in front or behind). */
const dialect = fc.constantFrom(...Object.values(DIALECTS)).chain((fields) =>
  fc
    .tuple(
      ...Object.entries(fields).map(([field, valid]) =>
        fc
          .tuple(nearly(valid), nearly(valid), fc.integer({ min: 0, max: 9 }))
          .map(([first, second, how]) => {
            /** @type {Header[]} */
            const one = [[field, first]];
            if (how === 0) return [];
            return how === 9 ? [...one, /** @type {Header} */ ([field, second])] : one;
          }),
      ),
    )
    .map((lists) => lists.flat()),
);

/** @type {fc.Arbitrary<Record<string, string>>} */
const springNames = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom(...Object.keys(DIALECTS["spring"] ?? {})),
      fc.constantFrom(
        "x-topic",
        "x-offset",
        "x-exception",
        "kafka_dlt-original-topic",
        "kafka_original-topic",
        "constructor",
        "kafka_original-offset",
        "é",
      ),
      { maxKeys: 3 },
    ),
  },
);

const list = fc
  .tuple(
    fc.array(dialect, { maxLength: 2 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: sluiceHeaders }),
    fc.boolean(),
  )
  .map(([others, own, ownFirst]) =>
    ownFirst ? [...own, ...others.flat()] : [...others.flat(), ...own],
  );

/** @param {readonly Header[]} headers @param {Readonly<Record<string, string>>} names */
const renamed = (headers, names) =>
  headers.map(
    ([header, value]) =>
      /** @type {Header} */ ([
        Object.hasOwn(names, header) ? (names[header] ?? header) : header,
        value,
      ]),
  );

export const deadLetterReadInput = fc
  .record({
    topic,
    partition,
    offset: int64,
    timestamp: fc.oneof({ weight: 5, arbitrary: int64 }, fc.constant("-1")),
    headers: list,
    valueNull: fc.boolean(),
    springNames,
    renames: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ headers, renames, ...rest }) => ({
    ...rest,
    // Mostly the headers are named as the names say.
    headers: hexHeaders(renames === 0 ? headers : renamed(headers, rest.springNames)),
  }));
