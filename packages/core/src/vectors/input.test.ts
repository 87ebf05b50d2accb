import { expect, test } from "vitest";
import { VectorInputError } from "./errors.ts";
import { utf8Of, VectorInput } from "./input.ts";

const from = (value: unknown): VectorInput => new VectorInput({ a: value });
const MAX = Number.MAX_SAFE_INTEGER;

test.each<[of: string, read: (input: VectorInput) => unknown, accepted: readonly unknown[]]>([
  ["boolean", (input) => input.boolean("a"), [true, false]],
  ["text", (input) => input.text("a"), ["", "a", "é\u{1f600}"]],
  ["textOrNull", (input) => input.textOrNull("a"), ["", "a", null]],
  ["oneOf", (input) => input.oneOf("a", ["x", "y"]), ["x", "y"]],
  ["integer", (input) => input.integer("a"), [0, 7, MAX]],
  ["integer from 3 to 5", (input) => input.integer("a", 3, 5), [3, 4, 5]],
  ["integerOrNull", (input) => input.integerOrNull("a"), [null, 0, MAX]],
  ["integerOrNull from 3 to 5", (input) => input.integerOrNull("a", 3, 5), [null, 3, 5]],
  ["topic", (input) => input.topic("a"), ["orders", "a.b_c-D", "x".repeat(249)]],
  ["matching", (input) => input.matching("a", (text) => (text === "x" ? text : null), "x"), ["x"]],
])("%s is what was given", (_, read, accepted) => {
  for (const value of accepted) expect(read(from(value))).toBe(value);
});

test.each<[expected: string, read: (input: VectorInput) => unknown, refused: readonly unknown[]]>([
  ["true or false", (input) => input.boolean("a"), [0, "true", null, undefined]],
  ["text", (input) => input.text("a"), [7, null, undefined, "\ud800", "a\udc00"]],
  ["text", (input) => input.textOrNull("a"), [7, undefined, "\ud800"]],
  ["one of x, y", (input) => input.oneOf("a", ["x", "y"]), ["z", "", null, undefined, 7]],
  [
    "an integer from 0 to 9007199254740991",
    (input) => input.integer("a"),
    [-1, 0.5, Number.NaN, Infinity, 2 ** 53, "1", null, undefined],
  ],
  ["an integer from 3 to 5", (input) => input.integer("a", 3, 5), [2, 6, 3.5]],
  ["an integer from 3 to 5", (input) => input.integerOrNull("a", 3, 5), [2, 6, undefined]],
  ["an integer from 0 to", (input) => input.integerOrNull("a"), [-1]],
  [
    "a string of decimal digits from 0 to 2^53-1",
    (input) => input.decimal("a"),
    [7, "", "-1", "01", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "-0", String(2 ** 53), null],
  ],
  ["a string of decimal digits from -1 to 2^53-1", (input) => input.decimal("a", -1), ["-2"]],
  ["a string of decimal digits from 0", (input) => input.decimalOrNull("a"), ["-1", undefined]],
  ["a string of decimal digits from 5", (input) => input.decimalOrNull("a", 5), ["4"]],
  [
    "bytes in lower-case hexadecimal",
    (input) => input.bytes("a"),
    ["0", "0G", "FF", "0x", "ff ", 7, 10, [], null, undefined],
  ],
  ["bytes in lower-case hexadecimal", (input) => input.bytesOrNull("a"), ["0", undefined]],
  ["a list", (input) => input.list("a", (item) => item), [{}, "", null, undefined, { length: 0 }]],
  ["the name of a topic", (input) => input.topic("a"), ["", "a b", "a/b", "é", 7, "x".repeat(250)]],
  ["an x", (input) => input.matching("a", () => null, "an x"), ["x", 7]],
])("what is not %s is refused with where and what", (expected, read, refused) => {
  for (const value of refused) {
    expect(() => read(from(value)), String(value)).toThrow(VectorInputError);
    expect(() => read(from(value)), String(value)).toThrow(`a: expected ${expected}`);
  }
});

