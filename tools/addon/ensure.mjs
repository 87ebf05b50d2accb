#!/usr/bin/env node
// Makes the native addon of @confluentinc/kafka-javascript loadable, by the cheapest way there is.
// Plain JavaScript without dependencies: it runs before anything of the workspace is built.
//
//   node tools/addon/ensure.mjs [--json]     exits 0 when the addon is ready, 4 when it cannot be

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isCached } from "./cache.mjs";
import { withLock } from "./lock.mjs";
import * as machine from "./machine.mjs";
import { installCommand } from "./packages.mjs";
import { nextStep } from "./plan.mjs";
import { build, download, installPackages, restore } from "./steps.mjs";

const lockTimeoutMs = 20 * 60_000;
const steps = { restore, download, "install-packages": installPackages, build };

/**
 * @typedef {object} AddonState
 * @property {"ready" | "unavailable"} status
 * @property {"loaded" | "cache" | "published" | "built" | "none"} how
 * @property {string} reason one line; when unavailable also what to do
 */

/**
 * Idempotent, safe to run twice at once; well under a second when the addon loads already.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets progress, one line a call
 * @returns {Promise<AddonState>} never rejects for a reason of the machine
 */
export async function ensureAddon({ log = () => {} } = {}) {
  if (machine.loadError() === null) {
    return { status: "ready", how: "loaded", reason: "the addon loads already" };
  }
  const directory = machine.packageDirectory();
  if (directory === null) return unavailable("not-installed", { missing: [], failures: [] });

  const root = machine.cacheRoot();
  const key = machine.cacheKey(machine.packageVersion(directory));
  mkdirSync(root, { recursive: true });
  const onWait = (/** @type {number} */ holder) =>
    log(`process ${holder} is preparing the addon; waiting for it`);
  return withLock(join(root, `${key}.lock`), { onWait, timeoutMs: lockTimeoutMs }, () =>
    prepare({ directory, entry: join(root, key), buildLog: join(root, `${key}.log`), log }),
  );
}

/**
 * @param {import("./steps.mjs").Place} place
 * @returns {Promise<AddonState>}
 */
async function prepare(place) {
  /** @type {import("./plan.mjs").StepName[]} */
  const tried = [];
  /** @type {string[]} */
  const failures = [];
  for (;;) {
    const missing = machine.missingForBuild();
    const step = nextStep({
      installed: true,
      loads: machine.loadError() === null,
      cached: isCached(place.entry),
      platform: process.platform,
      root: machine.isRoot(),
      packageManager: machine.packageManager(),
      missing,
      tried,
    });
    if (step.do === "done") return ready(tried.at(-1), place);
    if (step.do === "give-up") return unavailable(step.why, { missing, failures });
    if (tried.length === 0) writeFileSync(place.buildLog, "");
    tried.push(step.do);
    try {
      await steps[step.do](place);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      failures.push(message);
      place.log(message);
    }
  }
}

/**
 * @param {import("./plan.mjs").StepName | undefined} last
 * @param {import("./steps.mjs").Place} place
 * @returns {AddonState}
 */
function ready(last, { entry }) {
  if (last === "restore")
    return { status: "ready", how: "cache", reason: `restored from ${entry}` };
  if (last === "download") return { status: "ready", how: "published", reason: "published binary" };
  if (last === "build") return { status: "ready", how: "built", reason: `built, kept in ${entry}` };
  return { status: "ready", how: "loaded", reason: "another run prepared the addon" };
}

/**
 * @param {import("./plan.mjs").GiveUp} why
 * @param {{ missing: readonly string[], failures: readonly string[] }} details
 * @returns {AddonState}
 */
function unavailable(why, { missing, failures }) {
  const reasons = {
    "not-installed": `${machine.packageName} is not installed; run: npx -y pnpm@12 install`,
    "unsupported-platform": `no published binary fits ${process.platform}-${process.arch} and this step builds on Linux and macOS only`,
    "missing-packages": `a source build lacks ${missing.join(", ")}; install:\n${installCommand(machine.packageManager())}\nthen run: node tools/addon/ensure.mjs`,
    "build-failed": `it does not load: ${failures.at(-1) ?? machine.loadError()}`,
  };
  return { status: "unavailable", how: "none", reason: `rdkafka addon: ${reasons[why]}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const json = process.argv.includes("--json");
  const state = await ensureAddon({ log: (line) => console.error(`addon: ${line}`) });
  console.log(json ? JSON.stringify(state) : `addon: ${state.status} (${state.reason})`);
  process.exitCode = state.status === "ready" ? 0 : 4;
}
