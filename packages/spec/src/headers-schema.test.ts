import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { HEADER, ORIGIN_HEADERS } from "./headers.ts";
import { LIMIT } from "./limits.ts";

interface HeaderSchema {
  readonly description: string;
  readonly maxLength?: number;
}

const load = createRequire(import.meta.url);
const schema = load("@sluice/spec/schemas/v1/headers.schema.json") as {
  readonly $defs: Readonly<Record<string, HeaderSchema>>;
  readonly properties: Readonly<Record<string, HeaderSchema>>;
  readonly dependentRequired: Readonly<Record<string, readonly string[]>>;
};
const { dependentRequired: _, ...eachAlone } = schema;
const accepts = new Ajv2020({ strict: true }).compile(eachAlone);

/** The rows of Appendix A: what it says of the form and the limit, by name. */
const appendixA = new Map(
  readFileSync(new URL("../text/A-headers.md", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `sluice-"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, name = "", , , form = ""]) => [name.replaceAll("`", ""), form] as const),
);

/** Texts that have a form of Appendix C, and texts that nearly have it. */
const FORMS: Readonly<Record<string, { good: readonly string[]; bad: readonly string[] }>> = {
  integer: { good: ["1", "7"], bad: ["", "01", "-1", "+1", "1 ", "1\n", "1.0", "x", "١"] },
  text: { good: ["x", "é \n\u0000"], bad: [""] },
  "any-text": { good: ["", "x", "\u2028"], bad: [] },
  "message-id": { good: ["!", "~".repeat(128)], bad: ["", "~".repeat(129), "a b", "é", "a\n"] },
  "replay-id": { good: ["!", "~".repeat(64)], bad: ["", "~".repeat(65), "a b", "é", "a\n"] },
  topic: { good: ["a", "A.b_c-9", "t".repeat(249)], bad: ["", "t".repeat(250), "a/b", "é", "a\n"] },
  token: { good: ["a", "new-1", "t".repeat(64)], bad: ["", "A", "a_b", "t".repeat(65), "a,b"] },
  "token-list": { good: ["stack", "stack,new-1"], bad: ["", "a,", ",a", "a,,b", "a, b", "A"] },
  position: {
    good: ["orders/0/0", "a.b/2147483646/9007199254740991"],
    bad: ["", "orders/0", "orders/0/0/0", "/0/0", "orders/00/0", "orders/0/-1", "a b/0/0"],
  },
  history: {
    good: [
      '[{"n":5,"at":"1700000000000","k":"timeout"}]',
      '[{"n":5,"at":"1","k":"timeout","c":"E 42"},{"dropped":3},{"n":2,"at":"2","k":"transient"}]',
    ],
    bad: [
      "[]",
      '[{"dropped":3}]',
      '[{"n":5,"at":1,"k":"timeout"}]',
      '[{"n":5, "at":"1","k":"timeout"}]',
      '[{"at":"1","n":5,"k":"timeout"}]',
      '[{"n":05,"at":"1","k":"timeout"}]',
      '[{"n":5,"at":"1","k":"timeout","c":""}]',
      '[{"n":5,"at":"1","k":"timeout","c":"\\""}]',
      '[{"n":5,"at":"1","k":"timeout"},]',
    ],
  },
};

it("has the headers of Appendix A in its order, and no other", () => {
  expect(Object.keys(schema.properties)).toEqual([...appendixA.keys()]);
  expect(Object.keys(schema.properties)).toEqual(Object.values(HEADER));
});

describe.each([...appendixA])("%s: %s", (name, text) => {
  const header = schema.properties[name];
  const form = /`([a-z-]+)`/.exec(text)?.[1] ?? "";
  const accepted = (value: unknown): boolean => accepts({ [name]: value });

  it("has the form of Appendix A", () => {
    const { good, bad } = FORMS[form] ?? { good: [], bad: [] };
    expect(good.length, `texts of the form ${form}`).toBeGreaterThan(0);
    const refused = good.filter((value) => !accepted(value) && name !== HEADER.spec);
    expect({ refused, accepted: bad.filter(accepted) }).toEqual({ refused: [], accepted: [] });
    expect(accepted(1)).toBe(false);
  });

  it("has the limit of Appendix A", () => {
    const bytes = /([0-9]+) bytes/.exec(text)?.[1];
    expect(header?.maxLength).toBe(bytes === undefined ? undefined : Number(bytes));
    if (bytes !== undefined) expect(header?.description).toContain(`At most ${bytes} bytes.`);

    const greatest = /(at most|1 to) ([0-9]+)/.exec(text);
    if (greatest === null) return;
    const [, from = "", most = ""] = greatest;
    expect(header?.description).toContain(`${from === "1 to" ? from : "At most"} ${most}.`);
    expect(accepted(most)).toBe(true);
    expect(accepted(`${most}0`)).toBe(false);
    expect(accepted("0")).toBe(from === "at most");
  });
});

it("demands of a retry and of a dead letter what SLC-DLQ-006 does, and the whole origin", () => {
  const moves = readFileSync(new URL("../text/05-moves.md", import.meta.url), "utf8");
  const clause = /\[SLC-DLQ-006\]\*\*([^.]*)\./.exec(moves)?.[1] ?? "";
  // SLC-DLQ-016 lets a mover drop the history.
  const named = [...clause.matchAll(/`([^`]+)`/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== HEADER.history);
  expect(named.length).toBeGreaterThan(7);
  const { dependentRequired } = schema;
  expect(dependentRequired[HEADER.dlqReason]?.toSorted()).toEqual(
    [...named, ...ORIGIN_HEADERS].toSorted(),
  );
  expect(dependentRequired[HEADER.retryAt]).toEqual(dependentRequired[HEADER.dlqReason]);
  for (const name of ORIGIN_HEADERS) {
    expect(dependentRequired[name]).toEqual(ORIGIN_HEADERS.filter((other) => other !== name));
  }
});

it("the wire version is 1", () => {
  expect(accepts({ [HEADER.spec]: "1" })).toBe(true);
  expect(accepts({ [HEADER.spec]: "2" })).toBe(false);
});

it("hops end at 64", () => {
  const hops = (count: number): boolean => accepts({ [HEADER.hops]: String(count) });
  expect(Array.from({ length: 100 }, (_, count) => count).filter(hops)).toEqual(
    Array.from({ length: LIMIT.hops + 1 }, (_, count) => count),
  );
});

it("an integer may be 2^53 - 1 and has no digit more", () => {
  for (const name of [HEADER.messageVersion, HEADER.originOffset, HEADER.failedAt]) {
    expect(accepts({ [name]: "9007199254740991" })).toBe(true);
    expect(accepts({ [name]: "90071992547409910" })).toBe(false);
  }
  expect(schema.$defs["integer"]?.description).toBe("At most 9007199254740991.");
});

it("foreign headers are let through", () => {
  expect(accepts({ traceparent: "?", tenant: "" })).toBe(true);
});
