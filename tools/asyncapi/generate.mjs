// @ts-check
// Writes packages/spec/asyncapi/v1/ from the schema of the headers.
//
//   node tools/asyncapi/generate.mjs            write it
//   node tools/asyncapi/generate.mjs --check    fail when it is not what the schema makes of it

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { onlyOptions } from "../run/options.mjs";
import { messageTrait } from "./message-trait.mjs";

const options = onlyOptions({ check: { type: "boolean", default: false } });
const spec = new URL("../../packages/spec/", import.meta.url);
const source = new URL("schemas/v1/headers.schema.json", spec);
const target = fileURLToPath(new URL("asyncapi/v1/sluice-headers.message-trait.json", spec));

const trait = messageTrait(JSON.parse(readFileSync(source, "utf8")));
const text = await format(JSON.stringify(trait), {
  ...(await resolveConfig(target)),
  filepath: target,
});

if (!options.check) {
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error(`${target} is out of date: run node tools/asyncapi/generate.mjs`);
  process.exitCode = 1;
}
