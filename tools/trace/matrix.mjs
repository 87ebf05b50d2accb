// @ts-check

/**
 * @typedef {import("./spec-text.mjs").Clause & {
 *   tests: string[];
 *   vectors: Record<string, number>;
 *   scenarios: string[];
 *   cases: string[];
 *   exemption?: string;
 * }} Requirement
 */

/**
 * Requirement by vectors, conformance invariants and tests, for people.
 * @param {string} version
 * @param {readonly Requirement[]} requirements
 */
export function renderMatrix(version, requirements) {
  const musts = requirements.filter(({ level }) => level.startsWith("MUST"));
  const by = (/** @type {(one: Requirement) => boolean} */ has) => musts.filter(has).length;
  const withVectors = by(({ vectors }) => Object.keys(vectors).length > 0);
  const withCases = by(({ scenarios, cases }) => scenarios.length + cases.length > 0);
  const exempted = by(({ exemption }) => exemption !== undefined);
  const rows = requirements.map((one) => [
    `[${one.id}](text/${one.file})`,
    one.level,
    one.text.replaceAll("|", "\\|"),
    Object.entries(one.vectors)
      .map(([file, cases]) => `${file.replace("_test.json", "")} ${cases}`)
      .join(", "),
    one.scenarios.join(", "),
    one.cases.map((id) => `[${id}](../conformance/suite/${id}.yaml)`).join(", "),
    one.tests.map((path) => `[${shortName(path)}](../../${path})`).join(", "),
    one.exemption ?? "",
  ]);
  const head = [
    "requirement",
    "level",
    "sentence",
    "vectors",
    "invariants",
    "cases",
    "tests",
    "exempted",
  ];
  return [
    "# What proves each requirement",
    "",
    `Written by \`tools/trace\` for version ${version}: do not edit. ${requirements.length} requirements, of which` +
      ` ${musts.length} are a MUST or MUST NOT: ${withVectors} proved by vectors, ${withCases} by invariants or cases of` +
      ` the conformance suite, ${exempted} exempted for the reason given, 0 uncovered.`,
    "",
    ...[head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`),
    "",
  ].join("\n");
}

/** @param {string} path */
function shortName(path) {
  return path.replace(/^.*\//, "").replace(/\.test\.ts$/, "");
}
