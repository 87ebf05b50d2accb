// @ts-check
import { parseArgs } from "node:util";
import { UsageError } from "../../run/options.mjs";

/** What there is to measure, in the order in which it is. */
export const AREAS = /** @type {const} */ ({
  gate: "settling in and out of order, against a Set and a sorted list",
  engine: "a record from fetch to frontier, against a bare promise loop",
  partitioner: "murmur2, against kafkajs and murmur2-partitioner",
  envelope: "reading headers and writing dead letters, against the cloudevents SDK",
  metadata: "encoding and decoding what commits carry",
  checker: "judging a conformance history, at 10^5 and 10^6 events",
  e2e: "records/s on a real Kafka, no-op handler, against the raw clients and others",
  slow: "the same with a handler of 5 ms, against timers alone",
  readme: "Parallel Consumer's own workload, against Parallel Consumer",
  produce: "P50 and P99 of send at 5,000 records/s, against the raw clients",
  memory: "is memory bounded by the budget, whatever waits in the log",
});
/** @typedef {keyof typeof AREAS} Area */
/** They need Kafka. @type {readonly Area[]} */
export const ON_KAFKA = ["e2e", "slow", "readme", "produce", "memory"];

export const EXIT = { ok: 0, broken: 1, nothing: 4 };

export const HELP = `pnpm bench [options]

Measures Sluice side by side with what else there is, in turn, on this machine, now. Read the ratios: both sides of one were
measured within seconds of each other. Absolute figures are of this machine and of what else it was doing.

  --quick           fewer rounds, records and shapes: about 3 minutes on a quiet machine; without it about 30
  --only <areas>    these alone, separated by commas
  --json            the results on standard output as JSON, instead of tables
  --out <folder>    also into bench.json and bench.txt in there
  -h, --help

Areas:
${Object.entries(AREAS)
  .map(([name, what]) => `  ${name.padEnd(16)}  ${what}`)
  .join("\n")}

The last five start a Kafka of their own (a JDK and Maven, as pnpm test) and end it. What cannot run here is skipped, with the
reason: without JDK all five, without the rdkafka addon its rows, without Maven the rows of Parallel Consumer.

"met" and "NOT MET" hold a figure against the performance budget of docs/benchmarks.md. They are information and fail nothing.
docs/benchmarks.md says how each figure is taken, and what it does not say.

Examples:
  $ pnpm bench --quick                              everything, roughly
  $ pnpm bench --only gate,engine                   no Kafka needed: two minutes
  $ pnpm bench --only e2e --out bench-today         the comparison of clients, kept
  $ pnpm bench --quick --only engine --json | jq '.tables[].rows[] | {name, ratio: .ratio.median}'

Exit codes: 0 measured (whatever was met or skipped), 1 a bench broke or had a wrong result, 4 nothing of what was asked for can
run here, 64 wrong usage
`;

/** @throws UsageError, and what parseArgs throws */
export function parsed() {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      json: { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const all = /** @type {Area[]} */ (Object.keys(AREAS));
  const asked = values.only?.split(",").map((name) => name.trim());
  const unknown = asked?.find((name) => !all.includes(/** @type {Area} */ (name)));
  if (unknown !== undefined) {
    throw new UsageError(`--only: there is no area "${unknown}"; there are ${all.join(", ")}`);
  }
  return { ...values, areas: asked ? all.filter((name) => asked.includes(name)) : all };
}
