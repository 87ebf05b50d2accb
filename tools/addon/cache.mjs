// The built addon outside node_modules, and its way back in.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const addonFile = "Release/confluent-kafka-javascript.node";
const marker = "complete";

/** @param {string} entry the cache directory of one key */
export function isCached(entry) {
  return existsSync(join(entry, marker));
}

/**
 * Marks a build that lies in `entry/build` as complete and drops everything that is not needed to
 * load it. The libraries stay where they were built: on macOS the addon refers to them by path.
 *
 * @param {string} entry
 */
export function seal(entry) {
  const build = join(entry, "build");
  const keep = new Set(runtimeFiles(build));
  for (const directory of ["Release", "deps"]) {
    if (!existsSync(join(build, directory))) continue;
    for (const name of readdirSync(join(build, directory))) {
      if (!keep.has(`${directory}/${name}`)) {
        rmSync(join(build, directory, name), { recursive: true, force: true });
      }
    }
  }
  for (const name of readdirSync(entry)) {
    if (name !== "build") rmSync(join(entry, name), { recursive: true, force: true });
  }
  writeFileSync(join(entry, marker), `${new Date().toISOString()}\n`);
}

/**
 * Copies what is needed to load the addon. Each file appears whole, the addon last, so that a
 * process loading it meanwhile sees either nothing or everything.
 *
 * @param {string} from a `build` directory
 * @param {string} to a `build` directory
 */
export function copyBuild(from, to) {
  for (const file of runtimeFiles(from)) {
    const target = join(to, file);
    mkdirSync(dirname(target), { recursive: true });
    const draft = `${target}.${process.pid}`;
    copyFileSync(join(from, file), draft);
    renameSync(draft, target);
  }
}

/** @param {string} build */
function runtimeFiles(build) {
  const deps = existsSync(join(build, "deps")) ? readdirSync(join(build, "deps")) : [];
  const libraries = deps.filter((name) => /\.so\.\d+$|\.\d+\.dylib$/.test(name));
  return [...libraries.map((name) => `deps/${name}`), addonFile];
}
