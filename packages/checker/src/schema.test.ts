import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { Intake } from "./intake.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const schema = JSON.parse(read("../../spec/schemas/v1/history.schema.json")) as object;
const validate = new Ajv2020({ strict: true }).compile(schema);

type Event = Readonly<Record<string, unknown>>;
const folder = new URL("../histories/", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".jsonl") && !file.startsWith("BROKEN"),
);
const histories = files.map((file) =>
  read(`../histories/${file}`)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event),
);
/** Each shape of event that a history has: of each type with each set of fields one. */
const shapes = [
  ...new Map(
    histories
      .flat()
      .map((event) => [`${String(event["type"])}: ${Object.keys(event).join(" ")}`, event]),
  ),
];

/** The checker's own reading of one event; a `case` is read as the first line. */
function reads(event: unknown): boolean {
  const intake = new Intake();
  const isCase = (event as Event)["type"] === "case";
  if (!isCase) intake.add(histories[0]![0]);
  intake.add({ ...(event as Event) });
  return intake.events.length === (isCase ? 1 : 2);
}

const WRONG = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 60,
  "",
  "x",
  "-0",
  "042",
  [],
  [null],
  [[]],
  {},
  { x: 1 },
];

describe("the schema of histories", () => {
  it("accepts every line of the canned ones", () => {
    for (const [i, history] of histories.entries()) {
      for (const event of history) {
        expect(validate(event), `${files[i]}: ${JSON.stringify(validate.errors)}`).toBe(true);
      }
    }
  });

  it("is exercised by every type of event", () => {
    const known = (schema as { properties: { type: { enum: string[] } } }).properties.type.enum;
    const seen = new Set(histories.flat().map(({ type }) => type));
    expect(known.filter((type) => !seen.has(type))).toEqual([]);
  });

  it.each(shapes)("says of %s what the checker says, whatever is wrong in it", (_, event) => {
    for (const [what, changed] of changes(event)) {
      expect(validate(changed), what).toBe(reads(changed));
    }
  });
});

/** The event with one field, at any depth, taken away or made something else. */
function* changes(value: unknown, path = ""): Generator<[what: string, changed: unknown]> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const here = `${path}.${key}`;
    // What a vector holds is anybody's.
    if (/^\.(?:input|expected|answer\.ok)\./.test(`${here}.`)) continue;
    // Of time the schema knows a line only, of the type everything hangs.
    if (here === ".t" || here === ".type") continue;
    const replaced = (by: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(key), by) : { ...value, [key]: by };
    for (const wrong of WRONG) yield [`${here} = ${JSON.stringify(wrong)}`, replaced(wrong)];
    for (const [what, changed] of changes(inner, here)) yield [what, replaced(changed)];
    if (Array.isArray(value)) continue;
    const rest = { ...value } as Record<string, unknown>;
    delete rest[key];
    yield [`${here} taken away`, rest];
  }
}
