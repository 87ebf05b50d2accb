// @ts-check
import { createHash } from "node:crypto";

/**
 * @typedef {{ name: string; text: string }} Chapter a file of packages/spec/text
 * @typedef {{ id: string; level: string; file: string; section: string; text: string; hash: string }} Clause
 * @typedef {{ clause: string; invariants: string[]; test: { file: string; title: string } | null }} Proof
 */

const KEYWORD = /\b(?:MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b/g;
const CLAUSE = /^\*\*\[(SLC-[A-Z]{3}-[0-9]{3})\]\*\* /;

/**
 * Reads the chapters: a clause is a paragraph that begins with its id in bold brackets.
 * @param {readonly Chapter[]} chapters
 */
export function parseSpec(chapters) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Clause[]} */
  const clauses = [];
  const tables = new Map();
  let section = "";
  const blocks = chapters.flatMap(({ name, text }) =>
    text.split(/\n{2,}/).map((block) => ({ file: name, block })),
  );
  for (const { file, block } of blocks) {
    const heading = /^#{1,3} (.*)$/.exec(block.trim());
    if (heading !== null) {
      section = heading[1] ?? "";
      continue;
    }
    if (block.startsWith("|")) tables.set(section, tableRows(block));
    const text = block.trim().replaceAll(/\s+/g, " ");
    const id = CLAUSE.exec(text)?.[1];
    const keywords = text.match(KEYWORD) ?? [];
    if (id === undefined) {
      // Where the key words are defined they are quoted.
      if (keywords.length > 0 && !text.startsWith("The key words ")) {
        problems.push(`a key word outside a clause, in "${section}": ${text.slice(0, 80)}`);
      }
      continue;
    }
    if (keywords.length !== 1) problems.push(`${id} has ${keywords.length} key words, not one`);
    if (clauses.some((clause) => clause.id === id)) problems.push(`${id} is given twice`);
    const sentence = text.replace(CLAUSE, "");
    const hash = createHash("sha256").update(sentence).digest("hex").slice(0, 16);
    clauses.push({ id, level: keywords[0] ?? "", file, section, text: sentence, hash });
  }
  clauses.sort((a, b) => (a.id < b.id ? -1 : 1));
  const appendix = (/** @type {string} */ name) =>
    /** @type {string[][]} */ ([...tables].find(([title]) => title.startsWith(name))?.[1] ?? []);
  const withdrawn = appendix("Appendix G").map(([id = ""]) => id);
  for (const { id } of clauses) {
    if (withdrawn.includes(id)) problems.push(`${id} is withdrawn and given anew`);
  }
  return {
    clauses,
    problems,
    proofs: appendix("Appendix E").map(([clause = "", by = ""]) => parseProof(clause, by)),
    exemptions: new Map(appendix("Appendix F").map(([id = "", reason = ""]) => [id, reason])),
    withdrawn,
  };
}

/**
 * @param {string} table
 * @returns {string[][]}
 */
function tableRows(table) {
  const rows = table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return rows.slice(2);
}

/**
 * @param {string} clause
 * @param {string} by
 * @returns {Proof}
 */
function parseProof(clause, by) {
  const [, file, title] = /^test `([^`]+)` "(.+)"$/.exec(by) ?? [];
  if (file !== undefined && title !== undefined) {
    return { clause, invariants: [], test: { file, title } };
  }
  const invariants = /^invariants? (.+)$/.exec(by)?.[1]?.split(", ") ?? [];
  return { clause, invariants, test: null };
}
