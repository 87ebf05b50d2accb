// @ts-check
import { parseArgs } from "node:util";
import { list, seed, UsageError, whole } from "../../run/options.mjs";
import { READERS } from "./readers.mjs";

/**
 * @typedef {object} Options
 * @property {boolean} help
 * @property {readonly string[]} only readers
 * @property {number} cases for each operation
 * @property {number} from index of the first input
 * @property {number} seed
 * @property {readonly string[]} ops none means all
 * @property {boolean} json
 * @property {boolean} vectors
 */

/** @returns {Options} @throws UsageError, and what parseArgs throws */
export function parseOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      cases: { type: "string", default: "10000" },
      from: { type: "string", default: "0" },
      seed: { type: "string" },
      op: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      "no-vectors": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const only = list(values.only);
  const unknown = only.find((name) => !Object.hasOwn(READERS, name));
  if (unknown !== undefined) {
    throw new UsageError(`no reader "${unknown}": there are ${Object.keys(READERS).join(", ")}`);
  }
  return {
    help: values.help,
    only: only.length === 0 ? Object.keys(READERS) : only,
    cases: whole("--cases", values.cases),
    from: whole("--from", values.from),
    seed: seed(values.seed),
    ops: list(values.op),
    json: values.json,
    vectors: !values["no-vectors"],
  };
}

export const HELP = `pnpm crosscheck [options]

Do the readers in other languages answer as the core does? Each is built and asked all vectors; then
all of them, and the core, are given the same generated inputs, operation by operation. With the
reader in Java, the vectors are also held against their generator (tools/vectors).

  --only <reader>    java, go, python; repeatable or with commas           (all)
  --cases <n>        inputs for each operation                              (10000)
  --from <n>         index of the first input: goes on where a run ended    (0)
  --seed <n>         the same inputs again                                  (SLUICE_SEED, or random)
  --op <operation>   only this operation; repeatable or with commas         (all)
  --no-vectors       only generated inputs, no vectors
  --json             results as JSON Lines on standard output
  -h, --help

Examples:
  $ pnpm crosscheck                                           what CI runs
  $ pnpm crosscheck --cases 100000                            the long run
  $ pnpm crosscheck --only python --op Move --from 4231 --cases 1 --seed 42

Exit codes:
  0    all agree
  1    a vector failed, readers disagree, or the inputs did not reach an outcome that they must
  3    a reader broke the protocol, died or hung
  4    a toolchain is missing (leave its reader out with --only)
  64   wrong usage
`;
