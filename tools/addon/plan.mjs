// Which step comes next on the way to a working rdkafka addon. Pure: the probes are arguments, so
// every machine a user may have is a test case (plan.test.ts).

/**
 * What is known about this machine and about the steps taken so far.
 *
 * @typedef {object} Probes
 * @property {boolean} installed the package is in node_modules
 * @property {boolean} loads a fresh Node process can load the addon
 * @property {boolean} cached the cache holds a complete build for this key
 * @property {string} platform `process.platform`
 * @property {boolean} root may install system packages
 * @property {"apt" | "dnf" | "apk" | "brew" | null} packageManager
 * @property {readonly string[]} missing tools and headers that a source build lacks
 * @property {readonly StepName[]} tried steps taken so far, in order
 */

/** @typedef {"restore" | "download" | "install-packages" | "build"} StepName */

/**
 * @typedef {{ do: "done" } | { do: StepName } | { do: "give-up", why: GiveUp }} Step
 * @typedef {"not-installed" | "unsupported-platform" | "missing-packages" | "build-failed"} GiveUp
 */

/**
 * @param {Probes} probes
 * @returns {Step}
 */
export function nextStep(probes) {
  const { tried } = probes;
  if (probes.loads) return { do: "done" };
  if (!probes.installed) return { do: "give-up", why: "not-installed" };
  if (probes.cached && !tried.includes("restore")) return { do: "restore" };
  if (!tried.includes("download")) return { do: "download" };
  if (probes.platform !== "linux" && probes.platform !== "darwin") {
    return { do: "give-up", why: "unsupported-platform" };
  }
  if (probes.missing.length > 0) {
    // Only Debian's packages are installed unasked, and only by root: that is a container or CI.
    const may = probes.root && probes.packageManager === "apt";
    if (may && !tried.includes("install-packages")) return { do: "install-packages" };
    return { do: "give-up", why: "missing-packages" };
  }
  if (!tried.includes("build")) return { do: "build" };
  return { do: "give-up", why: "build-failed" };
}
