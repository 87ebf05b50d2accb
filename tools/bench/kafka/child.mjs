// @ts-check
import { spawn } from "node:child_process";

/** Longest wait for a process, start of the client and group included. */
const TIMEOUT_MS = 120_000;

/**
 * Runs a process until it prints a line of JSON, resolves with that, and ends it there and then: leaving
 * groups and closing connections takes seconds, which nobody measures.
 * @param {string} command @param {readonly string[]} args
 * @returns {Promise<any>} rejects with the end of what it wrote to standard error
 */
export function reportOf(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
      if (/^\{.*\}$/m.test(out)) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk) => (err = (err + chunk).slice(-4_000)));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const line = /^\{.*\}$/m.exec(out)?.[0];
      if (line !== undefined) resolve(JSON.parse(line));
      else reject(new Error(`ended with ${code ?? signal}: ${err.trim() || "no report"}`));
    });
  });
}
