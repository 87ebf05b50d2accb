// @ts-check
import { spawn } from "node:child_process";

/** Longest wait for a process, start of the client and group included. */
const TIMEOUT_MS = 120_000;

/**
 * Runs a process to its end and resolves with what its last line of output says, as JSON.
 * @param {string} command @param {readonly string[]} args
 * @returns {Promise<any>} rejects with the end of what it wrote to standard error
 */
export function reportOf(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err = (err + chunk).slice(-4_000)));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const line = out.trimEnd().split("\n").at(-1) ?? "";
      if (code === 0 && line.startsWith("{")) resolve(JSON.parse(line));
      else reject(new Error(`ended with ${code ?? signal}: ${err.trim() || "no report"}`));
    });
  });
}
