/**
 * The supervisor: a process of its own between the runner and the brokers, so that no broker outlives
 * the runner, not even one that died of SIGKILL. It holds a pipe to the runner; when the pipe ends,
 * for whatever reason, it kills its children, removes the data folder and goes.
 *
 * It is text for `node -e`, because it must run from sources under a test runner and from `dist`
 * alike, on a Node that cannot run TypeScript.
 *
 * Lines in:  {cmd:"start", name, command, args, log} | {cmd:"signal", name, signal}
 * Lines out: {ev:"ready", dir} | {ev:"started", name, pid} | {ev:"exit", name, code, signal}
 *          | {ev:"failed", name, message}
 */
export const SUPERVISOR_SCRIPT: string = String.raw`
"use strict";
const { spawn } = require("node:child_process");
const { mkdtempSync, openSync, closeSync, writeSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const dir = mkdtempSync(join(tmpdir(), "sluice-kafka-"));
const children = new Map();
let ending = false;

process.stdout.on("error", () => end());
const say = (line) => { if (!ending) process.stdout.write(JSON.stringify(line) + "\n"); };

function start({ name, command, args, log }) {
  const out = openSync(log, "a");
  // Through pipes, so that a child whose disk is full can still say so.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], cwd: dir });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (bytes) => writeSync(out, bytes));
  }
  child.on("close", () => closeSync(out));
  children.set(name, child);
  child.on("spawn", () => say({ ev: "started", name, pid: child.pid }));
  child.on("error", (error) => {
    if (child.pid === undefined) children.delete(name);
    say({ ev: "failed", name, message: error.message });
    finish();
  });
  // Not "exit": by then its last words may still be on their way. A command that is not there closes too, as
  // late as when the next of its name runs.
  child.on("close", (code, signal) => {
    if (children.get(name) !== child) return;
    children.delete(name);
    say({ ev: "exit", name, code, signal });
    finish();
  });
}

function end() {
  if (ending) return;
  ending = true;
  for (const child of children.values()) child.kill("SIGKILL");
  finish();
}

// A JVM may write until it is gone, so the folder goes last.
function finish() {
  if (!ending || children.size > 0) return;
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, end);
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (ending) return;
  const message = JSON.parse(line);
  if (message.cmd === "start") start(message);
  else children.get(message.name)?.kill(message.signal);
});
lines.on("close", end);
process.stdin.on("error", end);
say({ ev: "ready", dir });
`;
