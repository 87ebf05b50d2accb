import { describe, expect, it } from "vitest";
import { describeThrown, NonRetryableError, RetryableError } from "./errors.ts";
import { OK, outcomeOf } from "./handler-result.ts";

describe("outcomeOf", () => {
  it.each([[undefined], [null], [true], [0], ["done"], [{ rows: 1 }], [[1, 2]], [Symbol("x")]])(
    "takes %o for success",
    (value) => {
      expect(outcomeOf(value)).toBe(OK);
    },
  );

  it("knows the four outcomes", () => {
    expect(outcomeOf({ outcome: "ok" })).toBe(OK);
    expect(outcomeOf({ outcome: "skip", reason: "old" })).toEqual({ type: "skip", reason: "old" });
    expect(outcomeOf({ outcome: "dead-letter", reason: "no such user" })).toEqual({
      type: "dead-letter",
      error: { kind: "permanent", class: "DeadLetterRequested", message: "no such user" },
    });
    expect(outcomeOf({ outcome: "retry", afterMs: 12.2, reason: "busy" })).toEqual({
      type: "retry",
      afterMs: 13,
      error: { kind: "transient", class: "RetryRequested", message: "busy" },
    });
    expect(outcomeOf({ outcome: "retry" })).not.toHaveProperty("afterMs");
  });

  it.each([["okay"], ["dead_letter"], [undefined], [7], [null]])(
    "does not take the outcome %o for success",
    (outcome) => {
      expect(outcomeOf({ outcome })).toMatchObject({
        type: "failed",
        error: { class: "InvalidOutcome", message: expect.stringContaining('must say "ok"') },
      });
    },
  );

  it.each([[-1], [NaN], [Infinity], ["5"]])("refuses to retry after %o", (afterMs) => {
    expect(outcomeOf({ outcome: "retry", afterMs })).toMatchObject({
      type: "failed",
      error: { message: expect.stringContaining("afterMs must be milliseconds") },
    });
  });

  it("survives a returned object whose properties throw", () => {
    const hostile = {
      get outcome(): string {
        throw new Error("gotcha");
      },
    };
    expect(outcomeOf(hostile)).toMatchObject({ type: "failed", error: { message: "gotcha" } });
  });
});

describe("describeThrown", () => {
  it("keeps what an error says", () => {
    const error = Object.assign(new TypeError("no"), { code: "E42" });
    expect(describeThrown(error)).toEqual({
      kind: "unknown",
      class: "TypeError",
      message: "no",
      code: "E42",
      stack: error.stack,
    });
  });

  it("has no stack for what is no error, or where it cannot be read", () => {
    const hostile = Object.defineProperty(new Error("x"), "stack", {
      get: () => {
        throw new Error("no stack for you");
      },
    });
    for (const thrown of ["text", { stack: "mine" }, hostile]) {
      expect(describeThrown(thrown).stack).toBeUndefined();
    }
  });

  it("tells the two kinds that a handler can choose", () => {
    expect(describeThrown(new RetryableError("later")).kind).toBe("transient");
    expect(describeThrown(new NonRetryableError("never")).kind).toBe("permanent");
    class Mine extends NonRetryableError {}
    expect(describeThrown(new Mine("x"))).toMatchObject({ kind: "permanent", class: "Mine" });
  });

  it.each<[unknown, string, string]>([
    ["text", "string", "text"],
    [undefined, "undefined", "undefined"],
    [null, "null", "null"],
    [42, "number", "42"],
    [Symbol("s"), "symbol", "Symbol(s)"],
    [{ a: 1 }, "Object", "{ a: 1 }"],
    [Object.create(null), "Object", "[Object: null prototype] {}"],
    [Object.freeze(new Error("frozen")), "Error", "frozen"],
    [new Error(""), "Error", "Error"],
  ])("describes %o", (thrown, name, message) => {
    expect(describeThrown(thrown)).toMatchObject({ kind: "unknown", class: name, message });
  });

  it("survives objects that resist", () => {
    const throwing = Object.freeze({
      get message(): string {
        throw new Error("no message for you");
      },
      get constructor(): never {
        throw new Error("nor this");
      },
      get code(): never {
        throw new Error("nor that");
      },
    });
    expect(describeThrown(throwing).class).toBe("Object");
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describeThrown(proxy)).toMatchObject({ kind: "unknown", class: "Object" });
    const error = Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error("hidden");
      },
    });
    expect(describeThrown(error)).toMatchObject({ class: "Error", message: "Error" });
  });

  it("bounds the message", () => {
    expect(describeThrown(new Error("x".repeat(100_000))).message).toHaveLength(4096);
  });
});
