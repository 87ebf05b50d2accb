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
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "integration",
          include: ["packages/*/test/**/*.test.ts"],
          // One process for all files: they share one Kafka, started on first use.
          pool: "forks",
          maxWorkers: 1,
          isolate: false,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
