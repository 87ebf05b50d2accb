// @ts-check
// What becomes of each header of Appendix A, and of names near them (5.2, SLC-SEC-001).
import { raw } from "../bytes.mjs";
import { dead, retry } from "./case.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */

/** @returns {Test[]} */
export function everyHeader() {
  /** Of each defined header a value, and what a move from a trusted topic does with it alone. */
  const defined = /** @type {const} */ ([
    ["sluice-spec", "1", "replaced"],
    ["sluice-message-id", "m", "kept"],
    ["sluice-message-type", "t", "kept"],
    ["sluice-message-version", "1", "kept"],
    ["sluice-idempotency-key", "i", "kept"],
    ["sluice-group", "other", "replaced"],
    ["sluice-retry-count", "9", "replaced"],
    ["sluice-retry-at", "9", "replaced"],
    ["sluice-retry-policy", "p", "replaced"],
    ["sluice-origin-topic", "in", "replaced"],
    ["sluice-origin-partition", "0", "replaced"],
    ["sluice-origin-offset", "9", "replaced"],
    ["sluice-origin-timestamp", "9", "replaced"],
    ["sluice-origin-cluster", "c", "replaced"],
    ["sluice-origin-partition-count", "9", "replaced"],
    ["sluice-origin-leader-epoch", "9", "replaced"],
    ["sluice-first-failed-at", "9", "kept"],
    ["sluice-failed-at", "9", "replaced"],
    ["sluice-error-kind", "poison", "replaced"],
    ["sluice-error-class", "C", "replaced"],
    ["sluice-error-code", "C", "replaced"],
    ["sluice-error-message", "M", "replaced"],
    ["sluice-error-stack", "S", "replaced"],
    ["sluice-history", "[]", "replaced"],
    ["sluice-dlq-reason", "manual", "replaced"],
    ["sluice-replay-id", "r", "kept"],
    ["sluice-replay-count", "2", "kept"],
    ["sluice-replayed-at", "9", "kept"],
    ["sluice-replayed-from", "t/0/0", "kept"],
    ["sluice-hops", "9", "replaced"],
    ["sluice-truncated", "stack", "kept"],
  ]);
  const producers = [
    "sluice-message-id",
    "sluice-message-type",
    "sluice-message-version",
    "sluice-idempotency-key",
  ];
  const between = (/** @type {readonly Header[]} */ headers) =>
    /** @type {readonly Header[]} */ ([["a", "1"], ...headers, ["b", "2"]]);
  const later = [
    "sluice-later",
    "sluice-retry-later",
    "sluice-error-later",
    "sluice-replay",
    "sluice-replayer",
    "sluice-replay-later",
  ];
  const reserved = [
    "sluice-origin-later",
    "sluice-retry-later",
    "sluice-error-later",
    "sluice-replay",
    "sluice-replayer",
    "sluice-replay-later",
    "sluice-origin-",
    "sluice-error-",
  ];
  const free = [
    "sluice-later",
    "sluice-origin",
    "sluice-retry",
    "sluice-error",
    "sluice-spec2",
    "sluice-history-2",
    "sluice-hop",
    "sluice-truncated-by",
    "sluice-dlq",
    "sluice-",
  ];
  const whole = defined.map(([name, value]) => /** @type {Header} */ ([name, value]));
  return [
    ...defined.map(([name, value, what]) =>
      dead(
        `from a trusted topic, ${name} alone is ${what}`,
        { trusted: true, record: { headers: between([[name, value]]) } },
        { kept: between(what === "kept" ? [[name, value]] : []) },
        [trustedClause(name)],
        [what === "kept" ? "Kept" : "Replaced"],
      ),
    ),
    ...defined.map(([name, value]) =>
      dead(
        `from a source topic, ${name} is ${producers.includes(name) ? "kept" : "removed"}`,
        { record: { headers: between([[name, value]]) } },
        { kept: between(producers.includes(name) ? [[name, value]] : []) },
        [producers.includes(name) ? "SLC-ENV-016" : "SLC-SEC-001"],
        [producers.includes(name) ? "Kept" : "Forged"],
      ),
    ),
    retry(
      "all of them, from a trusted topic to a retry topic",
      { trusted: true, record: { headers: whole } },
      {
        headers: {
          "sluice-dlq-reason": undefined,
          "sluice-retry-policy": undefined,
          "sluice-first-failed-at": "9",
          "sluice-replay-count": "2",
          "sluice-origin-topic": "in",
          "sluice-truncated": "stack",
        },
      },
      ["SLC-ENV-003", "SLC-ENV-008", "SLC-DLQ-011"],
      ["Kept", "Replaced"],
    ),
    retry(
      "all of them, from a source topic to a retry topic",
      { record: { headers: whole } },
      {
        kept: whole.filter(([name]) => producers.includes(name)),
        headers: { "sluice-dlq-reason": undefined, "sluice-retry-policy": undefined },
      },
      ["SLC-SEC-001"],
      ["Forged"],
    ),
    dead(
      "every earlier value is removed, null and malformed ones too",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-group", "a"],
            ["sluice-hops", "1"],
            ["sluice-group", null],
            ["sluice-group", raw("ff")],
            ["x", "y"],
            ["sluice-hops", null],
          ],
        },
      },
      { kept: [["x", "y"]] },
      ["SLC-ENV-003"],
      ["Replaced", "Repeated"],
    ),
    dead(
      "from a source topic every value is removed, null ones too",
      {
        record: {
          headers: [
            ["sluice-hops", null],
            ["sluice-error-later", null],
            ["x", "y"],
            ["sluice-replay-id", "r"],
            ["sluice-replay-id", null],
          ],
        },
      },
      { kept: [["x", "y"]] },
      ["SLC-SEC-001"],
      ["Forged", "Repeated", "Null"],
    ),
    ...later.map((name) =>
      dead(
        `from a trusted topic, ${name} is carried along`,
        {
          trusted: true,
          record: {
            headers: between([
              [name, raw("ff")],
              [name, null],
            ]),
          },
        },
        {
          kept: between([
            [name, raw("ff")],
            [name, null],
          ]),
        },
        ["SLC-ENV-004"],
        ["OpenList", "Kept"],
      ),
    ),
    ...reserved.map((name) =>
      dead(
        `from a source topic, ${name} is removed`,
        { record: { headers: between([[name, "x"]]) } },
        { kept: between([]) },
        ["SLC-SEC-001"],
        ["Forged", "OpenList"],
      ),
    ),
    ...free.map((name) =>
      dead(
        `from a source topic, ${name} is carried along`,
        {
          record: {
            headers: between([
              [name, raw("ff")],
              [name, null],
            ]),
          },
        },
        {
          kept: between([
            [name, raw("ff")],
            [name, null],
          ]),
        },
        ["SLC-ENV-004", "SLC-SEC-001"],
        ["NotReserved", "Kept"],
      ),
    ),
    dead(
      "the time of the first failure: kept where it is",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["a", "1"],
          ],
        },
      },
      {
        kept: [
          ["sluice-first-failed-at", "5"],
          ["a", "1"],
        ],
      },
      ["SLC-DLQ-011"],
      ["Kept"],
    ),
    dead(
      "the time of the first failure: kept with its repeats, since the last counts",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "x"],
            ["sluice-first-failed-at", "5"],
          ],
        },
      },
      {
        kept: [
          ["sluice-first-failed-at", "x"],
          ["sluice-first-failed-at", "5"],
        ],
      },
      ["SLC-DLQ-011", "SLC-ENV-002"],
      ["Kept", "Repeated"],
    ),
    dead(
      "the time of the first failure: replaced when the last is malformed",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["sluice-first-failed-at", "05"],
          ],
        },
      },
      { kept: [], headers: { "sluice-first-failed-at": "1700000000100" } },
      ["SLC-DLQ-011", "SLC-ENV-003"],
      ["Replaced", "Malformed"],
    ),
    dead(
      "the time of the first failure: replaced when the last is null",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-first-failed-at", "5"],
            ["sluice-first-failed-at", null],
          ],
        },
      },
      { kept: [], headers: { "sluice-first-failed-at": "1700000000100" } },
      ["SLC-DLQ-011", "SLC-ENV-005"],
      ["Replaced", "Null"],
    ),
    dead(
      "headers of a replay are kept, malformed ones too",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-replay-count", "-1"],
            ["sluice-replay-id", ""],
            ["sluice-replay-count", "1"],
            ["sluice-replayed-from", null],
          ],
        },
      },
      {
        kept: [
          ["sluice-replay-count", "-1"],
          ["sluice-replay-id", ""],
          ["sluice-replay-count", "1"],
          ["sluice-replayed-from", null],
        ],
      },
      ["SLC-ENV-004"],
      ["Kept", "Malformed", "Repeated"],
    ),
    dead(
      "a retry's headers are not left on its dead letter",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-spec", "1"],
            ["sluice-retry-at", "5"],
            ["sluice-retry-policy", "p"],
          ],
        },
      },
      { headers: { "sluice-retry-at": undefined, "sluice-retry-policy": undefined } },
      ["SLC-ENV-003", "SLC-DLQ-010"],
      ["Replaced"],
    ),
    retry(
      "a dead letter's reason is not left on a retry",
      {
        trusted: true,
        record: {
          headers: [
            ["sluice-spec", "1"],
            ["sluice-dlq-reason", "manual"],
          ],
        },
      },
      { headers: { "sluice-dlq-reason": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    retry(
      "an earlier policy is not left when there is none now",
      { trusted: true, record: { headers: [["sluice-retry-policy", "old"]] } },
      { headers: { "sluice-retry-policy": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    retry(
      "the policy of now",
      { trusted: true, retryPolicy: "new", record: { headers: [["sluice-retry-policy", "old"]] } },
      { headers: { "sluice-retry-policy": "new" } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
    dead(
      "an earlier class and code are not left when there are none now",
      {
        trusted: true,
        error: { class: null },
        record: {
          headers: [
            ["sluice-error-class", "C"],
            ["sluice-error-code", "C"],
          ],
        },
      },
      { headers: { "sluice-error-class": undefined, "sluice-error-code": undefined } },
      ["SLC-ENV-003"],
      ["Replaced"],
    ),
  ];
}

/** The clause that says what becomes of a header from a trusted topic. @param {string} name */
function trustedClause(name) {
  if (name.startsWith("sluice-origin-")) return "SLC-ENV-014";
  if (/^sluice-(message|idempotency)-/.test(name)) return "SLC-ENV-016";
  if (name === "sluice-first-failed-at") return "SLC-DLQ-011";
  if (name === "sluice-history") return "SLC-DLQ-013";
  if (name === "sluice-hops") return "SLC-DLQ-007";
  if (name === "sluice-truncated") return "SLC-DLQ-017";
  return name.startsWith("sluice-replay") ? "SLC-DLQ-010" : "SLC-ENV-003";
}
