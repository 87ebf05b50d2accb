// @ts-check

/**
 * @typedef {{ version: string; clauses: Record<string, string> }} Released version and hash by id
 * @typedef {{ version: string; text: string }} Entry
 */

/**
 * The versions of CHANGELOG.md, newest first: a heading `## 1.1.0 (date)` each.
 * @param {string} markdown
 * @returns {Entry[]}
 */
export function parseChangeLog(markdown) {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ version: /^\d+\.\d+\.\d+/.exec(text)?.[0] ?? "", text }));
}

/**
 * Problems of a text whose sentences differ from the released ones: each new, changed or withdrawn
 * clause must be named in a later version of the change log. A changed one stands there with the
 * first 8 digits of its hash, so that changing it once more is noticed too.
 * @param {{ clauses: readonly import("./spec-text.mjs").Clause[]; withdrawn: readonly string[] }} spec
 * @param {Released} released
 * @param {readonly Entry[]} log
 * @returns {string[]}
 */
export function changesOf({ clauses, withdrawn }, released, log) {
  const first = released.version === "0.0.0";
  if (first) return [];
  const news = log
    .slice(
      0,
      log.findIndex(({ version }) => version === released.version),
    )
    .map(({ text }) => text)
    .join("\n");
  /** @type {string[]} */
  const problems = [];
  for (const { id, hash } of clauses) {
    const before = released.clauses[id];
    if (before === hash) continue;
    const entry = before === undefined ? id : `${id} (${hash.slice(0, 8)})`;
    if (!news.includes(entry)) {
      const what = before === undefined ? "is new" : "has changed";
      problems.push(`${id} ${what} since ${released.version}: add "${entry}: why" to CHANGELOG.md`);
    }
  }
  const present = new Set(clauses.map(({ id }) => id));
  for (const id of Object.keys(released.clauses)) {
    if (present.has(id)) continue;
    if (!withdrawn.includes(id)) {
      problems.push(`${id} has gone: list it in Appendix G, so that it is never given anew`);
    } else if (!news.includes(id)) {
      problems.push(`${id} is withdrawn since ${released.version}: say so in CHANGELOG.md`);
    }
  }
  return problems;
}
