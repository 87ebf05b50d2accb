// @ts-check
import { ensureAddon } from "../addon/ensure.mjs";
import { run, step } from "./process.mjs";

/**
 * What every command on a fresh clone needs after `pnpm install`: the packages built, and the
 * rdkafka addon built if it can be. A missing addon is said, not fatal: whoever needs it decides.
 *
 * @param {{ addon: boolean }} needs
 */
export async function prepare(needs) {
  const code = await step("build packages", () =>
    run("turbo", ["run", "build", "--output-logs=errors-only", "--log-order=grouped"], {
      quiet: true,
    }),
  );
  if (code !== 0) process.exit(code);
  if (!needs.addon) return;
  const addon = await ensureAddon({ log: (line) => process.stderr.write(`  ${line}\n`) });
  if (addon.status !== "ready") {
    process.stderr.write(`! rdkafka adapter unavailable: ${addon.reason}\n`);
  }
}
