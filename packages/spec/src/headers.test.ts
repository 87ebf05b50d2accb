import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FOREIGN_HEADER, HEADER, ORIGIN_HEADERS } from "./headers.ts";
import { LIMIT } from "./limits.ts";
import { DLQ_REASONS, ERROR_KINDS, NON_RETRYABLE_KINDS, TRUNCATED_PARTS } from "./registry.ts";
import { SPEC_VERSION } from "./version.ts";

const text = readFileSync(new URL("../SPEC.md", import.meta.url), "utf8");
const rows = text.split("\n").filter((line) => line.startsWith("| `sluice-"));
const row = (name: string): string => rows.find((line) => line.includes(`\`${name}\``)) ?? "";
const quoted = (line: string): string[] => [...line.matchAll(/`([^`]+)`/g)].map(([, q]) => q ?? "");

it("every header is named as the text demands (SLC-ENV-001)", () => {
  for (const name of Object.values(HEADER)) {
    expect(name).toMatch(/^sluice-[a-z0-9-]{1,57}$/);
    expect(name.length).toBeLessThanOrEqual(LIMIT.headerNameBytes);
  }
  expect(new Set(Object.values(HEADER)).size).toBe(Object.values(HEADER).length);
  expect(ORIGIN_HEADERS).toHaveLength(4);
});

it("foreign headers are in lower case and not ours", () => {
  for (const name of Object.values(FOREIGN_HEADER)) expect(name).toMatch(/^(?!sluice-)[a-z_]+$/);
});

it("the table of headers in the text lists them all and no other", () => {
  expect(rows).toHaveLength(Object.values(HEADER).length);
  expect(new Set(rows.map((line) => quoted(line)[0]))).toEqual(new Set(Object.values(HEADER)));
});

it("the lists of values in the text are those of the code", () => {
  expect(quoted(row(HEADER.errorKind)).slice(1)).toEqual(ERROR_KINDS);
  expect(quoted(row(HEADER.dlqReason)).slice(1)).toEqual(DLQ_REASONS);
  expect(quoted(row(HEADER.truncated)).slice(1)).toEqual(TRUNCATED_PARTS);
  expect(ERROR_KINDS).toEqual(expect.arrayContaining([...NON_RETRYABLE_KINDS]));
});

it.each([
  [HEADER.errorClass, LIMIT.errorClassBytes],
  [HEADER.errorCode, LIMIT.errorCodeBytes],
  [HEADER.errorMessage, LIMIT.errorMessageBytes],
  [HEADER.errorStack, LIMIT.errorStackBytes],
  [HEADER.history, LIMIT.historyBytes],
  [HEADER.messageType, LIMIT.messageTypeBytes],
  [HEADER.idempotencyKey, LIMIT.idempotencyKeyBytes],
  [HEADER.retryPolicy, LIMIT.retryPolicyBytes],
  [HEADER.replayId, LIMIT.replayIdBytes],
  [HEADER.group, LIMIT.groupBytes],
  [HEADER.hops, LIMIT.hops],
  [HEADER.retryCount, LIMIT.retryCount],
])("the text gives %s the limit %i", (name, limit) => {
  expect(row(name)).toMatch(new RegExp(`at most ${limit}\\b`));
});

it("the text is of the version that the code claims", () => {
  expect(text).toContain(`\nVersion ${SPEC_VERSION},`);
});
