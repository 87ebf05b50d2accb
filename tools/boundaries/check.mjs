// @ts-check
// Holds the import rules, and first proves that each rule still catches a violation planted for it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { onlyOptions } from "../run/options.mjs";
import { root } from "../run/process.mjs";
import rules from "./rules.mjs";

onlyOptions({});

/**
 * A miniature workspace in which each rule is broken once.
 * @type {readonly (readonly [rule: string | null, file: string, source: string])[]}
 */
const planted = [
  [null, "packages/spec/src/index.ts", "export {};"],
  [null, "packages/core/src/index.ts", "export {};"],
  [null, "packages/core/src/inner.ts", "export {};"],
  [null, "packages/runtime/src/index.ts", "export {};"],
  [null, "packages/checker/src/index.ts", "export {};"],
  [null, "packages/spec/src/some.test.ts", "export {};"],
  ["no-circular", "packages/core/src/circle.ts", 'import "./no-circular.ts";'],
  ["core-is-pure", "packages/core/src/impure.ts", 'import "node:fs";'],
  [
    "spec-and-checker-are-leaves",
    "packages/checker/src/leaf.ts",
    'import "../../spec/src/index.ts";',
  ],
  ["core-sees-only-spec", "packages/core/src/sees.ts", 'import "../../runtime/src/index.ts";'],
  [
    "runtime-sees-only-core",
    "packages/runtime/src/sees.ts",
    'import "../../checker/src/index.ts";',
  ],
  ["check-sees-only-checker", "packages/check/src/spec.ts", 'import "../../spec/src/index.ts";'],
  [
    "adapters-are-siblings",
    "packages/adapter-kafkajs/src/a.ts",
    'import "../../runtime/src/index.ts";',
  ],
  [null, "packages/runtime/src/internals.ts", "export {};"],
  [null, "packages/adapter-kafkajs/src/index.ts", "export {};"],
  [
    "testkit-sees-core-runtime-checker",
    "packages/testkit/src/client.ts",
    'import "../../adapter-kafkajs/src/index.ts";',
  ],
  [
    "internals-are-for-the-testkit",
    "packages/conformance/src/internal.ts",
    'import "../../runtime/src/internals.ts";',
  ],
  ["runner-is-black-box", "packages/conformance/src/r.ts", 'import "../../core/src/index.ts";'],
  ["public-entry-only", "packages/runtime/src/deep.ts", 'import "../../core/src/inner.ts";'],
  ["src-never-imports-tests", "packages/spec/src/t.ts", 'import "./some.test.ts";'],
  ["no-circular", "packages/core/src/no-circular.ts", 'import "./circle.ts";'],
  ["not-resolvable", "packages/core/src/lost.ts", 'import "./not-there.ts";'],
];

const missed = await missedViolations();
if (missed.length > 0) {
  fail(`rules that no longer catch their planted violation: ${missed.join(", ")}`);
}
const { violations, modules } = await cruised(root);
if (modules < 50) fail(`only ${modules} modules were seen: the sources are not being read`);
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} → ${to}`);
if (violations.length > 0) fail(`${violations.length} imports cross a boundary`);
console.log(`${modules} modules, ${rules.forbidden?.length} rules, each seen to catch a violation`);

async function missedViolations() {
  const directory = await mkdtemp(join(tmpdir(), "sluice-boundaries-"));
  try {
    for (const [, file, source] of planted) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), `${source}\n`);
    }
    const found = (await cruised(directory)).violations;
    return (rules.forbidden ?? [])
      .map(({ name }) => name)
      .filter(
        (name) =>
          !planted.some(
            ([rule, file]) =>
              rule === name && found.some((each) => each.rule.name === name && each.from === file),
          ),
      );
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** @param {string} directory */
async function cruised(directory) {
  process.chdir(directory);
  const { output } = await cruise(["packages"], {
    ...rules.options,
    baseDir: directory,
    ruleSet: { forbidden: rules.forbidden ?? [] },
    validate: true,
  });
  if (typeof output === "string") throw new Error(output);
  return { violations: output.summary.violations, modules: output.modules.length };
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
