import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CaseResult } from "../report/run-report.ts";
import { wildcard } from "./pattern.ts";

export type Known = NonNullable<CaseResult["known"]>;

/** A line of a list of what is known to fail (`failing`), or to fail now and then (`flaky`). */
export interface KnownLine {
  readonly list: Known["list"];
  /** Over case ids. */
  readonly pattern: string;
  /** Over ids of subjects; null: all of them. */
  readonly subjects: string | null;
  readonly reason: string;
  /** `file:line`, for messages. */
  readonly at: string;
}

/** A list that cannot be used. The message says where and what is right. */
export class KnownListError extends Error {
  override readonly name = "KnownListError";
}

/**
 * Reads a list: a line is a pattern, white space, and a reason; `#` begins a comment line.
 *
 * @param caseIds the cases that are run: whatever matches none of them is a line that nobody removed
 * @throws KnownListError
 */
export function readKnownList(
  list: Known["list"],
  path: string,
  caseIds: readonly string[],
): KnownLine[] {
  return parseKnownList(list, textOf(path), path, caseIds);
}

/** @throws KnownListError */
export function parseKnownList(
  list: Known["list"],
  text: string,
  path: string,
  caseIds: readonly string[],
): KnownLine[] {
  return text.split("\n").flatMap((line, i) => {
    const at = `${path}:${i + 1}`;
    const [, where = "", reason = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
    if (where === "" || where.startsWith("#")) return [];
    const [pattern = "", subjects = null] = where.split(/@(.*)/s, 2);
    if (reason === "") {
      throw new KnownListError(`${at}: ${where} has no reason; it follows on the same line.`);
    }
    if (!caseIds.some((id) => wildcard(pattern, id))) {
      throw new KnownListError(`${at}: no case that is run matches ${pattern}.`);
    }
    return [{ list, pattern, subjects, reason, at }];
  });
}

/** The lists that were named, by kind. */
export type NamedLists = Readonly<Partial<Record<Known["list"], readonly KnownLine[]>>>;

/** The list of a kind that this package ships for its own columns. @throws KnownListError */
export function committedList(list: Known["list"], caseIds: readonly string[]): KnownLine[] {
  const path = fileURLToPath(new URL(`../../known/${list}.txt`, import.meta.url));
  return readKnownList(list, path, caseIds);
}

/**
 * What is known of our own columns: a list that was named replaces the committed one of its kind, and no other.
 * @throws KnownListError
 */
export function knownOfOurs(
  named: NamedLists,
  committed: (list: Known["list"]) => readonly KnownLine[],
): KnownLine[] {
  return (["failing", "flaky"] as const).flatMap((list) => named[list] ?? committed(list));
}

/** A column that there is not is a slip of the pen, like a case that there is not. @throws KnownListError */
export function checkSubjects(lines: readonly KnownLine[], subjects: readonly string[]): void {
  for (const { subjects: pattern, at } of lines) {
    if (pattern !== null && !subjects.some((id) => wildcard(pattern, id))) {
      throw new KnownListError(
        `${at}: no subject matches @${pattern}; there are ${subjects.join(", ")}.`,
      );
    }
  }
}

/** What the lists say of a cell. @throws KnownListError when one calls it failing and another flaky */
export function knownOf(
  lines: readonly KnownLine[],
  caseId: string,
  subject: string,
): Known | undefined {
  const matching = lines.filter(
    ({ pattern, subjects }) =>
      wildcard(pattern, caseId) && (subjects === null || wildcard(subjects, subject)),
  );
  const [first] = matching;
  const other = matching.find(({ list }) => list !== first?.list);
  if (first === undefined) return undefined;
  if (other !== undefined) {
    throw new KnownListError(
      `${caseId} (${subject}) is known to be ${first.list} at ${first.at} and ${other.list} at ${other.at}: one of them is wrong.`,
    );
  }
  return { list: first.list, reason: first.reason };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KnownListError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
