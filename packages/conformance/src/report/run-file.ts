import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseResult, RunFooter, RunHeader, RunLine, RunReport } from "./run-report.ts";

export const RUN_FILE = "run.jsonl";

/** Appends each result as it comes, so that a run that is cut short leaves what it knew. */
export class RunFile {
  readonly path: string;

  /** Starts the file anew. @throws the file system's error */
  constructor(outDir: string, header: RunHeader) {
    mkdirSync(outDir, { recursive: true });
    this.path = join(outDir, RUN_FILE);
    writeFileSync(this.path, line(header));
  }

  add(result: CaseResult): void {
    appendFileSync(this.path, line(result));
  }

  finish(footer: RunFooter): void {
    appendFileSync(this.path, line(footer));
  }
}

export class InvalidRunError extends Error {
  override readonly name = "InvalidRunError";
}

/** A run as far as it is there. */
export interface RunSoFar {
  readonly header: RunHeader;
  readonly cases: readonly CaseResult[];
  /** Null: the run was cut short, and what is missing must not be taken for not having failed. */
  readonly footer: RunFooter | null;
}

/** @throws InvalidRunError when the file is no run; one that was cut off in a line is one. */
export function parseRunSoFar(path: string): RunSoFar {
  const text = readFileSync(path, "utf8");
  const whole = text.endsWith("\n") ? text : text.slice(0, text.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").filter(Boolean).map(parse(path));
  const [header, ...rest] = lines;
  if (header?.type !== "header") throw new InvalidRunError(`${path}: line 1 is not a run's header`);
  const last = rest.at(-1);
  const footer = last?.type === "footer" ? last : null;
  const cases = (footer === null ? rest : rest.slice(0, -1)).map((other, i) => {
    if (other.type !== "case") {
      throw new InvalidRunError(`${path}: line ${i + 2} is a ${other.type}, not a case`);
    }
    return other;
  });
  return { header, cases, footer };
}

/**
 * Reads a finished run.
 * @throws InvalidRunError when the file is no run, or one without its footer
 */
export function readRun(path: string): RunReport {
  const { header, cases, footer } = parseRunSoFar(path);
  if (footer === null) {
    throw new InvalidRunError(`${path}: no footer: the run was cut short and counts for nothing`);
  }
  return { header, cases, footer };
}

const parse =
  (path: string) =>
  (text: string, i: number): RunLine => {
    try {
      return JSON.parse(text) as RunLine;
    } catch {
      throw new InvalidRunError(`${path}: line ${i + 1} is not JSON`);
    }
  };

const line = (value: RunLine): string => `${JSON.stringify(value)}\n`;
