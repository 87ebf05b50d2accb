// @ts-check
// A test runner for Stryker that loads the tests once and then runs those that reach a mutant, in the same
// process: milliseconds a mutant, where a worker of Vitest's takes most of a second to begin. That is sound
// because the core has no state of its own that one test could leave to the next. What tests get for
// "vitest" is the little of it that the core's tests use; anything else of it fails while they load.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, vi } from "vitest";

/** @typedef {{ id: string, name: string, fileName: string, run: () => unknown }} Test */

/**
 * What the instrumented code reads and writes.
 * @typedef {object} Switchboard
 * @property {string | undefined} [activeMutant]
 * @property {string | undefined} [currentTestId]
 * @property {number | undefined} [hitCount]
 * @property {number | undefined} [hitLimit]
 * @property {unknown} [mutantCoverage]
 */

/**
 * Of Stryker's options for one mutant.
 * @typedef {object} MutantRun
 * @property {{ id: string }} activeMutant
 * @property {readonly string[]} [testFilter] all tests unless given
 * @property {"runtime" | "static"} mutantActivation `static`: it is run already while modules load
 * @property {number} [hitLimit]
 */

/** How Stryker wants tests told apart. */
const STATUS = { success: 0, failed: 1 };

export class HotRunner {
  /** @type {{ import(path: string): Promise<unknown>, clearCache(): void } | undefined} */
  #modules;
  /** @type {{ close(): Promise<void> } | undefined} */
  #server;
  /** In order of their cost. */
  #files = (process.env["SLUICE_MUTATION_TESTS"] ?? "").split(",").toSorted(byCost);
  /** By file, of the modules that are loaded; empty when those are a mutant's. @type {Map<string, Test[]>} */
  #tests = new Map();
  #collector = new Collector();
  #stryker = switchboard();

