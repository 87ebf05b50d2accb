import type { CaseResult } from "../run-report.ts";

/** Where each result is in the page: `case/rdkafka/core/hold-head`. */
export type Anchors = ReadonlyMap<CaseResult, string>;

export function anchorsOf(cases: readonly CaseResult[]): Anchors {
  const taken = new Set<string>();
  return new Map(
    cases.map((result) => {
      const base = `case/${result.subject}/${result.case}`.replaceAll(/[^\w/.-]+/g, "-");
      let anchor = base;
      for (let n = 2; taken.has(anchor); n += 1) anchor = `${base}-${n}`;
      taken.add(anchor);
      return [result, anchor];
    }),
  );
}
