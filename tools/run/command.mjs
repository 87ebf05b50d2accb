// @ts-check
import { UsageError } from "./options.mjs";

/**
 * A command of the repository: --help is answered on standard output, wrong usage with a sentence and 64. Any
 * other error is a defect and keeps its stack.
 *
 * @template {{ readonly help: boolean }} T
 * @param {object} is
 * @param {string} is.help
 * @param {() => T} is.options may throw UsageError, and what parseArgs throws
 * @param {(options: T) => number | Promise<number>} is.run answers with the exit code; may throw UsageError
 * @returns {Promise<number>} the exit code
 */
export async function command({ help, options, run }) {
  try {
    const asked = options();
    if (!asked.help) return await run(asked);
    process.stdout.write(help);
    return 0;
  } catch (error) {
    if (!isWrongUsage(error)) throw error;
    say(`${error.message}\n(--help shows what there is)`);
    return 64;
  }
}

/** Standard output is for results. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @param {unknown} error @returns {error is Error} */
function isWrongUsage(error) {
  if (error instanceof UsageError) return true;
  return (
    error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")
  );
}
