import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CaseEvent } from "@sluice/checker";
import { parseRunSoFar, RUN_FILE } from "./run-file.ts";
import type { CaseInfo, CaseResult, RunHeader, SubjectInfo } from "./run-report.ts";

/** What was left on disk by a run, or by one case of it. */
export interface RecordedRun {
  /** Paths in the results are relative to it, and the report goes there. */
  readonly folder: string;
  /** Null: one history without the run that it was part of. */
  readonly header: RunHeader | null;
  readonly results: readonly CaseResult[];
  /** Without its footer a run was cut short. */
  readonly interrupted: boolean;
  /** Cells that the run had set out to do. */
  readonly planned: number;
  /** How long the run took; null: it did not say. */
  readonly ms: number | null;
  readonly subjects: readonly SubjectInfo[];
  readonly cases: readonly CaseInfo[];
}

/** Nothing was recorded there. The message says what was looked for. */
export class NotARunError extends Error {
  override readonly name = "NotARunError";
}

/** @throws NotARunError, InvalidRunError, the file system's error */
export function openRun(path: string): RecordedRun {
  if (!existsSync(path)) throw new NotARunError(`${path}: there is no such file or folder.`);
  if (!statSync(path).isDirectory()) {
    if (basename(path) === RUN_FILE) return wholeRun(dirname(path));
    return singleHistory(dirname(path), basename(path));
  }
  if (existsSync(join(path, RUN_FILE))) return wholeRun(path);
  if (existsSync(join(path, HISTORY))) return singleHistory(path, HISTORY);
  throw new NotARunError(
    `${path} holds neither a run (${RUN_FILE}) nor a case (${HISTORY}). Give the folder that \`--out\` named, by default conformance-report, or one below its cases/.`,
  );
}

const HISTORY = "history.jsonl";

function wholeRun(folder: string): RecordedRun {
  const { header, cases, footer } = parseRunSoFar(join(folder, RUN_FILE));
  const { subjects, unplanned = [] } = header;
  const selfTest = cases.some(({ expectation }) => expectation !== undefined);
  return {
    folder,
    header,
    results: cases,
    interrupted: footer === null,
    planned: selfTest ? subjects.length : subjects.length * header.cases.length - unplanned.length,
    ms: footer?.ms ?? cases.reduce((sum, { ms }) => sum + ms, 0),
    subjects,
    cases: header.cases,
  };
}

/** Everything that a history says of itself; there is no stored verdict to compare with. */
function singleHistory(folder: string, file: string): RecordedRun {
  const header = caseEvent(join(folder, file));
  if (header === null) {
    throw new NotARunError(`${join(folder, file)} is no history: its first line is no case event.`);
  }
  const unknown = "not recorded";
  return {
    folder,
    header: null,
    results: [
      {
        type: "case",
        case: header.id,
        subject: header.subject,
        outcome: "unknown",
        ms: 0,
        startedAt: "",
        seed: header.seed,
        judgement: null,
        repro: `pnpm conformance replay ${folder}`,
        artefacts: [
          { kind: "history", path: file },
          ...(existsSync(join(folder, WITHHELD))
            ? [{ kind: "wire", path: WITHHELD } as const]
            : []),
        ],
        logs: [],
      },
    ],
    interrupted: false,
    planned: 1,
    ms: null,
    subjects: [
      {
        id: header.subject,
        name: header.subject,
        version: unknown,
        language: unknown,
        runtime: unknown,
        client: { name: unknown, version: "" },
        capabilities: null,
      },
    ],
    cases: [{ id: header.id, level: "", title: "a single history" }],
  };
}

const WITHHELD = "withheld.jsonl";

function caseEvent(path: string): CaseEvent | null {
  const [line = ""] = readFileSync(path, "utf8").split("\n", 1);
  try {
    const event = JSON.parse(line) as Partial<CaseEvent> | null;
    const { type, id, subject } = event ?? {};
    return type === "case" && typeof id === "string" && typeof subject === "string"
      ? (event as CaseEvent)
      : null;
  } catch {
    return null;
  }
}
