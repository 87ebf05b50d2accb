import { readVectors } from "../runner/vector-file.ts";
import type { Capabilities } from "../subject/protocol.ts";

interface Requirement {
  /** What a subject without it does not declare. */
  readonly what: string;
  readonly met: (capabilities: Capabilities) => boolean;
}

/** What a case may ask of a subject's declared capabilities, by the name that files use. */
export const REQUIREMENTS: Readonly<Record<string, Requirement>> = {
  startAt: { what: "start positions", met: ({ startAt }) => startAt },
  inlineRetry: { what: "inline retries", met: ({ retry }) => retry.includes("inline") },
  dlq: { what: "dead letters", met: ({ dlq }) => dlq },
  graceful: { what: "draining on revoke and stop", met: ({ graceful }) => graceful },
  partitions: {
    what: "an ordering: several partitions at a time",
    met: ({ ordering }) => ordering.length > 0,
  },
  keys: {
    what: "ordering by key or none: several records of a partition at a time",
    met: ({ ordering }) => ordering.includes("key") || ordering.includes("none"),
  },
  staticMembership: {
    what: "static membership",
    met: ({ staticMembership }) => staticMembership,
  },
  bufferLimit: { what: "a limit of what it holds", met: ({ bufferLimit }) => bufferLimit },
  stall: { what: "the hook stall", met: ({ hooks }) => hooks.includes("stall") },
  clock: { what: "the hook clock", met: ({ hooks }) => hooks.includes("clock") },
  commitMetadata: { what: "commit metadata", met: ({ commitMetadata }) => commitMetadata },
};

/** Null when the capabilities suffice, else what is missing. */
export function missing(names: readonly string[], capabilities: Capabilities): string | null {
  const unmet = names.filter((name) => REQUIREMENTS[name]?.met(capabilities) !== true);
  return unmet.length === 0
    ? null
    : unmet.map((name) => REQUIREMENTS[name]?.what ?? name).join(", ");
}

/** As {@link missing}, of the operations that vector files ask for, and of those that are drawn. */
export function missingOperations(
  files: readonly string[],
  drawn: readonly string[],
  { vectors }: Capabilities,
): string | null {
  const operations = new Set([...files.flatMap((file) => readVectors(file).operations), ...drawn]);
  const unknown = [...operations].filter((operation) => !vectors.includes(operation));
  return unknown.length === 0 ? null : `vectors ${unknown.join(", ")}`;
}
