import { describe, expect, it } from "vitest";
import { differences } from "./json-difference.ts";

const paths = (expected: unknown, found: unknown): string[] =>
  differences(expected, found).map(({ path }) => path);

describe("an answer equals its expectation", () => {
  it.each([
    [
      "whatever the order of fields",
      { a: 1, b: { c: null, d: "x" } },
      { b: { d: "x", c: null }, a: 1 },
    ],
    [
      "with a field that nobody described",
      { a: [{ b: 1 }] },
      { a: [{ b: 1, later: true }], more: 2 },
    ],
    ["when both are empty", {}, {}],
    ["zero being zero", { a: 0 }, { a: -0 }],
  ])("%s", (_, expected, found) => {
    expect(differences(expected, found)).toEqual([]);
  });
});

describe("an answer differs", () => {
  it.each([
    ["null for absent", { a: null }, {}, ["a"]],
    ["absent for null", { a: [null] }, { a: [] }, ["a"]],
    ["a number for its text", { offset: "1" }, { offset: 1 }, ["offset"]],
    ["the order of a list", { a: [1, 2] }, { a: [2, 1] }, ["a[0]", "a[1]"]],
    ["an object for a list", { a: [] }, { a: {} }, ["a"]],
    ["a list for an object", { a: {} }, { a: [] }, ["a"]],
    ["one more in a list", { a: [1] }, { a: [1, 1] }, ["a"]],
    ["something inherited", { toString: null }, {}, ["toString"]],
    ["deep inside", { a: [{ b: { c: "x" } }] }, { a: [{ b: { c: "y" } }] }, ["a[0].b.c"]],
    ["another outcome too", { record: {} }, { record: {}, refused: "too-large" }, ["refused"]],
    [
      "another outcome too, null",
      { giveUp: "expired" },
      { giveUp: "expired", retryInMs: null },
      ["retryInMs"],
    ],
  ])("in %s", (_, expected, found, where) => {
    expect(paths(expected, found)).toEqual(where);
  });
});
