import { ConfigurationError } from "@sluice/core";
import { expect, it } from "vitest";
import type { KafkajsConfig } from "./kafkajs.ts";
import { kafkajs } from "./kafkajs.ts";
import { applyPatches } from "./patches.ts";

const brokers = ["localhost:9092"];

it("declares what kafkajs can do", () => {
  expect(kafkajs({ brokers })).toMatchObject({
    name: "kafkajs",
    caps: { client: "kafkajs 2.2.4", rebalance: "eager", staticMembership: false },
  });
});

it("reads zstd exactly where Node does", () => {
  const { codecs } = kafkajs({ brokers }).caps;
  expect(codecs).toContain("gzip");
  expect(codecs.includes("zstd")).toBe("zstdDecompress" in process.getBuiltinModule("node:zlib"));
});

it("refuses another version of kafkajs than the one it was written for", () => {
  expect(() => applyPatches("2.2.5")).toThrow(ConfigurationError);
  expect(() => applyPatches("2.2.5")).toThrow(/2\.2\.5.*2\.2\.4/);
});

it.each([
  ["a misspelt option", { brokers, heartbeatInterval: 1 }, /heartbeatIntervalMs/],
  ["a misspelt client option", { brokers, client: { maxByte: 1 } }, /client\.maxBytes/],
  ["auto-commit", { brokers, client: { autoCommit: true } }, /commits what is settled/],
  ["a producer that duplicates", { brokers, client: { idempotent: false } }, /idempotent/],
  ["an address that kafkajs cannot read", { brokers: ["[::1]:9092"] }, /IPv6/],
  [
    "a rebalance timeout without time to drain",
    { brokers, rebalanceTimeoutMs: 3000, sessionTimeoutMs: 3000 },
    /leaves no time to drain/,
  ],
])("refuses %s and says what to do", (_, config, message) => {
  expect(() => kafkajs(config as KafkajsConfig)).toThrow(ConfigurationError);
  expect(() => kafkajs(config as KafkajsConfig)).toThrow(message);
});
