// @ts-check
// Writes packages/conformance/CATALOGUE.md from the cases of the conformance suite. Build first.
//
//   node tools/catalogue/generate.mjs            write it
//   node tools/catalogue/generate.mjs --check    fail when it is not what the cases make of it

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { catalogue, renderCatalogue } from "../../packages/conformance/dist/index.js";
import { onlyOptions } from "../run/options.mjs";

const options = onlyOptions({ check: { type: "boolean", default: false } });
const target = fileURLToPath(new URL("../../packages/conformance/CATALOGUE.md", import.meta.url));
const text = await format(renderCatalogue(catalogue()), {
  ...(await resolveConfig(target)),
  filepath: target,
});

if (!options.check) {
  writeFileSync(target, text);
} else if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  console.error(`${target} is out of date: run node tools/catalogue/generate.mjs`);
  process.exitCode = 1;
}
