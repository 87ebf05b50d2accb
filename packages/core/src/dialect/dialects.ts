import { LIMIT } from "@sluice/spec";
import {
  anyTextValue,
  byLength,
  decimal,
  int32,
  int32OrByte,
  int64,
  lessOne,
  textValue,
} from "./value-form.ts";
import type { ValueForm } from "./value-form.ts";

export type ForeignDialect =
  "kip1191" | "connect" | "streams" | "spring" | "scs" | "smallrye" | "karafka";

/** How one system writes its dead letters (section 11.2). */
export interface DialectTable {
  readonly dialect: ForeignDialect;
  /** Any of these; of each, all headers have to occur. */
  readonly detectedBy: readonly (readonly string[])[];
  /** Which of several headers of one name tells the origin: it depends on where the system adds. */
  readonly origin: Occurrence;
  readonly others: Occurrence;
  readonly fields: DialectFields;
}

export type Occurrence = "first" | "last";

export interface DialectFields {
  readonly topic: DialectField<string>;
  readonly partition: DialectField<number>;
  readonly offset: DialectField<number>;
  readonly timestamp?: DialectField<number>;
  readonly group?: DialectField<string>;
  readonly retryCount?: DialectField<number>;
  readonly class?: DialectField<string>;
  readonly message?: DialectField<string>;
  readonly stack?: DialectField<string>;
  readonly stage?: DialectField<string>;
  readonly causeClass?: DialectField<string>;
  readonly causeMessage?: DialectField<string>;
}

export interface DialectField<T> {
  /** The first that occurs is read. */
  readonly names: readonly string[];
  readonly form: ValueForm<T>;
}

const PARTITION = decimal(LIMIT.partition);
const OFFSET = decimal();
const RETRIES = decimal(LIMIT.retryCount);
const ATTEMPTS = lessOne(decimal(LIMIT.retryCount, 1));
const INT32_PARTITION = int32(LIMIT.partition);
const INT32_ATTEMPTS = lessOne(int32OrByte(LIMIT.retryCount, 1));

/** Default names of headers to those in use. */
export type SpringNames = Readonly<Record<string, string>>;

/**
 * The tables in the order in which dialects are reported. The second of one dialect is read only
 * when the first was not detected.
 */
export function dialectTables(springNames: SpringNames): readonly DialectTable[] {
  return [
    KIP1191,
    CONNECT,
    STREAMS,
    spring(springNames),
    SPRING_CLOUD_STREAM,
    smallrye("dead-letter-"),
    smallrye("delayed-retry-"),
    KARAFKA,
  ];
}

/** SLC-INT-008. */
const KIP1191: DialectTable = {
  dialect: "kip1191",
  detectedBy: [["__dlq.errors.topic"]],
  origin: "last",
  others: "last",
  fields: {
    topic: field("__dlq.errors.topic", textValue),
    partition: field("__dlq.errors.partition", PARTITION),
    offset: field("__dlq.errors.offset", OFFSET),
    group: field("__dlq.errors.group", textValue),
    retryCount: field("__dlq.errors.delivery.count", ATTEMPTS),
    message: field("__dlq.errors.message", anyTextValue),
  },
};

/** SLC-INT-009. */
const CONNECT: DialectTable = {
  dialect: "connect",
  detectedBy: [["__connect.errors.topic"], ["__connect.errors.stage"]],
  origin: "first",
  others: "last",
  fields: {
    topic: field("__connect.errors.topic", textValue),
    partition: field("__connect.errors.partition", PARTITION),
    offset: field("__connect.errors.offset", OFFSET),
    stage: field("__connect.errors.stage", textValue),
    class: field("__connect.errors.exception.class.name", textValue),
    message: field("__connect.errors.exception.message", anyTextValue),
    stack: field("__connect.errors.exception.stacktrace", anyTextValue),
  },
};

