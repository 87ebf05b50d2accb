// @ts-check
import { createHash } from "node:crypto";

/**
 * @typedef {{ id: string; level: string; section: string; text: string; hash: string }} Clause
 * @typedef {{ clause: string; invariants: string[]; test: { file: string; title: string } | null }} Proof
 */

const KEYWORD = /\b(?:MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b/g;
const CLAUSE = /^\*\*\[(SLC-[A-Z]{3}-[0-9]{3})\]\*\* /;

/**
 * Reads SPEC.md: a clause is a paragraph that begins with its id in bold brackets.
 * @param {string} markdown
 */
export function parseSpec(markdown) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Clause[]} */
  const clauses = [];
  const tables = new Map();
  let section = "";
  for (const block of markdown.split(/\n{2,}/)) {
    const heading = /^#{2,3} (.*)$/.exec(block.trim());
    if (heading !== null) {
      section = heading[1] ?? "";
      continue;
    }
    if (block.startsWith("|")) tables.set(section, tableRows(block));
    const text = block.trim().replaceAll(/\s+/g, " ");
    const id = CLAUSE.exec(text)?.[1];
    const keywords = text.match(KEYWORD) ?? [];
    if (id === undefined) {
      // In section 1 the key words are quoted.
      if (keywords.length > 0 && !section.startsWith("1. ")) {
        problems.push(`a key word outside a clause, in "${section}": ${text.slice(0, 80)}`);
      }
      continue;
    }
    if (keywords.length !== 1) problems.push(`${id} has ${keywords.length} key words, not one`);
    if (clauses.some((clause) => clause.id === id)) problems.push(`${id} is given twice`);
    const sentence = text.replace(CLAUSE, "");
    const hash = createHash("sha256").update(sentence).digest("hex").slice(0, 16);
    clauses.push({ id, level: keywords[0] ?? "", section, text: sentence, hash });
  }
  clauses.sort((a, b) => (a.id < b.id ? -1 : 1));
  const appendix = (/** @type {string} */ name) =>
    /** @type {string[][]} */ ([...tables].find(([title]) => title.startsWith(name))?.[1] ?? []);
  const withdrawn = appendix("Appendix D").map(([id = ""]) => id);
  for (const { id } of clauses) {
    if (withdrawn.includes(id)) problems.push(`${id} is withdrawn and given anew`);
  }
  return {
    version: /^Version ([0-9.]+)/m.exec(markdown)?.[1] ?? "",
    clauses,
    problems,
    proofs: appendix("Appendix B").map(([clause = "", by = ""]) => parseProof(clause, by)),
    exemptions: new Map(appendix("Appendix C").map(([id = "", reason = ""]) => [id, reason])),
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
