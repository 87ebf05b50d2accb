// @ts-check
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * The files that the Java sources in src compute, by name.
 * @param {string[]} names
 * @returns {Record<string, import("./vector-file.mjs").Draft>}
 */
export function javaFiles(names) {
  if (names.length === 0) return {};
  requireTool("javac", "-version");
  requireTool("mvn", "-v");
  run("mvn", ["-q", "-B", "-f", join(here, "pom.xml"), "compile", "dependency:copy-dependencies"]);
  const classpath = [join(here, "target/classes"), join(here, "target/dependency/*")];
  const main = ["-cp", classpath.join(delimiter), "io.sluice.vectors.Vectors"];
  return JSON.parse(run("java", [...main, ...names]));
}

/**
 * Ends with exit code 4 when a tool is not there: nothing is wrong with the vectors then.
 * @param {string} command
 * @param {string} question an argument that any version answers
 */
function requireTool(command, question) {
  const { status, error } = spawnSync(command, [question], { stdio: "ignore" });
  if (status === 0) return;
  const why = error === undefined ? `it ended with ${status}` : error.message;
  console.error(`Cannot run ${command} (${why}). Install a JDK 17+ and Maven.`);
  process.exit(4);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    console.error(`${command} failed:\n${stdout}`); // Maven writes its errors to standard output
    process.exit(status ?? 1);
  }
  return stdout;
}
