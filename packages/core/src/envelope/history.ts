import { LIMIT } from "@sluice/spec";

/** A move of a record that failed; replays leave none. */
export interface HistoryEntry {
  /** Attempts made. */
  readonly n: number;
  /** When the last of them failed, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Kind of its error. */
  readonly k: string;
  /** Code of its error. */
  readonly c: string | null;
}

/** Stands after the first entry for those that were left out. */
export interface DroppedMark {
  readonly dropped: number;
}

export type History = readonly (HistoryEntry | DroppedMark)[];

const INTEGER = "(0|[1-9][0-9]{0,18})";
const TOKEN = `([a-z0-9-]{1,${LIMIT.tokenBytes}})`;
// From space to tilde, without quote and backslash: a reader needs no JSON parser.
const CODE = `([ !#-\\[\\]-~]{1,${LIMIT.historyCodeChars}})`;
const ENTRY = new RegExp(
  `\\{"n":${INTEGER},"at":"${INTEGER}","k":"${TOKEN}"(?:,"c":"${CODE}")?\\}`,
  "y",
);
const DROPPED = new RegExp(`,\\{"dropped":${INTEGER}\\}`, "y");

/** The history of a header's text by the grammar of C.4; null for any other text. */
export function parseHistory(text: string): History | null {
  const history: (HistoryEntry | DroppedMark)[] = [];
  if (!text.startsWith("[")) return null;
  let at = 1;
  for (;;) {
    const entry = matchAt(ENTRY, text, at);
    if (entry === null) return null;
    const [whole, n, failedAt, k, c = null] = entry;
    if (!inRange(n) || !inRange(failedAt)) return null;
    history.push({ n: Number(n), at: Number(failedAt), k: k!, c });
    at += whole.length;
    const dropped = history.length === 1 ? matchAt(DROPPED, text, at) : null;
    if (dropped !== null) {
      if (!inRange(dropped[1])) return null;
      history.push({ dropped: Number(dropped[1]) });
      at += dropped[0].length;
    }
    const next = text.charAt(at++);
    if (next === "]") return at === text.length ? history : null;
    if (next !== ",") return null;
  }
}

export function formatHistory(history: History): string {
  return `[${history.map(formatItem).join(",")}]`;
}

/** The history with one more entry, reduced to what may be written (SLC-DLQ-013, SLC-DLQ-015). */
export function extendHistory(history: History | null, entry: HistoryEntry): History {
  const earlier = history ?? [];
  const entries = [...earlier.filter(isEntry), entry];
  const mark = earlier.find(isMark);
  const excess = Math.max(0, entries.length - LIMIT.historyEntries);
  if (mark === undefined && excess === 0) return entries;
  const dropped = Math.min(LIMIT.integer, (mark?.dropped ?? 0) + excess);
  return [...entries.slice(0, 1), { dropped }, ...entries.slice(1 + excess)];
}

/** An error's code as it may stand in a history: printable ASCII, no quote, no backslash (SLC-DLQ-014). */
export function historyCode(code: string): string | null {
  const safe = code.replaceAll(/[^ !#-[\]-~]/gu, "_").slice(0, LIMIT.historyCodeChars);
  return safe === "" ? null : safe;
}

function formatItem(item: HistoryEntry | DroppedMark): string {
  if (isMark(item)) return `{"dropped":${item.dropped}}`;
  const { n, at, k, c } = item;
  return `{"n":${n},"at":"${at}","k":"${k}"${c === null ? "" : `,"c":"${c}"`}}`;
}

function isMark(item: HistoryEntry | DroppedMark): item is DroppedMark {
  return "dropped" in item;
}

function isEntry(item: HistoryEntry | DroppedMark): item is HistoryEntry {
  return !isMark(item);
}

function matchAt(regex: RegExp, text: string, at: number): RegExpExecArray | null {
  regex.lastIndex = at;
  return regex.exec(text);
}

function inRange(digits: string | undefined): boolean {
  return Number(digits) <= LIMIT.integer;
}
