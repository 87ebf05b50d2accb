// What this machine is and has: the probes that plan.mjs decides on.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { headers } from "./packages.mjs";

const adapter = resolve(dirname(fileURLToPath(import.meta.url)), "../../packages/adapter-rdkafka");
export const packageName = "@confluentinc/kafka-javascript";

/** Real path of the installed package, or null. */
export function packageDirectory() {
  const link = join(adapter, "node_modules", packageName);
  return existsSync(join(link, "package.json")) ? realpathSync(link) : null;
}

/** @param {string} directory */
export function packageVersion(directory) {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;
}

/**
 * In a process of its own: a binary for another ABI or libc may crash rather than throw.
 *
 * @returns {string | null} null when it loads, else why not
 */
export function loadError() {
  const child = spawnSync(process.execPath, ["-e", `require(${JSON.stringify(packageName)})`], {
    cwd: adapter,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (child.status === 0) return null;
  const line = child.stderr.split("\n").find((text) => /^\w*Error/.test(text));
  return line ?? `node ended with ${child.signal ?? child.status}`;
}

/** Outside node_modules, so that a reinstall does not build again. */
export function cacheRoot() {
  return join(cacheFolder(), "rdkafka-addon");
}

/** `$SLUICE_CACHE`, else `$XDG_CACHE_HOME/sluice`, else `~/.cache/sluice`. */
export function cacheFolder() {
  const { SLUICE_CACHE, XDG_CACHE_HOME } = process.env;
  return SLUICE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "sluice");
}

/** The addon is built against Node's C++ ABI and one libc. @param {string} version */
export function cacheKey(version) {
  return [version, `abi${process.versions.modules}`, process.platform, process.arch, libc()].join(
    "-",
  );
}

function libc() {
  if (process.platform !== "linux") return "system";
  const report = /** @type {any} */ (process.report?.getReport());
  return report?.header?.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

export function isRoot() {
  return process.getuid?.() === 0;
}

/** @returns {"apt" | "dnf" | "apk" | "brew" | null} */
export function packageManager() {
  if (process.platform === "darwin") return "brew";
  if (onPath("apt-get")) return "apt";
  if (onPath("dnf")) return "dnf";
  if (onPath("apk")) return "apk";
  return null;
}

/** Tools and headers that a source build lacks; empty when it can start. */
export function missingForBuild() {
  const missing = ["make", "python3", "bash"].filter((tool) => !onPath(tool));
  const compiler = ["g++", "c++", "clang++"].find(onPath);
  if (compiler === undefined) return [...missing, "a C++ compiler"];
  const source = headers
    .map(([file], index) => `#if __has_include(<${file}>)\nhas_${index}\n#endif`)
    .join("\n");
  const child = spawnSync(compiler, ["-E", "-P", "-x", "c++", "-"], {
    input: source,
    encoding: "utf8",
    env: buildEnvironment(),
  });
  const found = new Set(child.stdout.split(/\s+/));
  return [
    ...missing,
    ...headers.filter((_, index) => !found.has(`has_${index}`)).map(([, n]) => n),
  ];
}

/**
 * `CKJS_LINKING=dynamic` takes the system's libraries; the default build downloads the sources of
 * its own from places a locked-down machine does not reach. Homebrew's lie off the compiler's path.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function buildEnvironment() {
  const env = { ...process.env, CKJS_LINKING: "dynamic" };
  if (process.platform !== "darwin" || !onPath("brew")) return env;
  const prefix = execFileSync("brew", ["--prefix"], { encoding: "utf8" }).trim();
  const kegs = ["openssl@3", "curl", "cyrus-sasl", "zlib"].map((keg) => join(prefix, "opt", keg));
  return {
    ...env,
    CPATH: [prefix, ...kegs].map((path) => join(path, "include")).join(delimiter),
    LIBRARY_PATH: [prefix, ...kegs].map((path) => join(path, "lib")).join(delimiter),
    PKG_CONFIG_PATH: kegs.map((path) => join(path, "lib/pkgconfig")).join(delimiter),
  };
}

/** @param {string} command */
export function onPath(command) {
  const path = process.env["PATH"] ?? "";
  return path.split(delimiter).some((directory) => existsSync(join(directory, command)));
}
