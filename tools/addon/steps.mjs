// The steps themselves: each leaves a loadable addon behind or throws with a reason.

import { spawn } from "node:child_process";
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { copyBuild, seal } from "./cache.mjs";
import { buildEnvironment, onPath } from "./machine.mjs";
import { debianPackages } from "./packages.mjs";

const downloadTimeoutMs = 60_000;
const buildTimeoutMs = 15 * 60_000;
const progressMs = 15_000;

/**
 * @typedef {object} Place
 * @property {string} directory the installed package
 * @property {string} entry its cache directory
 * @property {string} buildLog
 * @property {(line: string) => void} log
 */

/** @param {Place} place */
export async function restore({ directory, entry, log }) {
  log(`restoring the addon from ${entry}`);
  copyBuild(join(entry, "build"), join(directory, "build"));
}

/** @param {Place} place */
export async function download({ directory, entry, buildLog, log }) {
  log("trying the published binary");
  // The package's own installer finds the file for this platform and ABI and unpacks it.
  const installer = resolve(directory, "../../@mapbox/node-pre-gyp/bin/node-pre-gyp");
  try {
    await run(process.execPath, [installer, "install", "--fallback-to-build=false"], {
      cwd: directory,
      buildLog,
      timeoutMs: downloadTimeoutMs,
    });
  } catch (error) {
    const last = lastLine(buildLog) ?? /** @type {Error} */ (error).message;
    throw new Error(`no published binary: ${last}`, { cause: error });
  }
  copyBuild(join(directory, "build"), join(entry, "build"));
  seal(entry);
}

/** @param {Place} place */
export async function installPackages({ buildLog, log }) {
  log(`installing ${debianPackages.join(" ")} with apt-get`);
  const options = {
    cwd: "/",
    buildLog,
    timeoutMs: buildTimeoutMs,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  await run("apt-get", ["update", "-q"], options);
  await run(
    "apt-get",
    ["install", "-y", "-q", "--no-install-recommends", ...debianPackages],
    options,
  );
}

/**
 * Builds in the cache, never in node_modules: files there are hard links into the package store.
 *
 * @param {Place} place
 */
export async function build({ directory, entry, buildLog, log }) {
  log("building librdkafka and the addon from source; this takes about a minute, once");
  rmSync(entry, { recursive: true, force: true });
  mkdirSync(entry, { recursive: true });
  const nested = join(directory, "node_modules");
  const built = join(directory, "build");
  cpSync(directory, entry, {
    recursive: true,
    filter: (source) => !source.startsWith(nested) && !source.startsWith(built),
  });
  const started = Date.now();
  const timer = setInterval(() => {
    log(`still building (${Math.round((Date.now() - started) / 1000)} s)`);
  }, progressMs);
  const [command, args] = nodeGyp();
  // The build asks for `nan`, a dependency that stands beside the package, not beside the copy.
  const env = { ...buildEnvironment(), ...nodeHeaders(), NODE_PATH: resolve(directory, "../..") };
  try {
    await run(command, [...args, "rebuild"], {
      cwd: entry,
      buildLog,
      timeoutMs: buildTimeoutMs,
      env,
    });
  } catch (error) {
    rmSync(entry, { recursive: true, force: true });
    throw new Error(`the build failed; see ${buildLog}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
  seal(entry);
  copyBuild(join(entry, "build"), join(directory, "build"));
}

/** npm brings node-gyp along; without npm's copy, fetch it by name. @returns {[string, string[]]} */
function nodeGyp() {
  const prefix = dirname(dirname(process.execPath));
  const bundled = join(prefix, "lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js");
  if (existsSync(bundled)) return [process.execPath, [bundled]];
  return [onPath("npx") ? "npx" : "pnpx", ["-y", "node-gyp@11.5.0"]];
}

/**
 * Node's own headers when they came with it; else node-gyp downloads them or obeys npm's `nodedir`. To node-gyp
 * that setting is worth more than its own option, and may name the headers of the machine's other Node.
 *
 * @returns {Record<string, string>}
 */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  try {
    const text = readFileSync(join(prefix, "include/node/node_version.h"), "utf8");
    const number = (/** @type {string} */ name) =>
      new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
    const version = `v${number("MAJOR")}.${number("MINOR")}.${number("PATCH")}`;
    return version === process.version ? { npm_config_nodedir: prefix } : {};
  } catch {
    return {};
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, buildLog: string, timeoutMs: number, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 */
function run(command, args, { cwd, buildLog, timeoutMs, env = process.env }) {
  const out = openSync(buildLog, "a");
  /** @type {Promise<void>} */
  const ended = new Promise((fulfil, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", out, out],
      timeout: timeoutMs,
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) fulfil();
      else reject(new Error(`${command} ended with ${signal ?? code}`));
    });
  });
  return ended.finally(() => closeSync(out));
}

/** @param {string} file */
function lastLine(file) {
  return readFileSync(file, "utf8").trim().split("\n").at(-1);
}
