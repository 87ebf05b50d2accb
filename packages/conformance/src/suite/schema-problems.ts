import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { closest, distance } from "fastest-levenshtein";
import type { Problem } from "./problem.ts";

type Path = Problem["path"];
interface Schema {
  readonly $id: string;
  readonly $defs: Readonly<
    Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>
  >;
}

const require = createRequire(import.meta.url);
const schema = require("@sluice/spec/schemas/v1/suite-case.schema.json") as Schema;
const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, strictRequired: false });
ajv.addSchema(schema);
const whole = ajv.getSchema(schema.$id) as ValidateFunction;
const STEPS = Object.keys(schema.$defs)
  .filter((name) => name.startsWith("step-"))
  .map((name) => name.slice("step-".length));
const COMPANIONS = new Set(["since", "inEach", "equals", "atLeast", "atMost"]);
const MEASURES = Object.keys(schema.$defs["measure"]?.properties ?? {}).filter(
  (name) => !COMPANIONS.has(name),
);

/**
 * Why a document is no case of the suite; empty when it is one. Steps and conditions are known by
 * their key words: judged by those, an error says what is wrong with this step, and not that it is none
 * of all the others either.
 */
export function schemaProblems(document: unknown): Problem[] {
  if (whole(document)) return [];
  if (!isObject(document)) return [{ path: [], message: noCase(document) }];
  const errors = [...(whole.errors ?? [])];
  const within = stepsProblems(document["steps"], ["steps"]);
  // What is in a step has been told already, and better.
  const others = errors.filter(({ instancePath }) => !instancePath.startsWith("/steps/"));
  return [...within, ...tell(others, [])];
}

/** Said for what is no object: the schema's own words would describe a whole case. */
function noCase(document: unknown): string {
  const what =
    document === null ? "nothing" : Array.isArray(document) ? "a list" : `a ${typeof document}`;
  return `a case is an object with id, level, title, steps and more; here is ${what}`;
}

function stepsProblems(steps: unknown, path: Path): Problem[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step, i) => stepProblems(step, [...path, i]));
}

function stepProblems(step: unknown, path: Path): Problem[] {
  if (!isObject(step)) return [{ path, message: `a step is an object: ${STEPS.join(", ")}` }];
  const words = STEPS.filter((word) => Object.hasOwn(step, word));
  const [kind] = words;
  if (kind === undefined) return [{ path, message: unknownWord(Object.keys(step), STEPS, "step") }];
  if (words.length > 1) return [{ path, message: `${words.join(" and ")}: two steps in one` }];
  const inner = [
    ...(kind === "repeat" ? stepsProblems(step["repeat"], [...path, "repeat"]) : []),
    ...(kind === "together" && Array.isArray(step["together"])
      ? step["together"].flatMap((one, i) => stepsProblems(one, [...path, "together", i]))
      : []),
    ...["until", "guard", "when", "while"].flatMap((key) =>
      Object.hasOwn(step, key) ? conditionProblems(step[key], [...path, key]) : [],
    ),
  ];
  const own = errorsOf(`step-${kind}`, step).filter(
    ({ instancePath }) =>
      !/^\/(?:repeat|together|until|guard|when|while)(?:\/|$)/.test(instancePath),
  );
  return [...inner, ...tell(own, path)];
}

function conditionProblems(condition: unknown, path: Path): Problem[] {
  if (!isObject(condition)) return [{ path, message: "a condition is an object with a measure" }];
  for (const mode of ["all", "any"]) {
    const parts = condition[mode];
    if (!Array.isArray(parts)) continue;
    return parts.flatMap((one, i) => conditionProblems(one, [...path, mode, i]));
  }
  const words = MEASURES.filter((word) => Object.hasOwn(condition, word));
  if (words.length === 0) {
    const unknown = Object.keys(condition).filter((key) => !COMPANIONS.has(key));
    return [{ path, message: unknownWord(unknown, MEASURES, "measure") }];
  }
  if (words.length > 1) return [{ path, message: `${words.join(" and ")}: two measures in one` }];
  return tell(
    errorsOf("measure", condition).filter(({ keyword }) => keyword !== "oneOf"),
    path,
  );
}

function errorsOf(definition: string, value: unknown): ErrorObject[] {
  const reference = `${schema.$id}#/$defs/${definition}`;
  const validate = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
  return validate(value) ? [] : [...(validate.errors ?? [])];
}

/** One problem for each place: of alternatives that all failed, the one that got furthest. */
function tell(errors: readonly ErrorObject[], base: Path): Problem[] {
  const telling = errors.filter(
    ({ keyword }) => !["anyOf", "oneOf", "if", "not"].includes(keyword),
  );
  const deepest = telling.filter(
    ({ instancePath }) =>
      !telling.some((other) => other.instancePath.startsWith(`${instancePath}/`)),
  );
  const byPlace = new Map<string, ErrorObject>();
  for (const error of deepest) {
    const other = byPlace.get(error.instancePath);
    if (other === undefined || weight(error) > weight(other))
      byPlace.set(error.instancePath, error);
  }
  return [...byPlace.values()].map((error) => ({
    path: [...base, ...error.instancePath.split("/").slice(1).map(decode)],
    message: say(error),
  }));
}

/** Which of several complaints about one value says most: that of the most similar alternative. */
function weight({ keyword, parentSchema, data }: ErrorObject): number {
  const properties = (parentSchema as { properties?: object } | undefined)?.properties ?? {};
  const alike = isObject(data)
    ? Object.keys(data).filter((key) => Object.hasOwn(properties, key)).length
    : 0;
  const order = ["type", "const", "pattern", "enum", "required", "additionalProperties"];
  return 10 * alike + order.indexOf(keyword);
}

function say({ keyword, params, data, parentSchema, message }: ErrorObject): string {
  const { description, properties } = (parentSchema ?? {}) as {
    readonly description?: string;
    readonly properties?: object;
  };
  const value = JSON.stringify(data);
  const meaning = description === undefined ? "" : `. ${description}`;
  switch (keyword) {
    case "additionalProperties": {
      const word = (params as { additionalProperty: string }).additionalProperty;
      return unknownWord([word], Object.keys(properties ?? {}), "field here");
    }
    case "required":
      return `${(params as { missingProperty: string }).missingProperty} is missing${meaning}`;
    case "enum": {
      const allowed = (params as { allowedValues: readonly unknown[] }).allowedValues.map(String);
      return unknownWord([String(data)], allowed, "value here");
    }
    case "const":
      return `${value} must be ${JSON.stringify((params as { allowedValue: unknown }).allowedValue)}`;
    case "pattern":
      return `${value} has not the right form${meaning}`;
    default:
      return `${value} ${message ?? keyword}${meaning}`;
  }
}

function unknownWord(words: readonly string[], allowed: readonly string[], what: string): string {
  const word = words[0] ?? "nothing";
  const near = allowed.length === 0 ? "" : closest(word, allowed);
  const hint = distance(word, near) <= Math.max(2, word.length / 3) ? ` Did you mean ${near}?` : "";
  return `${word} is no ${what}.${hint} Allowed: ${allowed.join(", ")}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decode(part: string): string | number {
  const text = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(text) ? Number(text) : text;
}
