import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { HistoryCheck } from "@sluice/checker";
import type { InvariantId } from "@sluice/checker";

/** The file cannot be read or is no history. The message says where and what was expected. */
export class HistoryFileError extends Error {
  override readonly name = "HistoryFileError";
}

/**
 * Reads a history line by line, as it comes.
 *
 * @param file `-` is standard input
 * @param invariants what to judge by; null: what the history itself demands
 * @throws HistoryFileError
 */
export async function readHistory(
  file: string,
  invariants: readonly InvariantId[] | null,
  stdin: Readable = process.stdin,
): Promise<HistoryCheck> {
  const name = file === "-" ? "standard input" : file;
  const input = file === "-" ? stdin : createReadStream(file);
  const check = new HistoryCheck();
  let number = 0;
  let damaged: { readonly line: string; readonly error: HistoryFileError } | null = null;
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (damaged) throw damaged.error;
      number += 1;
      const event = parsed(line);
      if (event === null) {
        damaged = { line, error: notJson(line, number, name) };
        continue;
      }
      if (number === 1) mustBeCase(event, name);
      const judged = number === 1 && invariants !== null ? { ...event, invariants } : event;
      if (!check.add(judged)) break;
    }
  } catch (error) {
    throw error instanceof HistoryFileError ? error : unreadable(error, name);
  } finally {
    input.destroy();
  }
  if (number === 0) throw new HistoryFileError(`${name} is empty. ${EXPECTED}`);
  if (damaged && number === 1) throw damaged.error;
  // Half a line at the end is how a killed runner leaves its history: broken, but one.
  if (damaged) check.add(damaged.line);
  return check;
}

function parsed(line: string): object | null {
  try {
    return JSON.parse(line) as object;
  } catch {
    return null;
  }
}

function notJson(line: string, number: number, name: string): HistoryFileError {
  return new HistoryFileError(
    `${name}, line ${number}: expected an event as one JSON object, found ${excerpt(line)}\n${EXPECTED}`,
  );
}

function mustBeCase(event: unknown, name: string): void {
  if (typeof event === "object" && event !== null && "type" in event && event.type === "case")
    return;
  throw new HistoryFileError(
    `${name}, line 1: expected an event of type case, found ${excerpt(JSON.stringify(event))}\n${EXPECTED}`,
  );
}

function excerpt(text: string): string {
  if (text === "") return "an empty line";
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT)}…`;
}

/** From the file system: what the user can do about it, no stack. */
function unreadable(error: unknown, name: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case "ENOENT":
      return new HistoryFileError(`There is no file ${name}.`);
    case "EISDIR":
      return new HistoryFileError(
        `${name} is a folder. The history of a case is its history.jsonl.`,
      );
    case undefined:
      return error instanceof Error ? error : new Error(String(error));
    default:
      return new HistoryFileError(`${name} cannot be read (${code}).`);
  }
}

const EXPECTED = "A history is JSON Lines: one event a line, the first of type case (see --help).";
const EXCERPT = 80;
