// @ts-check
// `pnpm check`: everything that can be said about the code without running it, cheap first.
import { onlyOptions } from "./options.mjs";
import { run, step } from "./process.mjs";

onlyOptions({});

/** @type {readonly (readonly [title: string, command: string, args: readonly string[]])[]} */
const checks = [
  ["format (mend with: pnpm format)", "prettier", ["--check", "--log-level", "warn", "."]],
  ["packages build", "turbo", ["run", "build", "--output-logs=errors-only"]],
  // From here on after the build: tools use the packages as they are published.
  ["lint", "oxlint", ["--type-aware", "--deny-warnings"]],
  ["types of sources, tests and tools", "tsc", ["-p", "tsconfig.json"]],
  ["types of the report's script", "tsc", ["-p", "packages/conformance/src/report/html/browser"]],
  ["boundaries", process.execPath, ["tools/boundaries/check.mjs"]],
  ["unused files, exports and dependencies", "knip", ["--no-config-hints"]],
  ["requirements are traced", process.execPath, ["tools/trace/trace.mjs", "--check"]],
  ["catalogue is generated", process.execPath, ["tools/catalogue/generate.mjs", "--check"]],
  ["AsyncAPI trait is generated", process.execPath, ["tools/asyncapi/generate.mjs", "--check"]],
];

/** @type {string[]} */
const failed = [];
for (const [title, command, args] of checks) {
  const code = await step(title, () => run(command, args));
  if (code !== 0) failed.push(title);
}
if (failed.length > 0) {
  process.stderr.write(`\n${failed.length} of ${checks.length} failed: ${failed.join("; ")}\n`);
  process.exitCode = 1;
} else {
  process.stderr.write(`\nall ${checks.length} checks passed\n`);
}
