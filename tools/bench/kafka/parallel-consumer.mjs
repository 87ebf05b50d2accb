// @ts-check
// Confluent's Parallel Consumer, the nearest thing there is on the JVM, built with Maven when first needed.
import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../run/process.mjs";
import { reportOf } from "./child.mjs";

const FOLDER = fileURLToPath(new URL("../parallel-consumer", import.meta.url));
const JAR = join(FOLDER, "target/parallel-consumer-bench.jar");
const SOURCES = ["pom.xml", "src/main/java/io/sluice/bench/ParallelConsumerBench.java"];

/** Null when it is built, else why it cannot be. @returns {Promise<string | null>} */
export async function buildParallelConsumer() {
  const changed = Math.max(...SOURCES.map((file) => statSync(join(FOLDER, file)).mtimeMs));
  if (existsSync(JAR) && statSync(JAR).mtimeMs > changed) return null;
  const args = ["-q", "-B", "-f", join(FOLDER, "pom.xml"), "package"];
  const code = await run("mvn", args, { quiet: true }).catch(() => null);
  if (code === null) return "needs Maven (mvn) and a JDK 17 or newer";
  return code === 0 ? null : `Maven ended with ${code}; see above`;
}

/** @param {import("./contestants.mjs").Work} work @param {import("./setting.mjs").Setting} setting */
export function parallelConsumer(work, setting) {
  const { topic, records, warmUp, limitMs, delay, concurrency } = work;
  const options = [setting.brokers.join(","), topic, setting.group(), records, warmUp, limitMs];
  return reportOf("java", [
    "-Xmx1g",
    "-cp",
    [JAR, join(FOLDER, "target/libs/*")].join(delimiter),
    "io.sluice.bench.ParallelConsumerBench",
    ...[...options, delay, concurrency].map(String),
  ]);
}
