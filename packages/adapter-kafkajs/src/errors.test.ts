import { PortError } from "@sluice/core";
import { expect, it } from "vitest";
import { errorOfCode, kafkaCode, toPortError, wasNeverSent } from "./errors.ts";

it("judges a wrapper by what it wraps: kafkajs' wrappers say that nothing is retriable", () => {
  const refused = kafkajsError("KafkaJSConnectionError", { code: "ECONNREFUSED", retriable: true });
  const wrapped = kafkajsError("KafkaJSNonRetriableError", { retriable: false, cause: refused });
  const outer = kafkajsError("KafkaJSNumberOfRetriesExceeded", {
    retriable: false,
    cause: wrapped,
  });
  expect(toPortError(outer, "connecting", "failed").kind).toBe("retriable");
  expect(wasNeverSent(outer)).toBe(true);
});

it("takes the code of the innermost protocol error", () => {
  const fenced = kafkajsError("KafkaJSProtocolError", { code: 22, retriable: false });
  const outer = kafkajsError("KafkaJSError", { retriable: true, cause: fenced });
  const error = toPortError(outer, "committing", "unknown");
  expect(error).toMatchObject({ kind: "fenced", code: 22, outcome: "unknown" });
  expect(kafkaCode(outer)).toBe(22);
});

it("looks into the lists that kafkajs' admin throws", () => {
  const exists = kafkajsError("KafkaJSCreateTopicError", { code: 36, retriable: false });
  expect(kafkaCode(kafkajsError("KafkaJSAggregateError", { errors: [exists] }))).toBe(36);
  const busy = kafkajsError("KafkaJSProtocolError", { code: 68, retriable: false });
  const groups = [{ groupId: "g", error: busy }];
  expect(kafkaCode(kafkajsError("KafkaJSDeleteGroupsError", { groups }))).toBe(68);
});

it.each([
  [12, "metadata-too-large"],
  [10, "rejected"],
  [16, "retriable"],
  [25, "fenced"],
  [27, "rebalancing"],
  [29, "authorization"],
  [58, "authentication"],
  [113, "fenced"],
])("maps Kafka's code %i to %s, whatever kafkajs says of it", (code, kind) => {
  expect(errorOfCode(code, "asking").kind).toBe(kind);
});

it("takes a mistake in a program for fatal", () => {
  expect(toPortError(new TypeError("x is not a function"), "x", "failed").kind).toBe("fatal");
});

it("knows a broken connection for one that may have carried the request", () => {
  const reset = kafkajsError("KafkaJSConnectionError", { code: "ECONNRESET", retriable: true });
  expect(wasNeverSent(reset)).toBe(false);
});

it("passes a PortError on as it is", () => {
  const error = new PortError("m", { kind: "fenced", outcome: "failed" });
  expect(toPortError(error, "x", "unknown")).toBe(error);
});

function kafkajsError(name: string, fields: object): Error {
  return Object.assign(new Error("message"), { name }, fields);
}
