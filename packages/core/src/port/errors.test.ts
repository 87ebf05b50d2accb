import { expect, test } from "vitest";
import { PortError } from "./errors.ts";

test("an error that crosses the port says what to do about it, and what caused it", () => {
  const cause = new Error("the client's own");
  const error = new PortError("sending failed", {
    ...{ kind: "fenced", outcome: "unknown", code: 47, cause },
  });
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe("PortError: sending failed");
  expect([error.kind, error.outcome, error.code, error.cause]).toEqual([
    "fenced",
    "unknown",
    47,
    cause,
  ]);
  expect(new PortError("", { kind: "fatal", outcome: "failed" }).code).toBeUndefined();
});
