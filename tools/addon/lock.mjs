// One addon build at a time on a machine: two `pnpm` commands often start together.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 250;

/**
 * Runs `work` while holding the lock file. A holder that died is recognised by its process id.
 *
 * @template T
 * @param {string} file
 * @param {{ onWait: (holder: number) => void, timeoutMs: number }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {Error} when another live process holds it for longer than `timeoutMs`
 */
export async function withLock(file, { onWait, timeoutMs }, work) {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  for (let told = false; !take(file); told = true) {
    const holder = holderOf(file);
    if (holder !== null && !alive(holder)) {
      evict(file, holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new Error(`process ${holder} has held ${file} for ${timeoutMs / 60_000} minutes`);
    }
    if (!told && holder !== null) onWait(holder);
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  // Linked into place whole: a lock that exists always names its holder.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Two waiters may see the same dead holder, and the first may have taken the lock before the second
 * moves it away: then the second puts it back.
 *
 * @param {string} file
 * @param {number} dead
 */
function evict(file, dead) {
  const moved = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, moved);
    if (holderOf(moved) !== dead) linkSync(moved, file);
  } catch {
    // Somebody else was faster; the next turn of the loop sees the new state.
  } finally {
    rmSync(moved, { force: true });
  }
}

/** @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
