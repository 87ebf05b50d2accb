import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

const require = createRequire(import.meta.url);
const ajv = new Ajv2020({ allErrors: false, strict: true, strictRequired: false });
const command: ValidateFunction = ajv.compile(
  require("@sluice/spec/schemas/v1/subject-command.schema.json") as object,
);
const messageSchema = require("@sluice/spec/schemas/v1/subject-message.schema.json") as {
  readonly $id: string;
};
const message: ValidateFunction = ajv.compile(messageSchema);
const hello: ValidateFunction = ajv.compile({ $ref: `${messageSchema.$id}#/$defs/helloOk` });
const stop: ValidateFunction = ajv.compile({ $ref: `${messageSchema.$id}#/$defs/stopOk` });

/** Null when the value keeps to the protocol's schema, else where and why not. */
export function checkCommand(value: unknown): string | null {
  return command(value) ? null : problem(command.errors);
}
export function checkMessage(value: unknown): string | null {
  return message(value) ? null : problem(message.errors);
}
/** The `ok` part of the answer to `hello`. */
export function checkHello(value: unknown): string | null {
  return hello(value) ? null : problem(hello.errors);
}
/** The `ok` part of the answer to `stop`. */
export function checkStop(value: unknown): string | null {
  return stop(value) ? null : problem(stop.errors);
}

/** The deepest error says most: the outer ones only tell that a branch did not match. */
function problem(errors: readonly ErrorObject[] | null | undefined): string {
  let deepest: ErrorObject | undefined;
  for (const error of errors ?? []) {
    if (error.keyword === "if") continue;
    if (deepest === undefined || depth(error) > depth(deepest)) deepest = error;
  }
  if (deepest === undefined) return "does not match the schema";
  const where = deepest.instancePath === "" ? "" : `${deepest.instancePath} `;
  const allowed: unknown = (deepest.params as Record<string, unknown>)["allowedValues"];
  const values = Array.isArray(allowed) ? ` (${allowed.join(", ")})` : "";
  return `${where}${deepest.message ?? deepest.keyword}${values}`;
}

function depth(error: ErrorObject): number {
  return error.instancePath.split("/").length;
}
