import { loadSuite } from "./load-suite.ts";
import type { SuiteCase } from "./to-case.ts";

let loaded: readonly SuiteCase[] | null = null;

/**
 * The catalogue, drafts too, in the order of the matrix. Read once.
 * @throws SuiteFileError
 */
export function catalogue(): readonly SuiteCase[] {
  loaded ??= loadSuite();
  return loaded;
}

/** @throws Error when there is none of that id */
export function caseNamed(id: string): SuiteCase {
  const found = catalogue().find((definition) => definition.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}
