import type { ErrorInfo } from "@sluice/core";
import { PortError } from "@sluice/core";
import { inspect } from "node:util";

/** Throw it from a handler: another attempt may help (error kind `transient`). */
export class RetryableError extends Error {
  override readonly name: string = "RetryableError";
}

/** Throw it from a handler: no attempt will ever help (error kind `permanent`). */
export class NonRetryableError extends Error {
  override readonly name: string = "NonRetryableError";
}

/**
 * What a handler threw, in the protocol's words. Handlers throw anything: strings, null, objects
 * whose getters throw. This never does.
 */
export function describeThrown(thrown: unknown): ErrorInfo {
  const kind = kindOf(thrown);
  const isObject = typeof thrown === "object" && thrown !== null;
  const code = isObject ? read(thrown, "code") : undefined;
  return {
    kind,
    class: classOf(thrown),
    message: messageOf(thrown).slice(0, MESSAGE_LIMIT),
    // Formatted when somebody asks, which costs more than all the rest of a failure.
    get stack() {
      return stackOf(thrown);
    },
    ...((typeof code === "string" && code !== "") || typeof code === "number"
      ? { code: String(code) }
      : {}),
  };
}

/** Any rejection of a port as a {@link PortError}; a stranger counts as "may have been applied". */
export function asPortError(error: unknown, doing: string): PortError {
  if (error instanceof PortError) return error;
  return new PortError(`${doing}: ${messageOf(error)}`, {
    kind: "retriable",
    outcome: "unknown",
    cause: error,
  });
}

export function messageOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (isError(thrown)) {
    const message = read(thrown, "message");
    if (typeof message === "string" && message !== "") return message;
    return classOf(thrown);
  }
  try {
    return inspect(thrown, { depth: 2, breakLength: Infinity, maxStringLength: MESSAGE_LIMIT });
  } catch {
    return "a value that cannot be printed";
  }
}

/** Characters. The envelope bounds it again, in bytes, before it becomes a header. */
const MESSAGE_LIMIT = 4096;
const STACK_LIMIT = 16_384;

function stackOf(thrown: unknown): string | undefined {
  const stack = isError(thrown) ? read(thrown, "stack") : undefined;
  return typeof stack === "string" && stack !== "" ? stack.slice(0, STACK_LIMIT) : undefined;
}

function kindOf(thrown: unknown): ErrorInfo["kind"] {
  try {
    if (thrown instanceof RetryableError) return "transient";
    if (thrown instanceof NonRetryableError) return "permanent";
  } catch {
    // A proxy whose prototype cannot be read.
  }
  return "unknown";
}

function isError(thrown: unknown): thrown is object {
  try {
    return thrown instanceof Error;
  } catch {
    return false;
  }
}

function classOf(thrown: unknown): string {
  if (thrown === null) return "null";
  if (typeof thrown !== "object") return typeof thrown;
  const constructor = read(thrown, "constructor");
  const name = typeof constructor === "function" ? read(constructor, "name") : undefined;
  return typeof name === "string" && name !== "" ? name : "Object";
}

function read(target: object, property: string): unknown {
  try {
    return (target as Record<string, unknown>)[property];
  } catch {
    return undefined;
  }
}
