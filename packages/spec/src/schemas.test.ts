import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { HEADER } from "./headers.ts";

interface Schema {
  readonly $id: string;
  readonly examples: readonly unknown[];
}

const directory = new URL("../schemas/v1/", import.meta.url);
const schemas = new Map(
  readdirSync(directory).map((file) => [
    file.replace(".schema.json", ""),
    JSON.parse(readFileSync(new URL(file, directory), "utf8")) as Schema,
  ]),
);

const ajv = new Ajv2020({ strict: true, allErrors: true });
for (const schema of schemas.values()) ajv.addSchema(schema);

function accepts(id: string, document: unknown): boolean {
  const validate = ajv.getSchema(id);
  if (validate === undefined) throw new Error(`no schema ${id}`);
  return validate(document) as boolean;
}

/** Every object of `document` with every one of its members taken away, once each. */
function* withoutOneMember(document: unknown): Generator<[path: string, document: unknown]> {
  if (typeof document !== "object" || document === null) return;
  for (const [key, value] of Object.entries(document)) {
    if (!Array.isArray(document)) {
      const rest = { ...document } as Record<string, unknown>;
      delete rest[key];
      yield [key, rest];
    }
    for (const [path, changed] of withoutOneMember(value)) {
      const copy: unknown = Array.isArray(document)
        ? document.with(Number(key), changed)
        : { ...document, [key]: changed };
      yield [`${key}.${path}`, copy];
    }
  }
}

describe.each([...schemas])("schema %s", (name, schema) => {
  it("is named by its file and has examples", () => {
    expect(schema.$id).toBe(`urn:sluice:schema:v1:${name}`);
    expect(schema.examples.length).toBeGreaterThan(1);
  });

  it("can be loaded by its package path", () => {
    const load = createRequire(import.meta.url);
    expect(load(`@sluice/spec/schemas/v1/${name}.schema.json`)).toEqual(schema);
  });

  it.each(schema.examples.map((example) => [JSON.stringify(example).slice(0, 60), example]))(
    "accepts its example %s",
    (_, example) => {
      const valid = accepts(schema.$id, example);
      expect(ajv.errorsText(ajv.getSchema(schema.$id)?.errors)).toBe("No errors");
      expect(valid).toBe(true);
    },
  );
});

