import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { messageTrait } from "./message-trait.mjs";

const load = (path: string): Record<string, unknown> =>
  JSON.parse(
    readFileSync(new URL(`../../packages/spec/${path}`, import.meta.url), "utf8"),
  ) as Record<string, unknown>;

it("the trait in packages/spec is what the schema of the headers makes of it", () => {
  const headers = load("schemas/v1/headers.schema.json");
  expect(load("asyncapi/v1/sluice-headers.message-trait.json")).toEqual(messageTrait(headers));
});

it("writes out what is referred to, with both descriptions and nothing beside it lost", () => {
  const schema = {
    description: "All.",
    properties: {
      a: { description: "An a.", $ref: "#/$defs/short", maxLength: 3 },
      b: { type: "string" },
    },
    dependentRequired: { a: ["b"] },
    $defs: {
      short: { description: "Short.", $ref: "#/$defs/text" },
      text: { type: "string", minLength: 1 },
    },
    examples: [{}, { a: "x" }],
  };
  expect(messageTrait(schema)).toMatchObject({
    headers: {
      type: "object",
      description: "All.",
      properties: {
        a: { description: "An a. Short.", type: "string", minLength: 1, maxLength: 3 },
        b: { type: "string" },
      },
      dependencies: { a: ["b"] },
    },
    examples: [{ headers: { a: "x" } }],
  });
});

it("refuses a reference to nothing", () => {
  const schema = { properties: { a: { $ref: "#/$defs/lost" } }, $defs: {}, examples: [] };
  expect(() => messageTrait(schema)).toThrow("#/$defs/lost is not defined");
});
