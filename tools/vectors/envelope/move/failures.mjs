// @ts-check
// What is written of the error and the attempts (5.2, 3.7).
import { dead, retry } from "./case.mjs";
import { HISTORY, I31, MAX } from "./values.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */

/** @returns {Test[]} */
export function failures() {
  const text = ["SLC-SEC-002", "SLC-ENV-010"];
  const cut = ["SLC-ENV-010"];
  const stack = ["SLC-SEC-004"];
  const says = (/** @type {string} */ name, /** @type {string | undefined} */ value) => ({
    headers: { [`sluice-error-${name}`]: value },
  });
  return [
    dead(
      "control characters in every text",
      {
        writeStack: true,
        error: {
          class: "A\u0000B",
          code: "C\u009fD",
          message: "a\r\nb\u2028c",
          stack: "at\tx\n\u0085at y",
        },
      },
      {
        headers: {
          "sluice-error-class": "A B",
          "sluice-error-code": "C D",
          "sluice-error-message": "a  b c",
          "sluice-error-stack": "at x  at y",
        },
      },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "a header of HTTP cannot be smuggled in",
      { error: { message: "x\r\nSet-Cookie: a=b" } },
      says("message", "x  Set-Cookie: a=b"),
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "nothing but control characters",
      { error: { class: "\n", code: "\u0000" } },
      { headers: { "sluice-error-class": " ", "sluice-error-code": " " } },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    dead(
      "a group is not replaced, only cut",
      { group: "a\tb" },
      { headers: { "sluice-group": "a\tb" } },
      ["SLC-SEC-002"],
      ["Control"],
    ),
    .../** @type {const} */ ([
      ["class", 256],
      ["code", 64],
      ["message", 1024],
      ["stack", 8192],
    ]).flatMap(([field, limit]) => [
      dead(
        `${field}: ${limit} bytes`,
        { writeStack: true, error: { [field]: "x".repeat(limit) } },
        says(field, "x".repeat(limit)),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: ${limit + 1} bytes`,
        { writeStack: true, error: { [field]: "x".repeat(limit + 1) } },
        says(field, `${"x".repeat(limit - 3)}…`),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: cut before four bytes`,
        { writeStack: true, error: { [field]: `${"x".repeat(limit - 6)}😀yyyy` } },
        says(field, `${"x".repeat(limit - 6)}…`),
        cut,
        ["Cut"],
      ),
      dead(
        `${field}: shorter by what is replaced`,
        { writeStack: true, error: { [field]: `${"x".repeat(limit - 1)}\u0085` } },
        says(field, `${"x".repeat(limit - 1)} `),
        text,
        ["Cut", "Control"],
      ),
    ]),
    dead(
      "a group of 1024 bytes",
      { group: "é".repeat(512) },
      { headers: { "sluice-group": "é".repeat(512) } },
      cut,
      ["Cut"],
    ),
    dead(
      "a group of 1025 bytes",
      { group: `${"é".repeat(512)}g` },
      { headers: { "sluice-group": `${"é".repeat(510)}…` } },
      cut,
      ["Cut"],
    ),
    retry(
      "a policy of 128 bytes",
      { retryPolicy: "é".repeat(64) },
      { headers: { "sluice-retry-policy": "é".repeat(64) } },
      cut,
      ["Cut"],
    ),
    retry(
      "a policy of 129 bytes",
      { retryPolicy: `${"é".repeat(64)}p` },
      { headers: { "sluice-retry-policy": `${"é".repeat(62)}…` } },
      cut,
      ["Cut"],
    ),
    ...[dead, retry].map((write) =>
      write(
        `every text above its limit: the headers of a ${write === dead ? "dead letter" : "retry"} stay within 16384 bytes`,
        {
          trusted: true,
          writeStack: true,
          group: "g".repeat(2000),
          ...(write === retry && { retryPolicy: "p".repeat(2000) }),
          error: {
            kind: "k".repeat(64),
            class: "c".repeat(9000),
            code: "d".repeat(9000),
            message: "m".repeat(9000),
            stack: "s".repeat(9000),
          },
          record: { topic: "t".repeat(249), headers: [["sluice-history", longestHistory()]] },
          cluster: "c".repeat(256),
          partitionCount: I31,
          leaderEpoch: I31,
        },
        { most: 16_384, headers: { "sluice-error-stack": `${"s".repeat(8189)}…` } },
        ["SLC-ENV-012", ...cut],
        ["Cut"],
      ),
    ),
    dead(
      "no class, no code",
      { error: { class: null, code: null } },
      { headers: { "sluice-error-class": undefined, "sluice-error-code": undefined } },
      ["SLC-DLQ-006"],
    ),
    dead(
      "an empty class and code are not written",
      { error: { class: "", code: "" } },
      {
        headers: {
          "sluice-error-class": undefined,
          "sluice-error-code": undefined,
          "sluice-history": HISTORY,
        },
      },
      ["SLC-DLQ-006"],
      ["EdgeOfRange"],
    ),
    dead(
      "an empty message is",
      { error: { message: "" } },
      says("message", ""),
      ["SLC-DLQ-006"],
      ["EdgeOfRange"],
    ),
    dead(
      "a stack that may not be written",
      { error: { stack: "at x" } },
      says("stack", undefined),
      stack,
    ),
    dead(
      "a stack that may be written",
      { writeStack: true, error: { stack: "at x" } },
      says("stack", "at x"),
      stack,
    ),
    dead(
      "an empty stack is not written",
      { writeStack: true, error: { stack: "" } },
      says("stack", undefined),
      stack,
      ["EdgeOfRange"],
    ),
    dead("no stack", { writeStack: true }, says("stack", undefined), stack),
    dead(
      "an earlier stack goes, although none may be written",
      { trusted: true, record: { headers: [["sluice-error-stack", "secret"]] } },
      says("stack", undefined),
      [...stack, "SLC-ENV-003"],
      ["Replaced"],
    ),
    dead(
      "an earlier stack is replaced",
      {
        trusted: true,
        writeStack: true,
        error: { stack: "new" },
        record: { headers: [["sluice-error-stack", "old"]] },
      },
      says("stack", "new"),
      [...stack, "SLC-ENV-003"],
      ["Replaced"],
    ),
    ...["permanent", "deserialization", "validation", "cancelled", "poison", "unknown"].map(
      (kind) =>
        dead(
          `the kind ${kind}`,
          { error: { kind } },
          {
            headers: {
              "sluice-error-kind": kind,
              "sluice-history": `[{"n":5,"at":"1700000009000","k":"${kind}"}]`,
            },
          },
          ["SLC-DLQ-006"],
        ),
    ),
    dead(
      "a kind of 64 characters that no list has is a token",
      { error: { kind: "k".repeat(64) } },
      { headers: { "sluice-error-kind": "k".repeat(64) } },
      ["SLC-DLQ-006"],
      ["OpenList"],
    ),
    ...["", "Timeout", "time out", "k".repeat(65), "zeitüberschreitung", "timeout\n"].map((kind) =>
      dead(
        `no token: the kind ${JSON.stringify(kind.slice(0, 20))}`,
        { error: { kind } },
        {
          headers: {
            "sluice-error-kind": "unknown",
            "sluice-history": '[{"n":5,"at":"1700000009000","k":"unknown"}]',
          },
        },
        ["SLC-DLQ-006"],
        ["Mistake"],
      ),
    ),
    ...["non-retryable", "deserialization", "expired", "replay-limit", "too-large", "manual"].map(
      (reason) =>
        dead(`the reason ${reason}`, { reason }, { headers: { "sluice-dlq-reason": reason } }, [
          "SLC-DLQ-012",
        ]),
    ),
    dead(
      "a reason that no list has is a token",
      { reason: "out-of-luck-2" },
      { headers: { "sluice-dlq-reason": "out-of-luck-2" } },
      ["SLC-DLQ-012"],
      ["OpenList"],
    ),
    ...["", "Because.", "r".repeat(65)].map((reason) =>
      dead(
        `no token: the reason ${JSON.stringify(reason.slice(0, 20))}`,
        { reason },
        { headers: { "sluice-dlq-reason": "manual" } },
        ["SLC-DLQ-012"],
        ["Mistake"],
      ),
    ),
    dead(
      "a dead letter after one attempt",
      { attempts: 1 },
      { headers: { "sluice-retry-count": "0" } },
      ["SLC-DLQ-004"],
      ["EdgeOfRange"],
    ),
    dead(
      "a dead letter after as many attempts as there can be",
      { attempts: I31 },
      { headers: { "sluice-retry-count": "2147483646" } },
      ["SLC-DLQ-004"],
      ["EdgeOfRange"],
    ),
    retry(
      "a retry after one attempt",
      { attempts: 1 },
      { headers: { "sluice-retry-count": "1" } },
      ["SLC-RTY-020"],
      ["EdgeOfRange"],
    ),
    retry(
      "a retry after as many attempts as there can be",
      { attempts: I31 },
      { headers: { "sluice-retry-count": "2147483647" } },
      ["SLC-RTY-020"],
      ["EdgeOfRange"],
    ),
    dead(
      "the count of before plays no part",
      { trusted: true, attempts: 3, record: { headers: [["sluice-retry-count", "7"]] } },
      { headers: { "sluice-retry-count": "2" } },
      ["SLC-DLQ-004"],
    ),
    retry(
      "a time of the next attempt at its greatest",
      { retryAt: MAX },
      { headers: { "sluice-retry-at": MAX } },
      ["SLC-RTY-021"],
      ["EdgeOfRange"],
    ),
    retry(
      "a time of the next attempt that has passed",
      { retryAt: "0" },
      { headers: { "sluice-retry-at": "0" } },
      ["SLC-RTY-021"],
      ["EdgeOfRange"],
    ),
  ];
}

/** Of ten entries, with every field at its longest. */
function longestHistory() {
  const entry = `{"n":${MAX},"at":"${MAX}","k":"${"k".repeat(64)}","c":"${"c".repeat(64)}"}`;
  return `[${Array.from({ length: 10 }, () => entry).join(",")}]`;
}
