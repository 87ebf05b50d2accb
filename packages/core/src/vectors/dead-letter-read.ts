import { readDialects } from "../dialect/read-dialects.ts";
import { VectorInputError } from "./errors.ts";
import { VectorInput } from "./input.ts";
import { decimalOrNull } from "./output.ts";

/** Appendix D.8. */
export function deadLetterRead(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const record = {
    ...fields.position(),
    timestamp: fields.decimal("timestamp", -1),
    value: fields.boolean("valueNull") ? null : new Uint8Array(0),
    headers: fields.headers("headers"),
  };
  const read = readDialects(record, { springNames: springNamesOf(fields) });
  return {
    ...read,
    dialects: read.dialects.map((reading) => ({
      ...reading,
      origin: reading.origin && withDecimals(reading.origin),
    })),
    origin: withDecimals(read.origin),
  };
}

function withDecimals(origin: {
  readonly offset: number | null;
  readonly timestamp: number | null;
}): Record<string, unknown> {
  return {
    ...origin,
    offset: decimalOrNull(origin.offset),
    timestamp: decimalOrNull(origin.timestamp),
  };
}

function springNamesOf(fields: VectorInput): Record<string, string> {
  const path = fields.pathOf("springNames");
  const names = new VectorInput(fields.raw("springNames"), path);
  const pairs = Object.keys(fields.raw("springNames") as object).map((name) => {
    const inUse = names.text(name);
    if (inUse !== "" && !/\p{Surrogate}/u.test(name)) return [name, inUse] as const;
    throw new VectorInputError(names.pathOf(name), "expected a name and the name in use");
  });
  return Object.fromEntries(pairs);
}
