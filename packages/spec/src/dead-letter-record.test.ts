import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

interface DeadLetter {
  readonly timestamp: string | null;
  readonly dialects: readonly { readonly dialect: string; readonly retryCount: number | null }[];
  readonly origin: { readonly timestamp: string | null };
  readonly attempts: number | null;
  readonly times: Readonly<Record<string, string | null>>;
  readonly envelope: Readonly<Record<string, string | null>> | null;
  readonly anomalies: readonly string[];
}

const load = createRequire(import.meta.url);
const schema = load("@sluice/spec/schemas/v1/dead-letter-record.schema.json") as {
  readonly examples: readonly DeadLetter[];
  readonly $defs: { readonly time: { readonly anyOf: readonly [{ readonly pattern: string }] } };
};

const written = (time: string | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(Number(time)).toISOString();

describe.each(schema.examples)("example %#", (example) => {
  it("tells the same times twice", () => {
    expect(example.times).toEqual({
      written: written(example.timestamp),
      origin: written(example.origin.timestamp),
      firstFailed: written(example.envelope?.["firstFailedAt"]),
      failed: written(example.envelope?.["failedAt"]),
      replayed: written(example.envelope?.["replayedAt"]),
    });
  });

  it("has an envelope when it is one of Sluice's, and one attempt more than retries", () => {
    const [first] = example.dialects;
    expect(example.envelope !== null).toBe(first?.dialect === "sluice");
    const retries = first?.retryCount ?? null;
    expect(example.attempts).toBe(retries === null ? null : retries + 1);
  });
});

it("a time is RFC 3339 in UTC with milliseconds", () => {
  const time = new RegExp(schema.$defs.time.anyOf[0].pattern, "u");
  expect("2023-11-14T22:13:20.000Z").toMatch(time);
  for (const other of [
    "2023-11-14T22:13:20Z",
    "2023-11-14T22:13:20.000+00:00",
    "2023-11-14 22:13:20.000Z",
    "+010000-01-01T00:00:00.000Z",
  ]) {
    expect(other).not.toMatch(time);
  }
});
