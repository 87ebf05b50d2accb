// @ts-check
// What the repository's commands make of their options.
import { parseArgs } from "node:util";

/** Wrong usage: exit code 64. */
export class UsageError extends Error {}

/**
 * The options of a script that is nothing but a script. Anything else ends it with 64, before it does
 * anything: a misspelt --check would write.
 *
 * @template {NonNullable<import("node:util").ParseArgsConfig["options"]>} T
 * @param {T} options none: the script takes none
 */
export function onlyOptions(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const names = Object.keys(options).map((name) => `--${name}`);
    const there = names.length === 0 ? "None is taken here" : `There are: ${names.join(", ")}`;
    // Node goes on to tell how to say it as an argument, which would be wrong, too.
    const [what = ""] = /** @type {Error} */ (error).message.split(". ");
    process.stderr.write(`${what.replace(/\.$/, "")}. ${there}.\n`);
    return process.exit(64);
  }
}

/** @param {readonly string[] | undefined} values each a name, or several with commas between */
export function list(values) {
  return (values ?? []).flatMap((value) => value.split(",")).filter((name) => name !== "");
}

/** @param {string} option @param {string} text @throws UsageError */
export function whole(option, text) {
  if (!/^\d{1,12}$/.test(text)) {
    throw new UsageError(`${option} takes a whole number, not "${text}"`);
  }
  return Number(text);
}

/** What was said, else that of CI, else any. @param {string | undefined} given @throws UsageError */
export function seed(given) {
  const text = given ?? process.env["SLUICE_SEED"] ?? String(Math.floor(Math.random() * 1_000_000));
  return whole("--seed", text);
}
