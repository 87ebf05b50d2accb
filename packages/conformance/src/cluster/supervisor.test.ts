import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../test/wire-kit.ts";
import { Supervisor } from "./supervisor.ts";

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a child's output goes to its log, and its end is told, by code or by signal", async () => {
  const supervisor = await Supervisor.start();
  const log = join(supervisor.dir, "log");
  const three = await supervisor.run("a", "/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], log);
  expect(await three.exited).toEqual({ code: 3, signal: null });
  expect(three.ended()).toEqual({ code: 3, signal: null });
  expect(readFileSync(log, "utf8")).toBe("out\nerr\n");
  const sleeper = await supervisor.run("a", "/bin/sleep", ["600"], log);
  expect(sleeper.ended()).toBeNull();
  await expect(supervisor.run("a", "/bin/true", [], log)).rejects.toThrow("a is still running");
  supervisor.signal("a", "SIGTERM");
  expect(await sleeper.exited).toEqual({ code: null, signal: "SIGTERM" });
  await supervisor.close();
});

test("a command that is not there is an error, and the supervisor goes on", async () => {
  const supervisor = await Supervisor.start();
  const log = join(supervisor.dir, "log");
  await expect(supervisor.run("a", "/no/such/command", [], log)).rejects.toThrow(/a: .*ENOENT/);
  const next = await supervisor.run("a", "/bin/true", [], log);
  expect((await next.exited).code).toBe(0);
  await supervisor.close();
});

test("close ends children, frozen ones too, and removes the folder", async () => {
  const supervisor = await Supervisor.start();
  const log = join(supervisor.dir, "log");
  const one = await supervisor.run("one", "/bin/sleep", ["600"], log);
  const two = await supervisor.run("two", "/bin/sleep", ["600"], log);
  supervisor.signal("two", "SIGSTOP");
  await Promise.all([supervisor.close(), supervisor.close()]);
  expect([alive(one.pid), alive(two.pid), existsSync(supervisor.dir)]).toEqual([
    false,
    false,
    false,
  ]);
  await expect(supervisor.run("three", "/bin/true", [], log)).rejects.toThrow(/is gone|was killed/);
});

test("when the supervisor itself is killed, its children and their folder go too", async () => {
  const supervisor = await Supervisor.start();
  const child = await supervisor.run("a", "/bin/sleep", ["600"], join(supervisor.dir, "log"));
  process.kill(supervisor.pid, "SIGKILL");
  expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
  await supervisor.close();
  expect(existsSync(supervisor.dir)).toBe(false);
  await eventually(() => !alive(child.pid));
});
