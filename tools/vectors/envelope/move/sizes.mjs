// @ts-check
// What is dropped when a record does not fit (5.4).
import { dead, EXAMPLE, ORIGIN, retry } from "./case.mjs";
import { moved, sizeOf } from "./model.mjs";

/** @typedef {import("../../vector-file.mjs").Test} Test */
/** @typedef {import("../bytes.mjs").Header} Header */
/** @typedef {import("../bytes.mjs").Value} Value */
/** @typedef {import("./model.mjs").Input} Input */
/** @typedef {import("./model.mjs").Source} Source */

/** A record that has everything that can be dropped. */
const LADEN = /** @type {const} */ ({
  trusted: false,
  writeStack: true,
  error: { message: `${"m".repeat(252)}éé${"m".repeat(300)}`, stack: "s".repeat(600) },
  record: {
    value: "v".repeat(900),
    headers: [
      ["small", "x"],
      ["big-1", "x".repeat(1100)],
      ["traceparent", "x".repeat(1200)],
      ["big-2", "x".repeat(1020)],
    ],
  },
});

/** @returns {Test[]} */
export function budgets() {
  const clause = ["SLC-DLQ-016", "SLC-DLQ-017"];
  /** The size before each step, and what is dropped below it. */
  const steps = [
    ["everything fits", undefined],
    ["the stack goes", "stack"],
    ["the history goes", "stack,history"],
    ["the message is cut", "stack,history,message"],
    ["the first large header goes", "stack,history,message,headers"],
    ["the second large header goes", "stack,history,message,headers"],
    ["the value goes", "stack,history,message,headers,value"],
  ];
  /** @type {Test[]} */
  const tests = [];
  for (const write of [dead, retry]) {
    const name = write === dead ? "dead letter" : "retry";
    const sizes = seen(
      write === dead
        ? {}
        : {
            move: "retry",
            retryAt: "1700000069001",
            retryPolicy: null,
            target: { topic: "orders.retry", partitions: 4 },
          },
    );
    const last = write === dead ? steps.length - 1 : steps.length - 2;
    for (const [i, [comment = "", truncated]] of steps.slice(0, last + 1).entries()) {
      const bytes = sizes[i] ?? 0;
      tests.push(
        write(
          `${name} at its budget: ${comment}`,
          { ...LADEN, maxBytes: bytes },
          { truncated },
          clause,
          ["Budget", "Dropped"],
        ),
      );
      const next = steps[i + 1];
      const below =
        i < last && next !== undefined ? { truncated: next[1] } : { refused: "too-large" };
      tests.push(
        write(
          `${name} one byte above its budget: ${i < last ? next?.[0] : "it is refused"}`,
          { ...LADEN, maxBytes: bytes - 1 },
          below,
          i < last ? clause : ["SLC-DLQ-018"],
          ["Budget", "Dropped"],
        ),
      );
    }
  }
  return unique(tests);
}

/** The sizes that the model looks at when nothing ever fits. @param {Partial<Input>} change */
function seen(change) {
  /** @type {number[]} */
  const sizes = [];
  moved(
    {
      ...EXAMPLE,
      ...change,
      ...LADEN,
      error: { ...EXAMPLE.error, ...LADEN.error },
      record: { ...EXAMPLE.record, ...LADEN.record },
      maxBytes: -1,
    },
    (size) => sizes.push(size),
  );
  return sizes.filter((size, i) => size !== sizes[i - 1]);
}

/** The budget of one step is one byte below that of another now and then. @param {Test[]} tests */
function unique(tests) {
  const asked = new Set();
  return tests.filter(({ input }) => {
    const text = JSON.stringify(input);
    if (asked.has(text)) return false;
    asked.add(text);
    return true;
  });
}

