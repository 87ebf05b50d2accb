import { expect, it } from "vitest";

import { load } from "./addon.ts";
import { kindOf, outcomeOf, portError } from "./errors.ts";
import { routeLog } from "./logger.ts";

function collect(): {
  lines: string[];
  log: ReturnType<typeof routeLog>;
} {
  const lines: string[] = [];
  const level =
    (name: string) =>
    (message: string): void => {
      lines.push(`${name}: ${message}`);
    };
  const logger = {
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
  };
  const log = routeLog(logger, {
    authentication: (message) => lines.push(`AUTHENTICATION ${message}`),
    fatal: (message) => lines.push(`FATAL ${message}`),
    neglected: () => lines.push("NEGLECTED"),
  });
  return { lines, log };
}

it("finds a refused login in the log, which is the only place that tells", () => {
  const { lines, log } = collect();
  log({
    severity: 3,
    fac: "FAIL",
    message:
      "[thrd:sasl_plaintext://b:1/bootstrap]: sasl_plaintext://b:1/bootstrap: SASL authentication " +
      "error: Authentication failed: Invalid username or password (after 3ms in state AUTH_REQ)",
  });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^error: sasl_plaintext/);
  expect(lines[1]).toMatch(/^AUTHENTICATION /);
});

it("takes a broker that is away for a warning, not for a login", () => {
  const { lines, log } = collect();
  const message = "[thrd:b]: b:1: Connect to ipv4#b:1 failed: Connection refused";
  log({ severity: 3, fac: "FAIL", message });
  log({ severity: 7, fac: "FETCH", message: "detail" });
  expect(lines).toEqual([
    "warn: b:1: Connect to ipv4#b:1 failed: Connection refused",
    "debug: detail",
  ]);
});

it("passes a fatal error on with its reason", () => {
  const { lines, log } = collect();
  log({ severity: 0, fac: "FATAL", message: "[thrd:main]: Fatal error: fenced" });
  expect(lines).toEqual(["error: Fatal error: fenced", "FATAL Fatal error: fenced"]);
});

it("hears in the log that a consumer was not polled, which an error behind records does not tell", () => {
  const { lines, log } = collect();
  const message =
    "Application maximum poll interval (6000ms) exceeded by 419ms (adjust max.poll.interval.ms for " +
    "long-running message processing): leaving group";
  log({ severity: 4, fac: "MAXPOLL", message: `[thrd:main]: ${message}` });
  expect(lines).toEqual([`warn: ${message}`, "NEGLECTED"]);
});

it("says how to get the addon when it is missing", () => {
  const missing = (): never => {
    throw new Error("Could not locate the bindings file. Tried:\n → /a\n → /b");
  };
  expect(() => load(missing)).toThrow(/Could not locate the bindings file/);
  expect(() => load(missing)).toThrow(/node tools\/addon\/ensure\.mjs/);
  expect(() => load(missing)).toThrow(/kafkajs/);
});

it.each([
  [-192, "retriable", "unknown"],
  [-195, "retriable", "unknown"],
  [-184, "backpressure", "failed"],
  [-150, "fatal", "unknown"],
  [10, "rejected", "failed"],
  [7, "retriable", "unknown"],
  [20, "retriable", "unknown"],
  [-190, "configuration", "failed"],
  [29, "authorization", "failed"],
] as const)("a delivery that ends with %i is %s, and %s", (code, kind, outcome) => {
  expect(kindOf(code)).toBe(kind);
  expect(outcomeOf(code)).toBe(outcome);
});

it("knows errors by their text where the client has lost the code", () => {
  const error = portError("reading offsets", new Error("Broker: Unknown member"));
  expect(error).toMatchObject({ code: 25, kind: "fenced" });
});
