import { mkdtempSync, rmSync, existsSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { withLock } from "./lock.mjs";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-lock-"));
  file = join(directory, "key.lock");
});
afterEach(() => rmSync(directory, { recursive: true }));

it("runs one holder at a time", async () => {
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  const options = { onWait: () => {}, timeoutMs: 10_000 };
  await Promise.all([1, 2, 3].map(() => withLock(file, options, work)));
  expect(existsSync(file)).toBe(false);
});

it("takes over from a process that died", async () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(file, String(dead));
  const waited: number[] = [];
  const options = { onWait: (pid: number) => waited.push(pid), timeoutMs: 10_000 };
  expect(await withLock(file, options, async () => "mine")).toBe("mine");
  expect(waited).toEqual([]);
});

it("gives up on a live holder after the time-out and says who it is", async () => {
  writeFileSync(file, String(process.ppid));
  const options = { onWait: () => {}, timeoutMs: 0 };
  await expect(withLock(file, options, async () => 1)).rejects.toThrow(String(process.ppid));
  expect(existsSync(file)).toBe(true);
});
