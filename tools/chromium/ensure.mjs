// @ts-check
// Finds a Chromium to look at the conformance report with, or installs Debian's.
//
//   node tools/chromium/ensure.mjs     prints its path
//
// SLUICE_CHROMIUM names another one. Nothing is downloaded from outside the system's packages.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isRoot, packageManager } from "../addon/machine.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const INSTALL_MS = 5 * 60_000;

const COMMANDS = /** @type {const} */ ({
  apt: "apt-get install -y chromium",
  dnf: "dnf install -y chromium",
  apk: "apk add chromium",
  brew: "brew install --cask chromium",
});

/**
 * @typedef {{ path: string, reason: null } | { path: null, reason: string }} Chromium
 *
 * @param {{ log: (line: string) => void }} options
 * @returns {Chromium}
 */
export function ensureChromium({ log }) {
  const named = process.env["SLUICE_CHROMIUM"];
  if (named !== undefined) {
    if (existsSync(named)) return { path: named, reason: null };
    return { path: null, reason: `SLUICE_CHROMIUM names ${named}, which is not there` };
  }
  const found = find();
  if (found !== null) return { path: found, reason: null };
  const manager = packageManager();
  if (manager === "apt" && isRoot()) {
    log("installing chromium with apt-get");
    const failed = aptInstall();
    const installed = find();
    if (installed !== null) return { path: installed, reason: null };
    return { path: null, reason: `chromium could not be installed: ${failed}` };
  }
  const command = manager === null ? "install Chromium or Chrome" : COMMANDS[manager];
  return { path: null, reason: `no Chromium or Chrome was found: ${command}` };
}

/** @returns {string | null} */
function find() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const candidates = [...NAMES.flatMap((name) => folders.map((dir) => join(dir, name))), ...PLACES];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** @returns {string} the last thing that was said */
function aptInstall() {
  let said = "";
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", "chromium"],
  ]) {
    const child = spawnSync("apt-get", args, {
      encoding: "utf8",
      timeout: INSTALL_MS,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    said = child.error?.message ?? child.stderr.trim().split("\n").at(-1) ?? "";
  }
  return said;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { path, reason } = ensureChromium({ log: (line) => process.stderr.write(`${line}\n`) });
  process.stdout.write(path === null ? "" : `${path}\n`);
  if (reason !== null) {
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  }
}