test("decimals and bytes are read", () => {
  const decimals = ["0", "7", "10", String(MAX)];
  expect(decimals.map((text) => from(text).decimal("a"))).toEqual([0, 7, 10, MAX]);
  expect([from("-1").decimal("a", -1), from("5").decimalOrNull("a", 5)]).toEqual([-1, 5]);
  expect(from(null).decimalOrNull("a")).toBeNull();
  expect(from("00ff1a").bytes("a")).toEqual(Uint8Array.of(0, 255, 26));
  expect(from("").bytesOrNull("a")).toEqual(new Uint8Array(0));
  expect(from(null).bytesOrNull("a")).toBeNull();
  expect(utf8Of("c3a9", "a")).toBe("é");
});

test("a field is the object's own", () => {
  const input = new VectorInput({ a: null });
  expect([input.has("a"), input.has("toString"), input.raw("toString")]).toEqual([
    true,
    false,
    undefined,
  ]);
  expect([input.isNull("a"), input.isNull("b")]).toEqual([true, false]);
});

test("what is in a list or an object is named by its path", () => {
  const input = new VectorInput({ list: [1, 2], object: { a: 1 } }, "top");
  expect(input.list("list", (item, path) => [item, path])).toEqual([
    [1, "top.list[0]"],
    [2, "top.list[1]"],
  ]);
  expect(input.object("object").pathOf("a")).toBe("top.object.a");
  expect(() => input.object("none")).toThrow("top.none: expected an object, got nothing");
  expect(() => new VectorInput([])).toThrow("the input: expected an object, got an array of 0");
  expect(() => new VectorInput(null)).toThrow("the input: expected an object, got null");
});

test("headers are pairs of hexadecimal, in order, without a value too", () => {
  const list = [
    ["61", null],
    ["c3a9", "00"],
    ["61", ""],
  ];
  expect(from(list).headers("a")).toEqual([
    ["a", null],
    ["é", Uint8Array.of(0)],
    ["a", new Uint8Array(0)],
  ]);
  const wrong: readonly (readonly [string, unknown])[] = [
    ["a[0]: expected [name, value], got nothing", [undefined]],
    ["a[0]: expected [name, value], got an array of 1", [["61"]]],
    [
      "a[1]: expected [name, value], got an array of 3",
      [
        ["61", null],
        ["61", null, null],
      ],
    ],
    ["a[0][0]: expected well-formed UTF-8 in hexadecimal", [["ff", null]]],
    ["a[0][0]: expected bytes in lower-case hexadecimal", [[7, null]]],
    ["a[0][1]: expected bytes in lower-case hexadecimal", [["61", 7]]],
  ];
  for (const [message, value] of wrong) expect(() => from(value).headers("a")).toThrow(message);
});

test("a record has its position, a time from -1 on, and the rest of a record", () => {
  const fields = {
    ...{ topic: "t", partition: 2_147_483_646, offset: "7", timestamp: "-1" },
    ...{ key: null, value: "00", headers: [] },
  };
  expect(new VectorInput(fields).record()).toEqual({
    ...{ topic: "t", partition: 2_147_483_646, offset: 7, timestamp: -1 },
    ...{ key: null, value: Uint8Array.of(0), headers: [] },
  });
  const wrong = {
    topic: "",
    partition: -1,
    offset: "-1",
    timestamp: "-2",
    key: 1,
    value: 1,
    headers: 1,
  };
  for (const [name, value] of Object.entries(wrong)) {
    const record = new VectorInput({ ...fields, [name]: value }, "r");
    expect(() => record.record(), name).toThrow(`r.${name}: expected`);
  }
  const beyond = new VectorInput({ ...fields, partition: 2_147_483_647 });
  expect(() => beyond.record()).toThrow("partition: expected an integer from 0 to 2147483646");
});
