// What tests get for "vitest" while mutants are judged: lib/hot-runner.mjs collects them and runs them itself.
import type * as vitest from "vitest";

type Used = Pick<typeof vitest, "describe" | "test" | "it" | "expect" | "vi">;

export const { describe, test, it, expect, vi } = (globalThis as unknown as { hotTests: Used })
  .hotTests;