/** SLC-INT-010. */
const STREAMS: DialectTable = {
  dialect: "streams",
  detectedBy: [["__streams.errors.topic"]],
  origin: "first",
  others: "last",
  fields: {
    topic: field("__streams.errors.topic", textValue),
    partition: field("__streams.errors.partition", PARTITION),
    offset: field("__streams.errors.offset", OFFSET),
    class: field("__streams.errors.exception", textValue),
    message: field("__streams.errors.message", anyTextValue),
    stack: field("__streams.errors.stacktrace", anyTextValue),
  },
};

/** SLC-INT-011. Its users may rename headers, and older versions had other names for most. */
function spring(renamed: SpringNames): DialectTable {
  const named = <T>(name: string, form: ValueForm<T>): DialectField<T> => {
    if (Object.hasOwn(renamed, name)) return { names: [renamed[name]!], form };
    const older = name.replace("kafka_dlt-", "kafka_");
    return { names: older === name ? [name] : [name, older], form };
  };
  const topic = named("kafka_dlt-original-topic", textValue);
  return {
    dialect: "spring",
    detectedBy: topic.names.map((name) => [name]),
    origin: "first",
    others: "last",
    fields: {
      topic,
      partition: named("kafka_dlt-original-partition", INT32_PARTITION),
      offset: named("kafka_dlt-original-offset", int64),
      timestamp: named("kafka_dlt-original-timestamp", int64),
      group: named("kafka_dlt-original-consumer-group", textValue),
      retryCount: named("retry_topic-attempts", INT32_ATTEMPTS),
      class: named("kafka_dlt-exception-fqcn", textValue),
      message: named("kafka_dlt-exception-message", anyTextValue),
      stack: named("kafka_dlt-exception-stacktrace", anyTextValue),
      causeClass: named("kafka_dlt-exception-cause-fqcn", textValue),
    },
  };
}

/** SLC-INT-012. */
const SPRING_CLOUD_STREAM: DialectTable = {
  dialect: "scs",
  detectedBy: [["x-original-topic"]],
  origin: "first",
  others: "last",
  fields: {
    topic: field("x-original-topic", textValue),
    partition: field("x-original-partition", byLength(4, INT32_PARTITION, PARTITION)),
    offset: field("x-original-offset", byLength(8, int64, OFFSET)),
    timestamp: field("x-original-timestamp", byLength(8, int64, OFFSET)),
    class: field("x-exception-fqcn", textValue),
    message: field("x-exception-message", anyTextValue),
    stack: field("x-exception-stacktrace", anyTextValue),
  },
};

/**
 * SLC-INT-013. Its strategies `dead-letter-queue` and `delayed-retry-topic` differ in how names
 * begin. It adds before what it copies, so that first is newest.
 */
function smallrye(prefix: "dead-letter-" | "delayed-retry-"): DialectTable {
  return {
    dialect: "smallrye",
    detectedBy: [[`${prefix}topic`]],
    origin: "last",
    others: "first",
    fields: {
      topic: field(`${prefix}topic`, textValue),
      partition: field(`${prefix}partition`, PARTITION),
      offset: field(`${prefix}offset`, OFFSET),
      retryCount: field("delayed-retry-count", RETRIES),
      class: field(`${prefix}exception-class-name`, textValue),
      message: field(`${prefix}reason`, anyTextValue),
      causeClass: field(`${prefix}cause-class-name`, textValue),
      causeMessage: field(`${prefix}cause`, anyTextValue),
    },
  };
}

/** SLC-INT-014. Two headers, since each name alone could be anybody's. */
const KARAFKA: DialectTable = {
  dialect: "karafka",
  detectedBy: [["source_topic", "source_offset"]],
  origin: "last",
  others: "last",
  fields: {
    topic: field("source_topic", textValue),
    partition: field("source_partition", PARTITION),
    offset: field("source_offset", OFFSET),
    group: field("source_consumer_group", textValue),
    retryCount: field("source_attempts", ATTEMPTS),
  },
};

function field<T>(name: string, form: ValueForm<T>): DialectField<T> {
  return { names: [name], form };
}
