import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { evidence } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import type { WithheldFrame } from "../runner/withheld-frames.ts";
import { chartData } from "./html/chart-data.ts";
import type { ChartData, Detail } from "./html/chart-data.ts";
import type { Evidence } from "./html/case-evidence.ts";
import { keyStrips } from "./html/key-strip-data.ts";
import type { CaseResult } from "./run-report.ts";

/** What all charts of a page may weigh together, as they stand in it: bytes. */
const CHARTS_BYTES = 3_500_000;
/** Of one case, however few there are. */
const MOST_BYTES = 500_000;
/** A longer history is judged by `conformance replay`, but not read into a page: bytes. */
const MOST_HISTORY_BYTES = 192 * 1024 * 1024;

/** Tried one after the other until the charts fit. */
const DETAILS: readonly Detail[] = [
  { points: Infinity, handlers: Infinity },
  { points: 4_000, handlers: 8_000 },
  { points: 1_000, handlers: 2_000 },
  { points: 400, handlers: 500 },
  { points: 150, handlers: 100 },
];

/**
 * What a page shows of the history of a result, among so many. A history that is missing or broken
 * costs its charts, not the report.
 */
export function evidenceOf(outDir: string, result: CaseResult, among: number): Evidence | null {
  const history = result.artefacts.find(({ kind }) => kind === "history");
  if (!history) return null;
  let events: readonly HistoryEvent[];
  try {
    const path = join(outDir, history.path);
    if (statSync(path).size > MOST_HISTORY_BYTES) {
      return nothing(`${history.path} is too large to be drawn (over 192 MiB)`);
    }
    events = readLines<HistoryEvent>(path);
  } catch {
    return nothing(`${history.path} is missing or cut off: no charts`);
  }
  const budget = Math.min(MOST_BYTES, CHARTS_BYTES / among);
  return evidenceFrom(events, withheldOf(outDir, result), budget);
}

/** @param budget what the charts may weigh, in bytes; less detail is drawn until they fit */
export function evidenceFrom(
  events: readonly HistoryEvent[],
  withheld: readonly WithheldFrame[],
  budget: number,
): Evidence {
  const tell: Evidence["tell"] = (indices) =>
    evidence(events, { events: indices }).map((told) => {
      const event = events[told.line - 1];
      return { ...told, handle: event && "handle" in event ? event.handle : null };
    });
  const drawable = events.some(({ type }) => type === "begin" || type === "assignment");
  const charts = drawable ? packed((detail) => chartData(events, withheld, detail), budget) : null;
  return { charts, tell, strips: (result) => keyStrips(events, result), note: null };
}

function nothing(note: string): Evidence {
  return { charts: null, tell: () => [], strips: () => [], note };
}

function withheldOf(outDir: string, { artefacts }: CaseResult): readonly WithheldFrame[] {
  const wire = artefacts.find(({ kind }) => kind === "wire");
  if (!wire) return [];
  try {
    return readLines<WithheldFrame>(join(outDir, wire.path));
  } catch {
    return [];
  }
}

/** Compressed, for a page holds dozens; a browser unpacks it when the case is looked at. */
function packed(data: (detail: Detail) => ChartData, budget: number): string {
  let text = "";
  for (const detail of DETAILS) {
    text = gzipSync(JSON.stringify(data(detail)), { level: 9 }).toString("base64");
    if (text.length <= budget) break;
  }
  return text;
}

function readLines<T>(path: string): T[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
