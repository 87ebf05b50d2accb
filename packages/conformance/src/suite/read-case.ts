import type { Document } from "yaml";
import { isNode, LineCounter, parseDocument } from "yaml";
import type { CaseFile } from "./case-file.ts";
import { caseProblems } from "./case-problems.ts";
import type { Problem } from "./problem.ts";
import { SuiteFileError } from "./problem.ts";
import { schemaProblems } from "./schema-problems.ts";

/**
 * A case from the text of its file.
 * @param name shown before line and column
 * @param id `family/name`, as the file's path has it
 * @throws SuiteFileError with a line for each problem
 */
export function readCase(text: string, name: string, id: string): CaseFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new SuiteFileError(
      document.errors
        .map(({ code, pos, message }) => `${at(pos[0])}: ${OWN_WORDS[code] ?? message}`)
        .join("\n"),
    );
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases of aliases, which would not fit into any memory.
    throw new SuiteFileError(`${at(0)}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const wrong = schemaProblems(value);
  // Only what has the right form can be looked at further.
  const problems = wrong.length > 0 ? wrong : caseProblems(value as CaseFile, id);
  if (problems.length > 0) {
    throw new SuiteFileError(
      problems
        .map((problem) => {
          const where = problem.path.length === 0 ? "" : ` ${said(problem.path)}:`;
          return `${at(startOf(document, problem.path))}:${where} ${problem.message}`;
        })
        .join("\n"),
    );
  }
  return value as CaseFile;
}

/** What the parser says to those who wrote a program around it. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document begins here: a file is one case",
};

/** Where the value begins in the text; of what is missing, the innermost that is there. */
function startOf(document: Document, path: Problem["path"]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** `steps[3].until`. */
function said(path: Problem["path"]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join("");
}
