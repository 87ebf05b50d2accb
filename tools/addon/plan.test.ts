import { describe, expect, it } from "vitest";

import { nextStep, type Probes, type Step } from "./plan.mjs";

const fresh: Probes = {
  installed: true,
  loads: false,
  cached: false,
  platform: "linux",
  root: false,
  packageManager: "apt",
  missing: [],
  tried: [],
};

/** The steps taken on a machine where each step has the given effect on what the next probe sees. */
function walk(start: Probes, effects: Partial<Record<string, Partial<Probes>>> = {}): string[] {
  const taken: string[] = [];
  let probes = start;
  for (let step: Step = nextStep(probes); ; step = nextStep(probes)) {
    taken.push(step.do === "give-up" ? `give up: ${step.why}` : step.do);
    if (step.do === "done" || step.do === "give-up") return taken;
    expect(taken.length, "a plan ends").toBeLessThan(10);
    probes = { ...probes, ...effects[step.do], tried: [...probes.tried, step.do] };
  }
}

describe("the addon step", () => {
  it("does nothing when the addon loads", () => {
    expect(walk({ ...fresh, loads: true })).toEqual(["done"]);
  });

  it("restores from the cache before it asks the network", () => {
    const cached = { ...fresh, cached: true };
    expect(walk(cached, { restore: { loads: true } })).toEqual(["restore", "done"]);
  });

  it("goes on when what the cache holds does not load", () => {
    const cached = { ...fresh, cached: true };
    expect(walk(cached, { build: { loads: true } })).toEqual([
      "restore",
      "download",
      "build",
      "done",
    ]);
  });

  it("takes the published binary where there is one, without a compiler", () => {
    const bare = { ...fresh, missing: ["make"] };
    expect(walk(bare, { download: { loads: true } })).toEqual(["download", "done"]);
  });

  it("builds from source when the published binary cannot be had", () => {
    expect(walk(fresh, { build: { loads: true } })).toEqual(["download", "build", "done"]);
  });

  it("installs what the build needs when root on Debian", () => {
    const root = { ...fresh, root: true, missing: ["zstd headers"] };
    const effects = { "install-packages": { missing: [] }, build: { loads: true } };
    expect(walk(root, effects)).toEqual(["download", "install-packages", "build", "done"]);
  });

  it("names the packages when installing them did not help", () => {
    const root = { ...fresh, root: true, missing: ["zstd headers"] };
    expect(walk(root)).toEqual(["download", "install-packages", "give up: missing-packages"]);
  });

  it.each([
    { root: false, packageManager: "apt" },
    { root: true, packageManager: "dnf" },
    { root: true, packageManager: "apk" },
    { root: true, packageManager: null },
    { root: false, packageManager: "brew", platform: "darwin" },
  ] as const)("leaves the system alone for %o", (machine) => {
    const bare = { ...fresh, ...machine, missing: ["make"] };
    expect(walk(bare)).toEqual(["download", "give up: missing-packages"]);
  });

  it("does not build where a build is not known to work", () => {
    const windows = { ...fresh, platform: "win32" };
    expect(walk(windows)).toEqual(["download", "give up: unsupported-platform"]);
  });

  it("builds once, then says that it failed", () => {
    expect(walk(fresh)).toEqual(["download", "build", "give up: build-failed"]);
  });

  it("asks for an install first when the package is not there", () => {
    expect(walk({ ...fresh, installed: false })).toEqual(["give up: not-installed"]);
  });
});