/** @returns {Test[]} */
export function truncations() {
  const order = ["SLC-DLQ-016"];
  const lists = ["SLC-DLQ-017"];
  const refusal = ["SLC-DLQ-018"];
  const plain = sizeOfPlain({});
  /** @param {readonly Header[]} headers */
  const from = (headers) => ({ trusted: true, record: { headers } });
  const STACK = { writeStack: true, error: { stack: "s".repeat(500) } };
  /** @type {(value: Value) => Header} */
  const truncated = (value) => ["sluice-truncated", value];
  const large = "x".repeat(2000);
  /** Room for all but what is large. @param {readonly Header[]} [headers] */
  const tight = (headers = []) => sizeOfPlain({ headers }) + 40;
  return [
    dead(
      "exactly its size, with nothing that could be dropped",
      { maxBytes: plain },
      { truncated: undefined },
      order,
      ["Budget"],
    ),
    dead(
      "one byte above: the history goes, which makes room enough",
      { maxBytes: plain - 1 },
      { truncated: "history", headers: { "sluice-history": undefined } },
      order,
      ["Budget", "Dropped"],
    ),
    dead("no room at all", { maxBytes: 0 }, { refused: "too-large" }, refusal, ["Budget"]),
    retry("no room at all for a retry", { maxBytes: 0 }, { refused: "too-large" }, refusal, [
      "Budget",
    ]),
    retry(
      "a retry keeps its value, whatever it takes",
      { record: { value: large }, maxBytes: 1000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped"],
    ),
    dead(
      "a dead letter gives it up",
      { record: { value: large }, maxBytes: 1000 },
      { value: null, truncated: "history,value" },
      order,
      ["Dropped"],
    ),
    dead(
      "the key is never dropped",
      { record: { key: large }, maxBytes: 1000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped"],
    ),
    dead(
      "a null value cannot be dropped",
      { record: { key: large, value: null }, maxBytes: 2000 },
      { refused: "too-large" },
      [...order, ...refusal],
      ["NeverDropped", "Null"],
    ),
    dead(
      "what is not there is not listed",
      { record: { value: large }, error: { message: "" }, maxBytes: 1000 },
      { truncated: "history,value" },
      lists,
      ["Dropped"],
    ),
    dead(
      "a short message is not cut, and not listed",
      { record: { value: large }, error: { message: "m".repeat(256) }, maxBytes: 1000 },
      { truncated: "history,value", headers: { "sluice-error-message": "m".repeat(256) } },
      [...order, ...lists],
      ["NeverDropped", "EdgeOfRange"],
    ),
    dead(
      "a message of 257 bytes is",
      { record: { value: large }, error: { message: "m".repeat(257) }, maxBytes: 1000 },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"m".repeat(253)}…` },
      },
      [...order, ...lists],
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "a message is cut between code points",
      {
        record: { value: large },
        error: { message: `${"m".repeat(252)}😀${"m".repeat(100)}` },
        maxBytes: 1000,
      },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"m".repeat(252)}…` },
      },
      [...order, "SLC-ENV-010"],
      ["Dropped", "Cut"],
    ),
    dead(
      "a message that was cut to 1024 bytes is cut again",
      { record: { value: large }, error: { message: "é".repeat(600) }, maxBytes: 1000 },
      {
        truncated: "history,message,value",
        headers: { "sluice-error-message": `${"é".repeat(126)}…` },
      },
      [...order, "SLC-ENV-010"],
      ["Dropped", "Cut"],
    ),
    dead(
      "a header of 1024 bytes with its name stays",
      { record: { value: "v", headers: [["name", "x".repeat(1020)]] }, maxBytes: tight() },
      { refused: "too-large" },
      order,
      ["NeverDropped", "EdgeOfRange"],
    ),
    dead(
      "a header of 1025 bytes with its name goes",
      { record: { value: "v", headers: [["name", "x".repeat(1021)]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers", value: "v" },
      order,
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "a null header with a long name",
      { record: { headers: [["n".repeat(1025), null]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers" },
      order,
      ["Dropped", "Null"],
    ),
    dead(
      "bytes of a name are counted",
      { record: { headers: [["é".repeat(512), "x"]] }, maxBytes: tight() },
      { kept: [], truncated: "history,headers" },
      order,
      ["Dropped", "EdgeOfRange"],
    ),
    dead(
      "large headers go in the order of the record, as many as must",
      {
        record: {
          headers: [
            ["c", large],
            ["s", "1"],
            ["a", large],
            ["b", large],
          ],
        },
        maxBytes: tight() + 2100,
      },
      {
        kept: [
          ["s", "1"],
          ["b", large],
        ],
        truncated: "history,headers",
      },
      order,
      ["Dropped"],
    ),
    dead(
      "the first large header is enough",
      {
        record: {
          headers: [
            ["c", large],
            ["a", large],
            ["b", large],
          ],
        },
        maxBytes: tight() + 4100,
      },
      {
        kept: [
          ["a", large],
          ["b", large],
        ],
        truncated: "history,headers",
      },
      order,
      ["Dropped"],
    ),
    dead(
      "repeats of a large header go one by one",
      {
        record: {
          headers: [
            ["a", large],
            ["a", large],
          ],
        },
        maxBytes: tight() + 2100,
      },
      { kept: [["a", large]], truncated: "history,headers" },
      order,
      ["Dropped", "Repeated"],
    ),
    ...[
      "traceparent",
      "tracestate",
      "X-Trace-ID",
      "id",
      "content-type",
      "ce_id",
      "ce_",
      "ce_later",
    ].map((name) =>
      dead(
        `never dropped: ${name}`,
        {
          record: {
            value: "v",
            headers: [
              [name, large],
              ["other", large],
            ],
          },
          maxBytes: tight() + 2100,
        },
        { kept: [[name, large]], truncated: "history,headers" },
        order,
        ["NeverDropped"],
      ),
    ),
    ...["Traceparent", "x-trace-id", "ID", "Content-Type", "ce-id", "CE_id"].map((name) =>
      dead(
        `dropped, since its name is another: ${name}`,
        {
          record: {
            value: "v",
            headers: [
              [name, large],
              ["other", large],
            ],
          },
          maxBytes: tight() + 2100,
        },
        { kept: [["other", large]], truncated: "history,headers" },
        order,
        ["Dropped"],
      ),
    ),
    dead(
      "never dropped: a Sluice header that is not defined",
      {
        ...from([
          ["sluice-later", large],
          ["other", large],
        ]),
        maxBytes: tight() + 2100,
      },
      { kept: [["sluice-later", large]], truncated: "history,headers" },
      [...order, "SLC-ENV-004"],
      ["NeverDropped", "OpenList"],
    ),
    dead(
      "never dropped: an identity of the producer",
      {
        ...from([
          ["sluice-idempotency-key", large],
          ["other", large],
        ]),
        maxBytes: tight() + 2100,
      },
      { kept: [["sluice-idempotency-key", large]], truncated: "history,headers" },
      [...order, "SLC-ENV-016"],
      ["NeverDropped"],
    ),
    dead(
      "an earlier list stays where it is when nothing is dropped",
      from([["a", "1"], truncated("value,stack"), ["b", "2"]]),
      { kept: [["a", "1"], truncated("value,stack"), ["b", "2"]] },
      lists,
      ["Kept"],
    ),
    dead(
      "a malformed list stays where it is when nothing is dropped",
      from([truncated("Stack"), ["b", "2"]]),
      { kept: [truncated("Stack"), ["b", "2"]] },
      lists,
      ["Kept", "Malformed"],
    ),
    dead(
      "several lists stay where they are when nothing is dropped",
      from([truncated("stack"), ["b", "2"], truncated(null)]),
      { kept: [truncated("stack"), ["b", "2"], truncated(null)] },
      lists,
      ["Kept", "Repeated", "Null"],
    ),
    dead(
      "a forged list is removed",
      { record: { headers: [truncated("value")] } },
      { kept: [], truncated: undefined },
      [...lists, "SLC-SEC-001"],
      ["Forged"],
    ),
    dead(
      "a forged list does not count",
      { ...STACK, record: { headers: [truncated("value")] }, maxBytes: tight() },
      { truncated: "stack" },
      [...lists, "SLC-SEC-001"],
      ["Forged", "Dropped"],
    ),
    .../** @type {const} */ ([
      ["the same part", "stack", "stack"],
      ["a later part", "value", "stack,value"],
      ["known parts in another order", "value,message", "stack,message,value"],
      ["all of them", "stack,history,message,headers,value", "stack,history,message,headers,value"],
      ["a part of a later version", "key", "stack,key"],
      ["a part twice, and one of a later version twice", "key,stack,key,stack", "stack,key"],
      [
        "parts of a later version in their order, after the known ones",
        "zeta,value,alpha",
        "stack,value,zeta,alpha",
      ],
    ]).map(([comment, earlier, all]) =>
      dead(
        `an earlier list with ${comment}`,
        { ...STACK, ...from([["a", "1"], truncated(earlier), ["b", "2"]]), maxBytes: tight() + 60 },
        {
          truncated: all,
          kept: [
            ["a", "1"],
            ["b", "2"],
          ],
        },
        lists,
        ["Dropped", ...(/key|zeta/.test(earlier) ? ["OpenList"] : [])],
      ),
    ),
    dead(
      "an earlier list that is malformed does not count",
      { ...STACK, ...from([truncated("value,")]), maxBytes: tight() },
      { truncated: "stack" },
      lists,
      ["Dropped", "Malformed"],
    ),
    dead(
      "an earlier list that is empty does not count",
      { ...STACK, ...from([truncated("")]), maxBytes: tight() },
      { truncated: "stack" },
      lists,
      ["Dropped", "Malformed"],
    ),
    dead(
      "an earlier list that is null does not count",
      { ...STACK, ...from([truncated("value"), truncated(null)]), maxBytes: tight() },
      { truncated: "stack", kept: [] },
      [...lists, "SLC-ENV-005"],
      ["Dropped", "Null"],
    ),
    dead(
      "the last of several lists counts, and none of them stays",
      {
        ...STACK,
        ...from([truncated("value"), ["a", "1"], truncated("headers")]),
        maxBytes: tight(),
      },
      { truncated: "stack,headers", kept: [["a", "1"]] },
      [...lists, "SLC-ENV-002"],
      ["Dropped", "Repeated"],
    ),
    dead(
      "an earlier list counts for the size where it stands",
      {
        ...from([truncated("value,a-part-of-a-later-version")]),
        maxBytes: sizeOfPlain({ headers: [truncated("value,a-part-of-a-later-version")] }, true),
      },
      { kept: [truncated("value,a-part-of-a-later-version")] },
      lists,
      ["Budget", "Kept"],
    ),
    dead(
      "the list itself counts for the size: a stack of no bytes leaves a longer record",
      { writeStack: true, error: { stack: "x" }, maxBytes: sizeOfPlain({}) + 18 },
      { truncated: "stack,history" },
      [...order, ...lists],
      ["Budget", "Dropped"],
    ),
    dead(
      "the list follows all other headers",
      { ...STACK, ...from(ORIGIN), maxBytes: tight(ORIGIN) },
      { headers: { "sluice-truncated": "stack" } },
      [...lists, "SLC-DLQ-010"],
      ["Dropped"],
    ),
    retry(
      "a retry may lose its stack",
      { ...STACK, maxBytes: tight() + 50 },
      { truncated: "stack", headers: { "sluice-retry-at": "1700000069001" } },
      order,
      ["Dropped"],
    ),
    dead(
      "nothing more is dropped than must be",
      { ...STACK, record: { value: large, headers: [["big", large]] }, maxBytes: tight() + 4100 },
      { truncated: "stack", value: large },
      order,
      ["Dropped"],
    ),
  ];
}

/**
 * The size of the dead letter of the example with other headers, when nothing is dropped.
 * @param {Partial<Source>} record
 * @param {boolean} [trusted]
 */
function sizeOfPlain(record, trusted = false) {
  const answer = moved({
    ...EXAMPLE,
    trusted,
    record: { ...EXAMPLE.record, headers: [], ...record },
  });
  if ("refused" in answer) throw new Error("the example is never refused");
  return sizeOf(answer.record);
}
