// Writes packages/spec/vectors/v1/partitioner_*_test.json from Kafka's own Java classes. The output
// is the same on every machine. Needs a JDK 17+ and Maven.
//
//   node tools/vectors/generate.mjs            writes the files
//   node tools/vectors/generate.mjs --check    fails when a file differs from what would be written
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = fileURLToPath(new URL("../../packages/spec/vectors/v1/", import.meta.url));
const check = process.argv.includes("--check");

run("mvn", ["-q", "-B", "-f", join(here, "pom.xml"), "compile", "dependency:copy-dependencies"]);
const classpath = [join(here, "target/classes"), join(here, "target/dependency/*")].join(delimiter);
const stale = [];
for (const algorithm of ["murmur2", "crc32"]) {
  const file = join(target, `partitioner_${algorithm}_test.json`);
  const text = run("java", [
    "-cp",
    classpath,
    "io.sluice.vectors.PartitionerVectors",
    algorithm,
  ]).replaceAll("\r\n", "\n");
  JSON.parse(text);
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) stale.push(file);
}
if (stale.length > 0) {
  console.error(`Stale: ${stale.join(", ")}. Run node tools/vectors/generate.mjs.`);
  process.exitCode = 1;
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
  if (error !== undefined) {
    console.error(`Cannot run ${command} (${error.message}). Install a JDK 17+ and Maven.`);
    process.exit(4);
  }
  if (status !== 0) {
    console.error(`${command} failed:\n${stdout}`); // Maven writes its errors to standard output
    process.exit(status ?? 1);
  }
  return stdout;
}
