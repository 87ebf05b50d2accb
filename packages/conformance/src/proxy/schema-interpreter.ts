import { ByteReader, DecodeError } from "./byte-reader.ts";
import { KAFKA_SCHEMAS } from "./kafka-schemas.ts";

/**
 * Decodes Kafka messages with Kafka's own message schemas, any version of them. Names are Kafka's in
 * camelCase; int64 is a bigint, a uuid is its string form (base64url, as Kafka prints it), bytes and
 * records are views into the frame. A field that the version lacks is absent; so is a tagged field
 * that was not sent.
 */
export interface Message {
  readonly name: string;
  readonly fields: Record<string, unknown>;
  /** Bytes after the message: sloppy writers exist (librdkafka's Metadata), so no error. */
  readonly leftover: number;
}

/** Null when there is no schema for the API or the version. @throws DecodeError */
export function decodeRequest(apiKey: number, version: number, reader: ByteReader): Message | null {
  return decode(byApi.get(`request ${apiKey}`), version, reader);
}

/** As {@link decodeRequest}, from after the response header. @throws DecodeError */
export function decodeResponse(
  apiKey: number,
  version: number,
  reader: ByteReader,
): Message | null {
  return decode(byApi.get(`response ${apiKey}`), version, reader);
}

/** Messages that are no request or response, by the name of their schema. @throws DecodeError */
export function decodeNamed(name: string, version: number, reader: ByteReader): Message | null {
  return decode(byName.get(name), version, reader);
}

/** Key or value of `__consumer_offsets`, by its record type. @throws DecodeError */
export function decodeCoordinatorRecord(
  part: "coordinator-key" | "coordinator-value",
  type: number,
  version: number,
  reader: ByteReader,
): Message | null {
  return decode(byApi.get(`${part} ${type}`), version, reader);
}

/** Whether header and body of the request have tagged fields; null when the schema is not known. */
export function isFlexible(apiKey: number, version: number): boolean | null {
  const schema = byApi.get(`request ${apiKey}`);
  return schema === undefined ? null : within(schema.flexible, version);
}

/** `ApiVersions` has header version 0 in all of its answers (KIP-511): the version is not yet agreed. */
export function responseHeaderHasTags(apiKey: number, version: number): boolean {
  return apiKey !== API_VERSIONS && isFlexible(apiKey, version) === true;
}

/** Tagged fields nobody has a schema for (those of headers, and unknown ones). */
export function skipTags(reader: ByteReader): void {
  for (let count = reader.uvarint(); count > 0; count -= 1) {
    reader.uvarint();
    reader.bytes(reader.uvarint());
  }
}

const API_VERSIONS = 18;

interface FieldSchema {
  readonly name: string;
  readonly type: string;
  readonly versions?: string;
  readonly nullable?: string;
  readonly tagged?: string;
  readonly tag?: number;
  readonly flexible?: string;
  readonly fields?: readonly FieldSchema[];
}
interface MessageSchema {
  readonly name: string;
  readonly type: string;
  readonly apiKey?: number;
  readonly valid: string;
  readonly flexible: string;
  readonly fields: readonly FieldSchema[];
  readonly structs?: readonly { readonly name: string; readonly fields: readonly FieldSchema[] }[];
}

type Read = (reader: ByteReader) => unknown;
interface PlannedField {
  readonly name: string;
  readonly read: Read;
}

const byApi = new Map<string, MessageSchema>();
const byName = new Map<string, MessageSchema>();
for (const line of KAFKA_SCHEMAS) {
  const schema = JSON.parse(line) as MessageSchema;
  byName.set(schema.name, schema);
  if (schema.apiKey !== undefined) byApi.set(`${schema.type} ${schema.apiKey}`, schema);
}

/** What is read in which order is worked out once for each message and version. */
const plans = new Map<string, Read>();

function decode(
  schema: MessageSchema | undefined,
  version: number,
  reader: ByteReader,
): Message | null {
  if (schema === undefined || !within(schema.valid, version)) return null;
  const key = `${schema.name} ${version}`;
  let read = plans.get(key);
  if (read === undefined) {
    read = struct(schema.fields, schema, version);
    plans.set(key, read);
  }
  const fields = read(reader) as Record<string, unknown>;
  return { name: schema.name, fields, leftover: reader.remaining };
}

