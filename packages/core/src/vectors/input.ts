import { LIMIT } from "@sluice/spec";
import { join, show } from "../check-config.ts";
import { topic as topicForm } from "../envelope/forms.ts";
import type { Form } from "../envelope/forms.ts";
import { decodeStrictly } from "../envelope/utf8.ts";
import type { Header, KafkaRecord } from "../port/record.ts";
import { VectorInputError } from "./errors.ts";

/**
 * A JSON object of which fields are taken by name and by form. Every method throws
 * {@link VectorInputError} when the field has another form; fields that nobody takes are ignored.
 */
export class VectorInput {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @param path where the object stands in the input; "" for the input itself */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new VectorInputError(path, `expected an object, got ${show(value)}`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  isNull(name: string): boolean {
    return this.raw(name) === null;
  }

  /** The field as it is. */
  raw(name: string): unknown {
    return this.has(name) ? this.#fields[name] : undefined;
  }

  boolean(name: string): boolean {
    const value = this.raw(name);
    return typeof value === "boolean" ? value : this.#refuse(name, "true or false");
  }

  text(name: string): string {
    const value = this.raw(name);
    // What JSON can say and no bytes can: an unpaired surrogate.
    const isText = typeof value === "string" && !/\p{Surrogate}/u.test(value);
    return isText ? value : this.#refuse(name, "text");
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.raw(name);
    const found = choices.find((choice) => choice === value);
    return found ?? this.#refuse(name, `one of ${choices.join(", ")}`);
  }

  integer(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    return integerOf(this.raw(name), this.pathOf(name), min, max);
  }

  /** An offset or a time: a string of decimal digits. */
  decimal(name: string, min = 0): number {
    return decimalOf(this.raw(name), this.pathOf(name), min);
  }

  bytes(name: string): Uint8Array {
    return bytesOf(this.raw(name), this.pathOf(name));
  }

  textOrNull(name: string): string | null {
    return this.isNull(name) ? null : this.text(name);
  }

  integerOrNull(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number | null {
    return this.isNull(name) ? null : this.integer(name, min, max);
  }

  decimalOrNull(name: string, min = 0): number | null {
    return this.isNull(name) ? null : this.decimal(name, min);
  }

  bytesOrNull(name: string): Uint8Array | null {
    return this.isNull(name) ? null : this.bytes(name);
  }

  headers(name: string): Header[] {
    return this.list(name, headerOf);
  }

  topic(name: string): string {
    return this.matching(name, topicForm, "the name of a topic");
  }

  /** Text of a form of Appendix C. */
  matching(name: string, form: Form<string>, expected: string): string {
    const value = this.raw(name);
    const text = typeof value === "string" ? form(value) : null;
    return text ?? this.#refuse(name, expected);
  }

  /** These fields as the position of a record. */
  position(): { readonly topic: string; readonly partition: number; readonly offset: number } {
    return {
      topic: this.topic("topic"),
      partition: this.integer("partition", 0, LIMIT.partition),
      offset: this.decimal("offset"),
    };
  }

  /** These fields as a record. */
  record(): KafkaRecord {
    return {
      ...this.position(),
      timestamp: this.decimal("timestamp", -1),
      key: this.bytesOrNull("key"),
      value: this.bytesOrNull("value"),
      headers: this.headers("headers"),
    };
  }

  object(name: string): VectorInput {
    return new VectorInput(this.raw(name), this.pathOf(name));
  }

  list<T>(name: string, read: (item: unknown, path: string) => T): T[] {
    const value = this.raw(name);
    if (!Array.isArray(value)) return this.#refuse(name, "a list");
    return value.map((item: unknown, i) => read(item, `${this.pathOf(name)}[${i}]`));
  }

  pathOf(name: string): string {
    return join(this.#path, name);
  }

  #refuse(name: string, expected: string): never {
    return refuse(this.raw(name), this.pathOf(name), expected);
  }
}

/** @throws VectorInputError */
export function integerOf(value: unknown, path: string, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  return refuse(value, path, `an integer from ${min} to ${max}`);
}

/** @throws VectorInputError */
export function decimalOf(value: unknown, path: string, min = 0): number {
  const number = typeof value === "string" && /^(?:0|-?[1-9][0-9]*)$/.test(value) ? +value : NaN;
  if (Number.isSafeInteger(number) && number >= min) return number;
  return refuse(value, path, `a string of decimal digits from ${min} to 2^53-1`);
}

/** @throws VectorInputError */
export function bytesOf(value: unknown, path: string): Uint8Array {
  if (typeof value !== "string" || !/^(?:[0-9a-f]{2})*$/.test(value)) {
    return refuse(value, path, "bytes in lower-case hexadecimal");
  }
  const bytes = new Uint8Array(value.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(value.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** Well-formed text in hexadecimal. @throws VectorInputError */
export function utf8Of(value: unknown, path: string): string {
  const text = decodeStrictly(bytesOf(value, path));
  return text ?? refuse(value, path, "well-formed UTF-8 in hexadecimal");
}

function headerOf(item: unknown, path: string): Header {
  if (!Array.isArray(item) || item.length !== 2) return refuse(item, path, "[name, value]");
  const [name, value] = item as readonly unknown[];
  return [utf8Of(name, `${path}[0]`), value === null ? null : bytesOf(value, `${path}[1]`)];
}

function refuse(value: unknown, path: string, expected: string): never {
  throw new VectorInputError(path, `expected ${expected}, got ${show(value)}`);
}
