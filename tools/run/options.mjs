// @ts-check
// What the repository's commands make of their options.

/** Wrong usage: exit code 64. */
export class UsageError extends Error {}

/** @param {readonly string[] | undefined} values each a name, or several with commas between */
export function list(values) {
  return (values ?? []).flatMap((value) => value.split(",")).filter((name) => name !== "");
}

/** @param {string} option @param {string} text @throws UsageError */
export function whole(option, text) {
  if (!/^\d{1,12}$/.test(text)) {
    throw new UsageError(`${option} takes a whole number, not "${text}"`);
  }
  return Number(text);
}

/** What was said, else that of CI, else any. @param {string | undefined} given @throws UsageError */
export function seed(given) {
  const text = given ?? process.env["SLUICE_SEED"] ?? String(Math.floor(Math.random() * 1_000_000));
  return whole("--seed", text);
}
