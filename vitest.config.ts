import { defineConfig } from "vitest/config";

const resolve = { conditions: ["@sluice/source"] };
const ssr = { resolve: { conditions: ["@sluice/source"] } };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "tools/**/*.test.ts"],
          setupFiles: ["./tools/vitest/fast-check-seed.ts"],
          // For what hangs, not for what is slow: a property takes seconds, on a busy machine many.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "integration",
          include: ["packages/*/test/**/*.test.ts"],
          // Two processes, each with a Kafka of its own that its files share: most of a test's time is
          // spent waiting for sessions and time-outs.
          pool: "forks",
          maxWorkers: 2,
          isolate: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
