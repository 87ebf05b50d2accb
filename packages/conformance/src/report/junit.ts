import { XMLBuilder } from "fast-xml-parser";
import type { CaseResult, RunReport } from "./run-report.ts";
import { stateOf, why } from "./words.ts";

/**
 * The run as JUnit XML: a suite for each subject. Unknown is a failure there (nothing was shown), a
 * harness error is an error, and a self test is judged by its expectation.
 */
export function renderJUnit({ header, cases, footer }: RunReport): string {
  const suites = header.subjects.map(({ id }) => {
    const results = cases.filter(({ subject }) => subject === id);
    return {
      "@name": id,
      ...counts(results),
      "@timestamp": header.startedAt,
      "@time": seconds(results.reduce((sum, { ms }) => sum + ms, 0)),
      properties: {
        property: [
          { "@name": "seed", "@value": header.seed },
          { "@name": "spec", "@value": header.spec },
          { "@name": "kafka", "@value": header.cluster.kafkaVersion },
        ],
      },
      testcase: results.map(testcase),
    };
  });
  const builder = new XMLBuilder({
    format: true,
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    suppressEmptyNode: true,
    processEntities: true,
  });
  const document = {
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: {
      "@name": "sluice conformance",
      ...counts(cases),
      "@time": seconds(footer.ms),
      testsuite: suites,
    },
  };
  return builder.build(clean(document));
}

function counts(results: readonly CaseResult[]): Record<string, number> {
  const kinds = results.map(kindOf);
  const count = (kind: string): number => kinds.filter((other) => other === kind).length;
  return {
    "@tests": results.length,
    "@failures": count("failure"),
    "@errors": count("error"),
    "@skipped": count("skipped"),
  };
}

/** What is known to fail is skipped there: JUnit has no better word for it. */
function kindOf(result: CaseResult): "passed" | "failure" | "error" | "skipped" {
  const state = stateOf(result);
  if (state === "pass") return "passed";
  if (state === "skipped" || state === "known") return "skipped";
  return state === "error" ? "error" : "failure";
}

function testcase(result: CaseResult): object {
  const kind = kindOf(result);
  const known = stateOf(result) === "known" ? result.known : undefined;
  const reason = known === undefined ? (why(result) ?? "") : `known ${known.list}: ${known.reason}`;
  const examples = (result.judgement?.invariants ?? []).flatMap((invariant) =>
    invariant.examples.map(({ message }) => `${invariant.id}: ${message}`),
  );
  const text = [reason, ...examples, `repeat: ${result.repro}`].join("\n");
  const output = result.logs.map((log) => `${log.source}:\n${log.text}`).join("\n");
  return {
    "@classname": result.subject,
    "@name": result.case,
    "@time": seconds(result.ms),
    ...(kind === "failure" || kind === "error"
      ? { [kind]: { "@type": result.outcome, "@message": reason, "#text": text } }
      : {}),
    ...(kind === "skipped" ? { skipped: { "@message": reason } } : {}),
    ...(output === "" ? {} : { "system-err": output }),
  };
}

/** XML 1.0 has no form for most control characters and for half surrogates, escaped or not. */
function clean(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(NO_XML, "\ufffd");
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

// oxlint-disable-next-line no-control-regex
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