/** Members that may be left out; taking away any other one must be noticed. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  "subject-command": ["input.*", "config.sasl", "error"],
  "subject-message": ["ok.*", "error.message"],
  "retry-policy": ["maxElapsedMs", "backoff.jitter", "backoff.factor"],
  "dead-letter-record": [],
  "run-report": ["expectation", "expectation.detail"],
  "vector-file": [
    "notes.UtilsTest",
    "testGroups.0.params",
    "testGroups.0.params.*",
    "testGroups.0.tests.0.input.*",
    "testGroups.0.tests.0.expect.*",
    "testGroups.0.tests.1.input.*",
    "testGroups.0.tests.1.expect.*",
    "testGroups.0.tests.1.withdrawn",
  ],
  operations: [],
  "suite-case": ["clauses", "steps.0.as", "steps.2.until.atLeast"],
  envelope: [],
  history: [
    "title",
    "buffer",
    "retry.mode",
    "topics.in",
    "deadlineMs",
    "code",
    "signal",
    "forced",
    "detail",
    "own",
    "count",
    "epoch",
    "partitions",
    "input.*",
    "expected.*",
    "answer.error.message",
  ],
  "consumer-config": [
    "consumer.ordering",
    "consumer.concurrency",
    "consumer.rateLimit",
    "consumer.rateLimit.burst",
    "consumer.earlyRelease",
    "consumer.earlyRelease.*",
    "consumer.retry.backoff",
    "consumer.retry.*",
    "consumer.startAt",
    "consumer.isolation",
    "consumer.commitIntervalMs",
    "consumer.commitEvery",
    "consumer.commitWhenIdleMs",
    "consumer.commitMetadata",
    "consumer.trustedTopics",
    "consumer.identity",
    "consumer.identity.*",
    "consumer.drainTimeoutMs",
    "consumer.stallAfterMs",
    "consumer.handlerTimeoutMs",
    "consumer.batch",
    "consumer.batch.lingerMs",
    "consumer.batch.by",
    "consumer.idleAfterMs",
    "consumer.budget",
    "consumer.budget.*",
    "client.clientId",
    "client.ssl",
    "client.ssl.ca",
    "client.sasl",
    "client.profile",
    "client.timeouts",
    "client.timeouts.*",
    "client.fetch",
    "client.fetch.*",
    "client.producer",
    "client.producer.*",
    "client.sessionTimeoutMs",
    "client.heartbeatIntervalMs",
    "client.rebalanceTimeoutMs",
  ],
  headers: [
    HEADER.messageId,
    HEADER.messageType,
    HEADER.messageVersion,
    HEADER.errorClass,
    HEADER.history,
    HEADER.dlqReason,
    HEADER.replayId,
  ],
};

it("no schema escapes the check for missing members", () => {
  expect(Object.keys(OPTIONAL).toSorted()).toEqual([...schemas.keys()].toSorted());
});

describe.each(Object.keys(OPTIONAL))("schema %s", (name) => {
  const schema = schemas.get(name) as Schema;
  const optional = OPTIONAL[name] ?? [];
  const isOptional = (path: string): boolean =>
    optional.some((o) => (o.endsWith(".*") ? path.startsWith(o.slice(0, -1)) : o === path));
  const cases = schema.examples.flatMap((example) =>
    [...withoutOneMember(example)]
      .filter(([path]) => !isOptional(path))
      .map(([path, changed]) => [path, changed] as const),
  );

  it.each(cases)("notices that %s is missing", (_, changed) => {
    expect(accepts(schema.$id, changed)).toBe(false);
  });
});

const exampleOf = (name: string, field: string, value: string): object =>
  (schemas.get(name) as Schema).examples.find(
    (example) => (example as Readonly<Record<string, unknown>>)[field] === value,
  ) as object;
const begin = exampleOf("subject-message", "ev", "begin");
const start = exampleOf("subject-command", "cmd", "start") as { config: object };
const refused: readonly (readonly [string, string, unknown])[] = [
  ["subject-command", "an unknown command", { id: 1, cmd: "produce" }],
  ["subject-command", "a line that is no object", [1]],
  ["subject-command", "an unknown result", { cmd: "finish", h: "a", result: "done" }],
  ["subject-command", "a numeric topic", { ...start, config: { ...start.config, topics: [1] } }],
  [
    "subject-command",
    "an input that is no object",
    { id: 1, cmd: "vector", op: "Partition", input: ["murmur2", "3231", 12] },
  ],
  ["subject-message", "neither reply nor event", {}],
  ["subject-message", "an unknown event", { ev: "started" }],
  ["subject-message", "a reply with both ok and error", { id: 1, ok: {}, error: { code: "x" } }],
  ["subject-message", "an offset as a number", { ...begin, o: 42 }],
  ["subject-message", "an offset with a leading zero", { ...begin, o: "042" }],
  ["subject-message", "attempt 0", { ...begin, attempt: 0 }],
  ["subject-message", "a negative partition", { ...begin, p: -1 }],
  ["subject-message", "a value hash of another length", { ...begin, vh: "azE=" }],
  [
    "subject-message",
    "a partition list with a third item",
    {
      ev: "lost",
      epoch: "1",
      partitions: [["in", 0, 1]],
    },
  ],
];

it.each(refused)("schema %s refuses %s", (name, _, document) => {
  expect(accepts(`urn:sluice:schema:v1:${name}`, document)).toBe(false);
});

it("an unknown field is ignored in both directions", () => {
  expect(accepts("urn:sluice:schema:v1:subject-message", { ...begin, later: 1 })).toBe(true);
  expect(accepts("urn:sluice:schema:v1:subject-command", { ...start, later: 1 })).toBe(true);
});

describe("the parts of replies that the runner checks by command", () => {
  const [hello] = (schemas.get("subject-message") as Schema).examples as [{ ok: object }];
  const part = (name: string) => `urn:sluice:schema:v1:subject-message#/$defs/${name}`;

  it("hello", () => {
    expect(accepts(part("helloOk"), hello.ok)).toBe(true);
    const unnoticed = [...withoutOneMember(hello.ok)].flatMap(([path, changed]) =>
      accepts(part("helloOk"), changed) ? [path] : [],
    );
    // What is not declared is none; what is declared is declared whole.
    expect(unnoticed.filter((path) => !/^capabilities\.[^.]+$/.test(path))).toEqual([]);
    expect(unnoticed.length).toBeGreaterThan(0);
  });

  it("a stop", () => {
    expect(accepts(part("stopOk"), { forced: true })).toBe(true);
    expect(accepts(part("stopOk"), {})).toBe(false);
  });
});
