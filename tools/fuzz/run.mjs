// @ts-check
// `pnpm fuzz`: every decoder of the core answers whatever bytes there are (SLC-CNV-002), in proportion to
// their number (SLC-CNV-003).
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { command, say } from "../run/command.mjs";
import { list, seed, UsageError, whole } from "../run/options.mjs";
import { prepare } from "../run/prepare.mjs";

const DECODERS = ["EnvelopeDecode", "DeadLetterRead", "CommitMetadataDecode", "ReplayPlan"];
/** Inputs in order, to be damaged: as many of each decoder. */
const CORPUS = 2_000;
const EXIT = { ok: 0, failed: 1 };

const HELP = `pnpm fuzz [options]

Are the core's decoders total? Inputs in order are damaged at random; each must be answered, in the form
of Appendix D. Then each decoder is timed with inputs of eight times the size.

  --cases <n>       inputs for each decoder                             (100000)
  --from <n>        index of the first input: goes on where a run ended (0)
  --seed <n>        the same inputs again                               (SLUICE_SEED, or random)
  --op <decoder>    ${DECODERS.join(", ")}; repeatable or with commas
  --no-growth       without timing
  -h, --help

Examples:
  $ pnpm fuzz --cases 1000000                                  the long run
  $ pnpm fuzz --seed 42 --from 350000 --cases 650000           the rest of it
  $ pnpm fuzz --seed 42 --op ReplayPlan --from 4231 --cases 1  one input again

Exit codes: 0 all answered, 1 one was not or time grows too fast, 64 wrong usage
`;

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
async function main(options) {
  await prepare({ addon: false });
  const { answerVector } = await import("../../packages/core/dist/vectors/index.js");
  const { operations } = await import("../crosscheck/lib/operations.mjs");
  const { chunksOf, draw } = await import("../crosscheck/lib/draw.mjs");
  const { growth } = await import("./lib/growth.mjs");
  const { mutated } = await import("./lib/mutate.mjs");
  const { Random } = await import("./lib/random.mjs");

  const { seed, from, cases, ops } = options;
  const table = operations(answerVector);
  let failed = false;
  say(`seed ${seed}, inputs ${from} to ${from + cases} of each decoder`);
  for (const op of ops) {
    const validate = formOf(op);
    const { input } = /** @type {import("../crosscheck/lib/operations.mjs").Operation} */ (
      table[op]
    );
    const corpus = [...chunksOf(seed, op, 0, CORPUS)].flatMap((chunk) => draw(input, chunk));
    const started = performance.now();
    let refused = 0;
    for (let i = from; i < from + cases; i++) {
      if (i % 50_000 === 0 && i > from)
        say(`  ${op} ${i - from} of ${cases}; the rest: --seed ${seed} --from ${i}`);
      const random = new Random(`${seed}/${op}/${i}`);
      const input = mutated(random.one(corpus), random.one(corpus), random);
      const problem = problemWith(() => answerVector(op, input), validate);
      if (problem === null) continue;
      refused += 1;
      if (refused > 3) continue;
      say(`✗ ${op}: ${problem}\n    input   ${JSON.stringify(input)}`);
      say(`    repeat  pnpm fuzz --seed ${seed} --op ${op} --from ${i} --cases 1`);
    }
    const perSecond = cases / ((performance.now() - started) / 1000);
    say(
      `${refused === 0 ? "✓" : "✗"} ${op}: ${cases - refused} of ${cases} answered, ${perSecond.toFixed(0)}/s`,
    );
    failed ||= refused > 0;
  }
  if (options.growth) {
    for (const { op, what, ratio, good } of growth(answerVector, ops)) {
      say(`${good ? "✓" : "✗"} ${op}: 8 times the ${what} takes ${ratio.toFixed(1)} times as long`);
      failed ||= !good;
    }
  }
  return failed ? EXIT.failed : EXIT.ok;
}

/** @param {() => unknown} answer @param {(value: unknown) => string | null} validate */
function problemWith(answer, validate) {
  try {
    return validate(answer());
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** What is wrong with an answer's form. @param {string} op @returns {(value: unknown) => string | null} */
function formOf(op) {
  const ajv = new Ajv2020({ strictRequired: false, allowUnionTypes: true });
  const folder = new URL("../../packages/spec/schemas/v1/", import.meta.url);
  for (const file of readdirSync(folder)) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(file, folder), "utf8")));
  }
  const validate = ajv.getSchema(`urn:sluice:schema:v1:operations#/$defs/${op}Output`);
  if (validate === undefined) throw new Error(`operations.schema.json has no ${op}Output`);
  return (value) => (validate(value) ? null : `answer ${ajv.errorsText(validate.errors)}`);
}

function parsed() {
  const { values } = parseArgs({
    options: {
      cases: { type: "string", default: "100000" },
      from: { type: "string", default: "0" },
      seed: { type: "string" },
      op: { type: "string", multiple: true },
      "no-growth": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const ops = list(values.op);
  const unknown = ops.find((op) => !DECODERS.includes(op));
  if (unknown !== undefined)
    throw new UsageError(`no decoder "${unknown}": there are ${DECODERS.join(", ")}`);
  return {
    cases: whole("--cases", values.cases),
    from: whole("--from", values.from),
    seed: seed(values.seed),
    ops: ops.length === 0 ? DECODERS : ops,
    growth: !values["no-growth"],
    help: values.help,
  };
}
