import { isTerminalFailure } from "../build.ts";
import type { CaseEvent, DeadLetterEvent, VisibleEvent } from "../history.ts";
import type { Invariant } from "../invariant.ts";
import type { Handle, Model, RecordModel } from "../model.ts";
import { offsetOf } from "../offset.ts";
import { asciiOf, place, readable } from "../words.ts";

/**
 * A dead letter carries its record byte for byte: key, value and foreign headers with their order and
 * repeats, null apart from empty; where it came from; and how often it was tried. Headers are judged
 * by what the subject's client declares it can carry.
 */
export const q2: Invariant = {
  id: "Q2",
  rule: "A dead letter carries its record unchanged, with its origin, time, attempts and class of error.",
  needs: ["ledger", "topics"],
  liveness: false,
  judge(model, findings) {
    for (const { index, event } of model.deadLetters) {
      const { origin } = event;
      if (!origin) continue;
      findings.examined();
      const record = model
        .partition(origin.topic, origin.partition)
        ?.records.get(offsetOf(origin.offset));
      const source = record?.visible;
      if (!record || !source) {
        findings.violation(
          [index],
          () =>
            `${name(event)} says it comes from ${origin.topic}/${origin.partition}@${origin.offset}, which the topic does not hold`,
        );
        continue;
      }
      for (const difference of differences(model, record, source.event, event)) {
        findings.violation(
          [source.index, index],
          () => `${name(event)}, the dead letter of ${place(record)}, ${difference}`,
        );
      }
    }
  },
};

function* differences(
  model: Model,
  record: RecordModel,
  source: VisibleEvent,
  letter: DeadLetterEvent,
): Generator<string> {
  const truncated = truncatedParts(letter);
  if (letter.key !== source.key) {
    yield `has key ${readable(letter.key)} for ${readable(source.key)}`;
  }
  if (letter.valueHash !== source.valueHash && !truncated.has("value")) {
    yield `has value hash ${letter.valueHash} for ${source.valueHash}`;
  }
  const headers = headerDifference(model.case, source, letter, truncated.has("headers"));
  if (headers !== null) yield headers;
  if (!letter.headers.some(([header, value]) => header === "sluice-spec" && value === SPEC_1)) {
    yield "does not carry `sluice-spec: 1`";
  }
  const reason = letter.headers.some(([header, value]) => header === "sluice-dlq-reason" && value);
  if (!reason) yield "does not carry `sluice-dlq-reason`";
  const origin = letter.origin!;
  if (origin.timestamp !== source.timestamp) {
    yield `says it was written at ${origin.timestamp}, not ${source.timestamp}`;
  }
  const failures = record.handles.filter((handle) => isTerminalFailure(handle, model.case));
  yield* kindDifference(failures, letter);
  const made = failures.map(({ event }) => event.attempt);
  if (origin.attempts === null || !made.includes(origin.attempts)) {
    yield `says ${origin.attempts ?? "nothing"} of attempts, the ledger ${made.join(" or ") || "none that failed for good"}`;
  }
}

/**
 * The kind of error (Appendix B.1): one that is tried again, or one that is not, as the handler ended. Which of those
 * that are not cannot be judged: a finish says `poison` and no more. Nor can the text of `sluice-error-class`: it names
 * a class of the subject's language, which the runner neither makes nor sees.
 */
function* kindDifference(failures: readonly Handle[], letter: DeadLetterEvent): Generator<string> {
  const value = letter.headers.findLast(([header]) => header === "sluice-error-kind")?.[1];
  const kind = value ? asciiOf(value) : null;
  if (kind === null) {
    yield "does not carry `sluice-error-kind`";
    return;
  }
  const results = failures.map(({ finish }) => finish!.event.result);
  const fits = results.some(
    (result) => result === "dead-letter" || FINAL.has(kind) === (result === "poison"),
  );
  if (fits || results.length === 0) return;
  yield `says ${kind} of its error, which is ${FINAL.has(kind) ? "not " : ""}tried again; its handler ended with ${results.join(" or ")}`;
}

/** Kinds of error that are not tried again. One that is not known counts as `unknown` (SLC-REG-001), which is. */
const FINAL: ReadonlySet<string> = new Set([
  "permanent",
  "deserialization",
  "validation",
  "poison",
]);

type Header = readonly [name: string, value: string | null];

function headerDifference(
  { headerCaps }: CaseEvent,
  source: VisibleEvent,
  letter: DeadLetterEvent,
  truncated: boolean,
): string | null {
  // A client that cannot tell null from empty is judged as if both were one.
  const folds = !headerCaps.empty || !headerCaps.null;
  const comparable = (headers: readonly Header[]): string[] => {
    const texts = headers
      .filter(([header]) => !isEnvelope(header))
      .map(([header, value]) => `${header}=${folds ? value || "" : (value ?? "null")}`);
    return headerCaps.order ? texts : texts.sort();
  };
  const expected = comparable(source.headers);
  const actual = comparable(letter.headers);
  if (expected.length === actual.length && expected.every((text, i) => text === actual[i])) {
    return null;
  }
  if (truncated && actual.every((text) => expected.includes(text))) return null;
  return `has headers [${actual.join(", ")}] for [${expected.join(", ")}]`;
}

/** Written anew by every hop: the envelope's own, and the trace context. */
function isEnvelope(header: string): boolean {
  return header.startsWith("sluice-") || header === "traceparent" || header === "tracestate";
}

/** What the writer says it had to leave out, as the size rules allow. */
function truncatedParts(letter: DeadLetterEvent): ReadonlySet<string> {
  const value = letter.headers.findLast(([header]) => header === "sluice-truncated")?.[1];
  return new Set(value ? (asciiOf(value) ?? "").split(",") : []);
}

function name({ topic, partition, offset }: DeadLetterEvent): string {
  return `${topic}/${partition}@${offset}`;
}

/** Base64 of `1`. */
const SPEC_1 = "MQ==";
