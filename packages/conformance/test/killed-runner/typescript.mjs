// Lets a plain Node run the sources: the runner that a test kills must be a process of its own.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transform } from "@swc/core";

if (isMainThread) register(import.meta.url);

/** @type {import("node:module").LoadHook} */
export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return await next(url, context);
  const source = await readFile(fileURLToPath(url), "utf8");
  /** @type {import("@swc/core").JscConfig} */
  const jsc = { parser: { syntax: "typescript" }, target: "es2022" };
  const { code } = await transform(source, { jsc, module: { type: "es6" }, sourceMaps: "inline" });
  return { format: "module", source: code, shortCircuit: true };
}
