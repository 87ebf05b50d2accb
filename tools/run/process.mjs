// @ts-check
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a command of the workspace, its output on our terminal, and resolves with its exit code.
 * Signals sent to us are passed on, so that Ctrl-C lets the command clean up and decide the code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string>, cwd?: string }} [options] quiet: show the output only
 *   when the command fails
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: "1",
    PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`,
    ...options.env,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env,
      stdio: options.quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout?.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
    child.stderr?.on("data", (/** @type {Buffer} */ chunk) => output.push(chunk));
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => child.kill(signal);
    // A terminal sends Ctrl-C to the whole foreground group already; only keep ourselves alive.
    const survive = () => {};
    process.on("SIGTERM", pass);
    process.on("SIGINT", survive);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGTERM", pass);
      process.off("SIGINT", survive);
      const exit = code ?? (signal === "SIGINT" ? 130 : 143);
      if (options.quiet && exit !== 0) process.stderr.write(Buffer.concat(output));
      resolve(exit);
    });
  });
}

/**
 * One step that takes a while: says what, then how it went and how long.
 *
 * @param {string} title
 * @param {() => Promise<number>} work resolves with an exit code
 * @returns {Promise<number>}
 */
export async function step(title, work) {
  const start = performance.now();
  process.stderr.write(`• ${title} …\n`);
  const code = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`${code === 0 ? "✓" : "✗"} ${title} (${seconds} s)\n`);
  return code;
}
