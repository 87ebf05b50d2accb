import { describe, expect, it } from "vitest";
import { checkInteger, checkObject, checkOneOf, checkString, show } from "./check-config.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { nearest } from "./nearest.ts";

describe("nearest", () => {
  const names = ["brokers", "clientId", "scram-sha-256", "scram-sha-512", "maxWaitMs", "key"];

  it.each([
    ["broker", "brokers"],
    ["borkers", "brokers"],
    ["client_id", "clientId"],
    ["CLIENTID", "clientId"],
    ["SCRAM-SHA-512", "scram-sha-512"],
    ["scram_sha_256", "scram-sha-256"],
    ["maxWait", "maxWaitMs"],
    ["brokers", "brokers"],
    ["kye", "key"],
  ])("%s is meant to be %s", (word, expected) => {
    expect(nearest(word, names)).toBe(expected);
  });

  it.each(["zookeeper", "", "x", "linger"])("has no guess for %j", (word) => {
    expect(nearest(word, names)).toBeNull();
  });

  it.each([
    // Letters of the word, and how many of them are another: a third may be.
    ["abxde", "abcde"],
    ["abxye", null],
    ["abcdxy", "abcdef"],
    ["abcxyz", null],
    ["abcdefxyz", "abcdefghi"],
    ["abcdewxyz", null],
    // A letter too many, one too few, two exchanged: one mistake each, wherever it is.
    ["xabcd", "abcd"],
    ["abcdx", "abcd"],
    ["bcd", "abcd"],
    ["abc", "abcd"],
    ["bacd", "abcd"],
    ["acbd", "abcd"],
    ["abdc", "abcd"],
    ["cbad", null],
    ["badc", null],
    ["abcdefhg", "abcdefgh"],
    ["badcefgh", "abcdefgh"],
    ["badcfegh", null],
    ["a", "ab"],
    ["xy", null],
  ])("%s among a few is taken for %s", (word, expected) => {
    const one = expected ?? "abcdefghi".slice(0, word.length);
    expect(nearest(word, ["zookeeper-connect", one])).toBe(expected);
  });

  it("folds dots, dashes and underscores, and takes the first of two as near", () => {
    expect(nearest("max.wait.ms", ["maxWaitMs", "max-wait-ms"])).toBe("maxWaitMs");
    expect(nearest("max_wait_ms", ["maxWaitMy", "max-wait-ms", "maxWaitMs"])).toBe("max-wait-ms");
  });

  it("takes two letters for exchanged only when both are", () => {
    expect(nearest("ba", ["ab"])).toBe("ab");
    expect(nearest("ab", ["ca"])).toBeNull();
    expect(nearest("ab", ["bc"])).toBeNull();
  });

  it("has no guess among nothing", () => {
    expect(nearest("brokers", [])).toBeNull();
  });

  it("prefers the exact name to one as near when letters are folded", () => {
    expect(nearest("max-wait-ms", ["maxwaitmx", "maxWaitMs"])).toBe("maxWaitMs");
  });
});

describe("checks", () => {
  it("return what they have checked", () => {
    expect(checkObject({ a: 1 }, "", ["a", "b"])).toEqual({ a: 1 });
    expect(checkInteger(3, "n", 3, 3)).toBe(3);
    expect(checkOneOf("b", "o", ["a", "b"])).toBe("b");
    expect(checkString("s", "s")).toBe("s");
  });

  it.each<[string, () => unknown]>([
    ["options: expected an object, got null.", () => checkObject(null, "", [])],
    ["a.b: expected an object, got a function.", () => checkObject(() => 1, "a.b", [])],
    [
      "colour: there is no such option. Did you mean color?",
      () => checkObject({ colour: 1 }, "", ["color"]),
    ],
    [
      "a.zz: there is no such option. Known here: x, y.",
      () => checkObject({ zz: 1 }, "a", ["x", "y"]),
    ],
    ["n: expected an integer from 1 to 5, got 0.", () => checkInteger(0, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got NaN.", () => checkInteger(Number.NaN, "n", 1, 5)],
    ['n: expected an integer from 1 to 5, got "3".', () => checkInteger("3", "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got an array of 1.", () => checkInteger([3], "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got 6.", () => checkInteger(6, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got 1.5.", () => checkInteger(1.5, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got 3.", () => checkInteger(3n, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got true.", () => checkInteger(true, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got null.", () => checkInteger(null, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got nothing.", () => checkInteger(undefined, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got an object.", () => checkInteger({}, "n", 1, 5)],
    ["n: expected an integer from 1 to 5, got a symbol.", () => checkInteger(Symbol(), "n", 1, 5)],
    ["a: expected an object, got an array of 0.", () => checkObject([], "a", [])],
    ["options: expected an object, got nothing.", () => checkObject(undefined, "", [])],
    ['o: expected "a" or "b", got 7.', () => checkOneOf(7, "o", ["a", "b"])],
    ['o: expected "a" or "b", got "zz".', () => checkOneOf("zz", "o", ["a", "b"])],
    [
      'o: expected "alpha" or "beta", got "Alpha". Did you mean "alpha"?',
      () => checkOneOf("Alpha", "o", ["alpha", "beta"]),
    ],
    ["s: expected a string that is not empty, got an empty one.", () => checkString("", "s")],
    ["s: expected a string that is not empty, got a number.", () => checkString(7, "s")],
    ["s: expected a string that is not empty, got none.", () => checkString(undefined, "s")],
  ])("%s", (message, check) => {
    expect(check).toThrow(ConfigurationError);
    expect(check).toThrow(expect.objectContaining({ message }));
  });

  it("an error carries the path", () => {
    expect(new ConfigurationError("a.b", "is wrong", "Do this.")).toMatchObject({
      path: "a.b",
      name: "ConfigurationError",
      message: "a.b: is wrong. Do this.",
    });
  });

  it("a long value is cut in the message", () => {
    expect(show("x".repeat(58))).toBe(`"${"x".repeat(58)}"`);
    expect(show("x".repeat(59))).toBe(`"${"x".repeat(58)}…`);
    expect(show(10n ** 59n)).toHaveLength(60);
    expect(show(10n ** 60n)).toBe(`1${"0".repeat(58)}…`);
    expect(() => checkInteger("x".repeat(500), "n", 1, 2)).toThrow(/got "x{58}…\.$/);
  });
});
