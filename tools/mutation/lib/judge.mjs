// @ts-check

/**
 * What no test can notice, and why.
 * @typedef {{ reason: string, mutants: readonly Explained[] }} Explanation
 * @typedef {object} Explained
 * @property {string} file below packages/core/src
 * @property {string} in the line of the source that is changed
 * @property {string} from what of it is changed
 * @property {string} to what it becomes
 *
 * @typedef {object} Report what is used of Stryker's
 * @property {Record<string, { source: string, mutants: readonly Mutant[] }>} files
 *
 * @typedef {object} Mutant
 * @property {string} status
 * @property {string} [statusReason]
 * @property {string} [replacement]
 * @property {{ start: Position, end: Position }} location counted from 1, the end exclusive
 * @typedef {{ line: number, column: number }} Position
 *
 * @typedef {ReturnType<typeof judge>} Verdict
 */

/** Of a folder's mutants: how many were noticed, and which were neither noticed nor explained.
 * @param {string} folder @param {Report} report @param {readonly Explanation[]} explanations */
export function judge(folder, report, explanations) {
  const count = { killed: 0, timeout: 0, explained: 0 };
  const survivors = [];
  const open = explanations.flatMap(({ mutants }) => mutants).filter(isOf(folder));
  for (const [path, { source, mutants }] of Object.entries(report.files)) {
    const file = path.replace(/^.*packages\/core\/src\//, "");
    const lines = source.split("\n");
    for (const { status, replacement = "", location } of mutants) {
      if (status === "Killed" || status === "RuntimeError") count.killed++;
      else if (status === "Timeout") count.timeout++;
      else if (status !== "Survived" && status !== "NoCoverage") continue;
      else {
        const { start } = location;
        const line = (lines[start.line - 1] ?? "").trim();
        const survivor = { file, in: line, from: cut(lines, location), to: oneLine(replacement) };
        const explained = open.findIndex((each) => isSame(each, survivor));
        if (explained >= 0) {
          open.splice(explained, 1);
          count.explained++;
        } else {
          const place = `${file}:${start.line}:${start.column}`;
          survivors.push({ ...survivor, place, covered: status === "Survived" });
        }
      }
    }
  }
  return { folder, ...count, survivors, stale: open };
}

/** In per cent of all mutants, and of those that can be noticed. @param {Verdict} verdict */
export function scores({ killed, timeout, explained, survivors }) {
  const noticed = killed + timeout;
  const ofAll = percent(noticed, noticed + explained + survivors.length);
  return { ofAll, ofPossible: percent(noticed, noticed + survivors.length) };
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return whole === 0 ? 100 : (100 * part) / whole;
}

/** @param {string} folder @returns {(mutant: Explained) => boolean} */
function isOf(folder) {
  return ({ file }) => (file.includes("/") ? file.startsWith(`${folder}/`) : folder === "top");
}

/** @param {Explained} a @param {Explained} b */
function isSame(a, b) {
  return a.file === b.file && a.in === b.in && a.from === b.from && a.to === b.to;
}

/** @param {readonly string[]} lines @param {Mutant["location"]} location */
function cut(lines, { start, end }) {
  const within = lines.slice(start.line - 1, end.line);
  within[within.length - 1] = (within.at(-1) ?? "").slice(0, end.column - 1);
  within[0] = (within[0] ?? "").slice(start.column - 1);
  return oneLine(within.join("\n"));
}

/** @param {string} text */
function oneLine(text) {
  return text.replaceAll(/\s+/g, " ").trim();
}
