import { fileURLToPath } from "node:url";
import { BaseSequencer } from "vitest/node";
import type { Reporter, TestModule, TestSpecification, Vitest } from "vitest/node";
import { defineConfig } from "vitest/config";

const conditions = ["@sluice/source"];

/** Most mutants are killed by an example, which takes a millisecond; then vectors, then properties. */
class CheapFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const cost = ({ moduleId }: TestSpecification): number =>
      moduleId.endsWith(".prop.test.ts") ? 2 : moduleId.includes("/core/src/vectors/") ? 1 : 0;
    return Promise.resolve(
      files.toSorted((a, b) => cost(a) - cost(b) || a.moduleId.localeCompare(b.moduleId)),
    );
  }
}

/** A file that fails before its first test has no test that fails, which Stryker would take for success. */
class FailedFiles implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleEnd(file: TestModule): void {
    for (const { message } of file.errors()) {
      this.#vitest?.state.catchError(new Error(message), "before any test");
    }
  }
}

/** The tests of the core that judge the mutants of one folder; run.mjs names the folder's. */
export default defineConfig({
  resolve: {
    conditions,
    alias: [
      {
        find: /^fast-check$/,
        replacement: fileURLToPath(new URL("fast-check.ts", import.meta.url)),
      },
    ],
  },
  ssr: { resolve: { conditions } },
  test: {
    include: (process.env["SLUICE_MUTATION_TESTS"] ?? "packages/core/src/**/*.test.ts").split(","),
    setupFiles: ["./tools/vitest/fast-check-seed.ts"],
    sequence: { sequencer: CheapFirst },
    reporters: [new FailedFiles()],
    testTimeout: 60_000,
    // The core has no state of its own that one test could leave to another; a mutant has its own worker.
    isolate: false,
  },
});
