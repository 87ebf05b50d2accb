import { FOREIGN_HEADER, LIMIT } from "@sluice/spec";
import type { Headers } from "../port/record.ts";
import { readText } from "./header-values.ts";

/** The trace that the record was created in, https://www.w3.org/TR/trace-context/. */
export interface TraceContext {
  /** Version 00, whatever version it arrived in. */
  readonly traceparent: string;
  readonly tracestate: string | null;
}

/** Null when the record carries no valid `traceparent`; then its `tracestate` means nothing. */
export function traceContextOf(headers: Headers): TraceContext | null {
  const traceparent = parseTraceparent(readText(headers, FOREIGN_HEADER.traceparent) ?? "");
  if (traceparent === null) return null;
  const tracestate = readText(headers, FOREIGN_HEADER.tracestate);
  return { traceparent, tracestate: tracestate === null ? null : parseTracestate(tracestate) };
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;

function parseTraceparent(text: string): string | null {
  const [, version, traceId, parentId, flags, rest] = TRACEPARENT.exec(text) ?? [];
  if (version === undefined || version === "ff" || flags === undefined) return null;
  if (version === "00" && rest !== undefined) return null;
  if (/^0*$/.test(traceId ?? "") || /^0*$/.test(parentId ?? "")) return null;
  // Of a later version only the fields and the one flag of version 00 may be used.
  const known = version === "00" ? flags : (Number.parseInt(flags, 16) & 1) === 1 ? "01" : "00";
  return `00-${traceId}-${parentId}-${known}`;
}

const SIMPLE_KEY = "[a-z][a-z0-9_*/-]{0,255}";
const TENANT_KEY = "[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}";
// Printable ASCII without comma and equals sign, not ending in a space.
const VALUE = "[ -+\\--<>-~]{0,255}[!-+\\--<>-~]";
const MEMBER = new RegExp(`^(?:${SIMPLE_KEY}|${TENANT_KEY})=${VALUE}$`);
/** Members longer than this are the first to go when the whole is too long. */
const LONG_MEMBER = 128;

/** Normalised and bounded; null when it cannot be parsed, which makes the whole worthless. */
function parseTracestate(text: string): string | null {
  const members = text
    .split(",")
    .map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  if (members.length === 0 || members.length > LIMIT.tracestateMembers) return null;
  if (keys.size !== members.length || !members.every((member) => MEMBER.test(member))) return null;
  const kept = members.join(",").length > LIMIT.tracestateChars ? members.filter(isShort) : members;
  while (kept.join(",").length > LIMIT.tracestateChars) kept.pop();
  return kept.length === 0 ? null : kept.join(",");
}

function isShort(member: string): boolean {
  return member.length <= LONG_MEMBER;
}