function struct(fields: readonly FieldSchema[], schema: MessageSchema, version: number): Read {
  const flexible = within(schema.flexible, version);
  const present = fields.filter((f) => f.versions === undefined || within(f.versions, version));
  const isTagged = (f: FieldSchema): boolean => f.tagged !== undefined && within(f.tagged, version);
  const plain: PlannedField[] = present
    .filter((f) => !isTagged(f))
    .map((f) => ({ name: f.name, read: value(f, f.type, schema, version, false) }));
  const tagged = new Map<number, PlannedField>(
    present
      .filter((f) => isTagged(f))
      .map((f) => [
        f.tag as number,
        { name: f.name, read: value(f, f.type, schema, version, true) },
      ]),
  );
  return (reader) => {
    const result: Record<string, unknown> = {};
    for (const field of plain) result[field.name] = field.read(reader);
    if (flexible) readTags(reader, tagged, result);
    return result;
  };
}

function readTags(
  reader: ByteReader,
  tagged: ReadonlyMap<number, PlannedField>,
  result: Record<string, unknown>,
): void {
  for (let count = reader.uvarint(); count > 0; count -= 1) {
    const field = tagged.get(reader.uvarint());
    const content = reader.bytes(reader.uvarint());
    if (field !== undefined) result[field.name] = field.read(new ByteReader(content));
  }
}

function value(
  field: FieldSchema,
  type: string,
  schema: MessageSchema,
  version: number,
  inTag: boolean,
): Read {
  const flexible = within(field.flexible ?? schema.flexible, version);
  if (type.startsWith("[]")) {
    const item = value(field, type.slice(2), schema, version, false);
    return array(item, flexible);
  }
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  if (type === "string") return flexible ? compactString : string;
  if (type === "bytes" || type === "records") return flexible ? compactBytes : bytes;
  const common = schema.structs?.find((candidate) => candidate.name === type)?.fields;
  const read = struct(field.fields ?? common ?? [], schema, version);
  // Of an array it is the array that may be null, never its items.
  const nullable =
    !field.type.startsWith("[]") && field.nullable !== undefined && within(field.nullable, version);
  if (!nullable) return read;
  // A nullable struct says whether it is there in two ways, the second inside of tags.
  if (inTag) return (reader) => (reader.uvarint() === 0 ? null : read(reader));
  return (reader) => (reader.int8() < 0 ? null : read(reader));
}

const SCALARS: Readonly<Record<string, Read>> = {
  bool: (reader) => reader.int8() !== 0,
  int8: (reader) => reader.int8(),
  int16: (reader) => reader.int16(),
  uint16: (reader) => reader.uint16(),
  int32: (reader) => reader.int32(),
  uint32: (reader) => reader.uint32(),
  int64: (reader) => reader.int64(),
  float64: (reader) => reader.float64(),
  uuid: (reader) => reader.bytes(16).toString("base64url"),
};

function array(item: Read, flexible: boolean): Read {
  return (reader) => {
    const count = flexible ? reader.uvarint() - 1 : reader.int32();
    if (count < 0) return null;
    // Every item takes a byte or more: a count past that is not a count, and would eat the memory.
    if (count > reader.remaining) {
      throw new DecodeError(`${count} items wanted where ${reader.remaining} bytes are left`);
    }
    const items: unknown[] = [];
    for (let i = 0; i < count; i += 1) items.push(item(reader));
    return items;
  };
}

function string(reader: ByteReader): string | null {
  const length = reader.int16();
  return length < 0 ? null : reader.utf8(length);
}
function compactString(reader: ByteReader): string | null {
  const length = reader.uvarint() - 1;
  return length < 0 ? null : reader.utf8(length);
}
function bytes(reader: ByteReader): Buffer | null {
  const length = reader.int32();
  return length < 0 ? null : reader.bytes(length);
}
function compactBytes(reader: ByteReader): Buffer | null {
  const length = reader.uvarint() - 1;
  return length < 0 ? null : reader.bytes(length);
}

/** "3", "2-9", "4+" or "none". */
function within(range: string, version: number): boolean {
  if (range === "none") return false;
  if (range.endsWith("+")) return version >= Number(range.slice(0, -1));
  const [low, high] = range.split("-");
  return version >= Number(low) && version <= Number(high ?? low);
}
