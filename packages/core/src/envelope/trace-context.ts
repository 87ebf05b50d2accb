import { FOREIGN_HEADER, LIMIT } from "@sluice/spec";
import type { Headers } from "../port/record.ts";
import { traceId as traceIdForm } from "./forms.ts";
import type { HeaderReader } from "./header-reader.ts";
import { lastValue, readValue, textHeader } from "./header-values.ts";

/** The trace that the record was created in, https://www.w3.org/TR/trace-context/. */
export interface TraceContext {
  /** Version 00, whatever version it arrived in. */
  readonly traceparent: string;
  readonly tracestate: string | null;
}

/** The trace context of the headers, and the trace id that counts (SLC-ENV-028). */
export function readTrace(reader: HeaderReader): {
  readonly trace: TraceContext | null;
  readonly traceId: string | null;
} {
  const traceparent = reader.read(FOREIGN_HEADER.traceparent, parseTraceparent);
  if (traceparent === null) {
    return { trace: null, traceId: reader.read(FOREIGN_HEADER.traceId, traceIdForm) };
  }
  // SLC-ENV-018: without a traceparent its tracestate means nothing.
  const tracestate = reader.read(FOREIGN_HEADER.tracestate, parseTracestate) || null;
  return { trace: { traceparent, tracestate }, traceId: traceIdOf(traceparent) };
}

/**
 * The headers with the trace id of their `traceparent` as `X-Trace-ID`, unless there is one; as they
 * are when there is no well-formed `traceparent` (SLC-ENV-029).
 */
export function stampTraceId(headers: Headers): Headers {
  if (lastValue(headers, FOREIGN_HEADER.traceId) !== null) return headers;
  const given = lastValue(headers, FOREIGN_HEADER.traceparent);
  const traceparent = given === null ? null : readValue(given, parseTraceparent);
  if (traceparent === null) return headers;
  const others = headers.filter(([name]) => name !== FOREIGN_HEADER.traceId);
  return [...others, textHeader(FOREIGN_HEADER.traceId, traceIdOf(traceparent))];
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;

/** As version 00; null when it is malformed (SLC-ENV-025). */
function parseTraceparent(text: string): string | null {
  const match = TRACEPARENT.exec(text);
  if (match === null) return null;
  const [version, traceId, parentId, flags] = match.slice(1, 5) as [string, string, string, string];
  if (version === "ff" || (version === "00" && match[5] !== undefined)) return null;
  if (/^0*$/.test(traceId) || /^0*$/.test(parentId)) return null;
  // Of a later version only the fields and the one flag of version 00 may be used.
  const known = version === "00" ? flags : (Number.parseInt(flags, 16) & 1) === 1 ? "01" : "00";
  return `00-${traceId}-${parentId}-${known}`;
}

/** Of what `parseTraceparent` has answered. */
function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

const SIMPLE_KEY = "[a-z][a-z0-9_*/-]{0,255}";
const TENANT_KEY = "[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}";
// Printable ASCII without comma and equals sign, not ending in a space.
const VALUE = "[ -+\\--<>-~]{0,255}[!-+\\--<>-~]";
const MEMBER = new RegExp(`^(?:${SIMPLE_KEY}|${TENANT_KEY})=${VALUE}$`);

/**
 * Normalised and bounded (SLC-ENV-027), empty when no member is left; null when it is malformed,
 * which makes the whole worthless (SLC-ENV-026).
 */
function parseTracestate(text: string): string | null {
  const members = text
    .split(",")
    .map(trimBlanks)
    .filter((member) => member !== "");
  if (members.length > LIMIT.tracestateMembers) return null;
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  if (keys.size !== members.length || !members.every((member) => MEMBER.test(member))) return null;
  const kept = members.join(",").length > LIMIT.tracestateChars ? members.filter(isShort) : members;
  while (kept.join(",").length > LIMIT.tracestateChars) kept.pop();
  return kept.join(",");
}

/** Without spaces and tabs around. A regular expression would look at inner blanks again and again. */
function trimBlanks(member: string): string {
  let [from, to] = [0, member.length];
  // Beyond either end there is NaN, which is no blank.
  while (isBlank(member.charCodeAt(from))) from++;
  while (isBlank(member.charCodeAt(to - 1))) to--;
  return member.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function isShort(member: string): boolean {
  return member.length <= LIMIT.tracestateMemberChars;
}
