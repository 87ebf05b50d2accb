import type { VectorEvent } from "../history.ts";
import type { Invariant } from "../invariant.ts";
import { differences } from "../json-difference.ts";
import type { Difference } from "../json-difference.ts";

/**
 * What computed the expectations stands in the vector files; here answers are compared with them, as
 * Appendix D.1 says.
 */
export const h1: Invariant = {
  id: "H1",
  rule: "The answer to a vector equals the vector's expectation.",
  needs: [],
  liveness: false,
  judge(model, findings) {
    for (const [index, event] of model.events.entries()) {
      if (event.type !== "vector") continue;
      findings.examined();
      const found = wrong(event);
      if (found.length > 0) findings.violation([index], () => tell(event, found));
    }
  },
};

function wrong({ result, expected, answer }: VectorEvent): readonly Difference[] {
  if ("ok" in answer) return differences(expected, answer.ok);
  if (result === "acceptable" && answer.error.code === "unsupported") return [];
  const { code, message } = answer.error;
  const said = message === undefined ? code : `${code}: ${message}`;
  return [{ path: "", expected, found: { error: said } }];
}

function tell(event: VectorEvent, found: readonly Difference[]): string {
  const { file, tcId, seed, op, comment, requirements, input } = event;
  const where =
    seed === undefined
      ? `${file}_test.json, tcId ${tcId}`
      : `${file}, drawn by seed ${seed}, number ${tcId}`;
  const shown = found.slice(0, DIFFERENCES);
  const rest = found.length - shown.length;
  return [
    `${where}: ${comment} (${requirements.join(", ") || "no requirement"})`,
    `input     ${op} ${excerpt(input)}`,
    ...shown.flatMap(({ path, expected, found }) => [
      `expected  ${at(path)}${excerpt(expected)}`,
      `answered  ${at(path)}${excerpt(found)}`,
    ]),
    ...(rest > 0 ? [`and ${rest} more differences`] : []),
  ].join("\n");
}

function at(path: string): string {
  return path === "" ? "" : `${path}: `;
}

function excerpt(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT)}… (${text.length} characters)`;
}

const DIFFERENCES = 3;
const EXCERPT = 400;