  /** Modules can be loaded anew. */
  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const { createServer, createServerModuleRunner } = await ofVitest("vite");
    const conditions = ["@sluice/source"];
    this.#server = await createServer({
      configFile: false,
      root: process.cwd(),
      appType: "custom",
      logLevel: "error",
      server: { middlewareMode: true, watch: null, hmr: false, ws: false },
      optimizeDeps: { noDiscovery: true },
      resolve: {
        conditions,
        alias: ["vitest", "fast-check"].map((name) => ({
          find: new RegExp(`^${name}$`),
          replacement: resolve(`tools/mutation/${name}.ts`),
        })),
      },
      ssr: { noExternal: [/^@sluice\//], resolve: { conditions } },
    });
    this.#modules = createServerModuleRunner(/** @type {any} */ (this.#server).environments.ssr, {
      hmr: false,
    });
  }

  async dispose() {
    await this.#server?.close();
  }

  /** All tests, and which mutants each of them reaches. */
  async dryRun() {
    const ns = this.#stryker;
    ns.activeMutant = undefined;
    ns.mutantCoverage = undefined;
    await this.#load();
    const tests = [];
    for (const { id, name, fileName, run } of [...this.#tests.values()].flat()) {
      ns.currentTestId = id;
      const from = performance.now();
      const failure = await failureOf(run);
      const timeSpentMs = performance.now() - from;
      const told = { id, name, fileName, timeSpentMs };
      tests.push(
        failure === null
          ? { ...told, status: STATUS.success }
          : { ...told, status: STATUS.failed, failureMessage: failure },
      );
    }
    ns.currentTestId = undefined;
    return { status: "complete", tests, mutantCoverage: ns.mutantCoverage };
  }

  /** @param {MutantRun} options */
  async mutantRun({ activeMutant, testFilter, mutantActivation, hitLimit }) {
    const ns = this.#stryker;
    const wanted = testFilter && new Set(testFilter);
    if (mutantActivation === "static") this.#unload();
    else if (this.#tests.size === 0) await this.#load();
    ns.activeMutant = activeMutant.id;
    ns.hitLimit = hitLimit;
    ns.hitCount = 0;
    try {
      return await this.#judge(mutantActivation === "static", wanted);
    } finally {
      ns.activeMutant = undefined;
      vi.restoreAllMocks();
    }
  }

  /** @param {boolean} isStatic @param {ReadonlySet<string> | undefined} wanted */
  async #judge(isStatic, wanted) {
    let nrOfTests = 0;
    for (const file of this.#files) {
      /** @type {Test[]} */
      let tests = [];
      // Of a mutant that is there from the beginning a file is loaded when those before it have passed.
      if (isStatic) {
        const failure = await failureOf(async () => (tests = await this.#collect(file)));
        if (failure !== null) return this.#endless() ?? { status: "error", errorMessage: failure };
      } else tests = this.#tests.get(file) ?? [];
      for (const { id, run } of tests) {
        if (wanted && !wanted.has(id)) continue;
        nrOfTests++;
        const failureMessage = await failureOf(run);
        const endless = this.#endless();
        if (endless !== null) return endless;
        if (failureMessage !== null) {
          return { status: "killed", killedBy: [id], failureMessage, nrOfTests };
        }
      }
    }
    return { status: "survived", nrOfTests };
  }

  /** A mutant that is run so often that it must be in an endless loop. */
  #endless() {
    const { hitCount = 0, hitLimit = Infinity } = this.#stryker;
    if (hitCount <= hitLimit) return null;
    return { status: "timeout", reason: `Hit limit reached (${hitCount}/${hitLimit})` };
  }

  async #load() {
    this.#unload();
    for (const file of this.#files) this.#tests.set(file, await this.#collect(file));
  }

  #unload() {
    this.#modules?.clearCache();
    this.#tests.clear();
  }

  /** @param {string} file */
  async #collect(file) {
    this.#collector.begin(file);
    Object.assign(globalThis, { hotTests: this.#collector.api });
    for (const each of ["tools/vitest/fast-check-seed.ts", file]) {
      await this.#modules?.import(resolve(each));
    }
    return this.#collector.tests;
  }
}

/** What the core's tests use of Vitest, and the tests that they tell it. */
class Collector {
  /** @type {Test[]} */
  tests = [];
  #file = "";
  /** @type {string[]} */
  #path = [];
  api = {
    describe: withEach((name, body) => {
      this.#path.push(name);
      body();
      this.#path.pop();
    }),
    test: withEach((name, run) => this.#add(name, run)),
    it: withEach((name, run) => this.#add(name, run)),
    expect,
    // Only limits of time are set, which Stryker sets too.
    vi: Object.assign(Object.create(vi), { setConfig: () => {} }),
  };

  /** @param {string} file */
  begin(file) {
    this.tests = [];
    this.#file = file;
    this.#path = [];
  }

  /** @param {string} last @param {() => unknown} run */
  #add(last, run) {
    const name = [...this.#path, last].join(" ");
    this.tests.push({ id: `${this.#file}#${name}`, name, fileName: resolve(this.#file), run });
  }
}

/** @param {(name: string, body: () => unknown) => void} declare */
function withEach(declare) {
  return Object.assign(
    (/** @type {string} */ name, /** @type {() => unknown} */ body) => declare(name, body),
    {
      each:
        (/** @type {readonly unknown[]} */ table) =>
        (/** @type {string} */ name, /** @type {(...row: unknown[]) => unknown} */ body) => {
          for (const [index, row] of table.entries()) {
            declare(`${name} (${index + 1})`, () => body(...(Array.isArray(row) ? row : [row])));
          }
        },
    },
  );
}

/** @returns {Switchboard} */
function switchboard() {
  const all = /** @type {{ __stryker__?: Switchboard }} */ (/** @type {unknown} */ (globalThis));
  return (all.__stryker__ ??= {});
}

/** Null when there is none. @param {() => unknown} run */
async function failureOf(run) {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Most mutants are killed by an example, in less than a millisecond; then vectors, then properties.
 * @param {string} a @param {string} b */
function byCost(a, b) {
  const cost = (/** @type {string} */ file) =>
    file.endsWith(".prop.test.ts") ? 2 : file.includes("/core/src/vectors/") ? 1 : 0;
  return cost(a) - cost(b) || a.localeCompare(b);
}

/** A package that Vitest has. @param {string} name */
async function ofVitest(name) {
  const vitest = createRequire(import.meta.url).resolve("vitest/package.json");
  return import(pathToFileURL(createRequire(vitest).resolve(name)).href);
}

export const strykerPlugins = [{ kind: "TestRunner", name: "hot", injectableClass: HotRunner }];
