import { createRequire } from "node:module";
import { schemasWithoutId } from "@asyncapi/specs";
import { Ajv } from "ajv";
import type { AnySchemaObject } from "ajv";
import { describe, expect, it } from "vitest";
import { HEADER } from "./headers.ts";

interface Trait {
  readonly headers: { readonly properties: Readonly<Record<string, object>> };
  readonly examples: readonly { readonly headers: object }[];
}

const load = createRequire(import.meta.url);
const trait = load("@sluice/spec/asyncapi/v1/sluice-headers.message-trait.json") as Trait;

// AsyncAPI's own schema of its documents is of draft 07 and names formats that Ajv does not know.
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(schemasWithoutId["3.0.0"] as AnySchemaObject, "asyncapi");

function problems(schema: string, document: unknown): string {
  ajv.validate(schema, document);
  return ajv.errorsText();
}

/** A document as somebody writes it who has records with Sluice's headers. */
const documentWith = (applied: object): object => ({
  asyncapi: "3.0.0",
  info: { title: "Orders", version: "1.0.0" },
  channels: {
    orders: {
      address: "orders",
      messages: { placed: { payload: { type: "object" }, traits: [applied] } },
    },
  },
  operations: { place: { action: "send", channel: { $ref: "#/channels/orders" } } },
});

describe("the message trait", () => {
  it("is one of AsyncAPI 3.0, alone and in a document", () => {
    expect(problems("asyncapi#/definitions/messageTrait", trait)).toBe("No errors");
    expect(problems("asyncapi", documentWith(trait))).toBe("No errors");
  });

  it("would be refused with a payload, or with a schema that is none", () => {
    expect(problems("asyncapi#/definitions/messageTrait", { ...trait, payload: {} })).not.toBe(
      "No errors",
    );
    const wrong = { ...trait, headers: { type: "map" } };
    expect(problems("asyncapi", documentWith(wrong))).not.toBe("No errors");
  });

  it("has every header", () => {
    expect(Object.keys(trait.headers.properties)).toEqual(Object.values(HEADER));
  });

  it("has a schema of draft 07 that accepts its example and refuses another form", () => {
    const accepts = new Ajv({ strict: true }).compile(trait.headers);
    const [example] = trait.examples;
    expect(accepts(example?.headers)).toBe(true);
    expect(accepts({ ...example?.headers, [HEADER.hops]: "65" })).toBe(false);
    expect(accepts({ ...example?.headers, [HEADER.group]: "" })).toBe(false);
    expect(accepts({ [HEADER.dlqReason]: "manual" })).toBe(false);
  });
});
