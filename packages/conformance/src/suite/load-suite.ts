import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SuiteFileError } from "./problem.ts";
import { readCase } from "./read-case.ts";
import type { SuiteCase } from "./to-case.ts";
import { toCase } from "./to-case.ts";

/** Families of cases in the order of the matrix, with what they are about. */
export const FAMILIES: Readonly<Record<string, string>> = {
  vec: "Vectors: what the protocol says about single values",
  core: "One member, a healthy broker",
  retry: "Retries and dead letters",
  group: "Members come, go and disagree",
  broker: "Brokers end, stop and return",
  net: "The network between members and brokers",
  proc: "Members end without a word",
  soak: "Everything, for long",
};

const FOLDER = fileURLToPath(new URL("../../suite/", import.meta.url));

/**
 * Every case of a folder, `<family>/<name>.yaml`, in the order of the matrix.
 * @throws SuiteFileError naming every problem of every file
 */
export function loadSuite(folder: string = FOLDER): SuiteCase[] {
  const problems: string[] = [];
  const cases: SuiteCase[] = [];
  for (const family of foldersOf(folder)) {
    if (!Object.hasOwn(FAMILIES, family)) {
      problems.push(`suite/${family}: no family. There are: ${Object.keys(FAMILIES).join(", ")}`);
      continue;
    }
    for (const file of readdirSync(`${folder}/${family}`).sort()) {
      const name = `suite/${family}/${file}`;
      if (!file.endsWith(".yaml") || !isFile(`${folder}/${family}/${file}`)) {
        problems.push(`${name}: no case, which is a file <family>/<name>.yaml`);
        continue;
      }
      try {
        const text = readFileSync(`${folder}/${family}/${file}`, "utf8");
        cases.push(toCase(readCase(text, name, `${family}/${file.replace(/\.yaml$/, "")}`)));
      } catch (error) {
        if (!(error instanceof SuiteFileError)) throw error;
        problems.push(error.message);
      }
    }
  }
  if (problems.length > 0) throw new SuiteFileError(problems.join("\n"));
  return cases;
}

function isFile(path: string): boolean {
  return statSync(path).isFile();
}

function foldersOf(folder: string): string[] {
  if (!existsSync(folder)) throw new SuiteFileError(`${folder}: no such folder of cases`);
  const order = Object.keys(FAMILIES);
  const place = (family: string): number => (order.indexOf(family) + order.length) % order.length;
  return readdirSync(folder).sort((a, b) => place(a) - place(b));
}
