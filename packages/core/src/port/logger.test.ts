import { expect, test } from "vitest";
import { silentLogger } from "./logger.ts";

test.each(["debug", "info", "warn", "error"] as const)("the silent logger takes %s", (level) => {
  expect(silentLogger[level]("message", { topic: "orders" })).toBeUndefined();
});
