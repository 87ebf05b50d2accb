import { execFile } from "node:child_process";
import { join } from "node:path";
import { EnvironmentError } from "./environment-error.ts";

/** Kafka 4 brokers need it (KIP-1013). */
const MINIMUM_JAVA = 17;

/**
 * The `java` to run brokers with: from JAVA_HOME when set, else from PATH.
 *
 * @throws EnvironmentError when there is none or it is older than 17.
 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const home = env["JAVA_HOME"];
  const java = home ? join(home, "bin", "java") : "java";
  const where = home ? `JAVA_HOME=${home}` : "PATH";
  const remedy =
    `Install a JDK ${MINIMUM_JAVA} or newer (Debian: apt-get install openjdk-17-jdk-headless, ` +
    `macOS: brew install openjdk@17) and have it in PATH or JAVA_HOME.`;
  let banner: string;
  try {
    banner = await run(java, ["-version"], env);
  } catch (error) {
    throw new EnvironmentError(`No working java found in ${where}.`, remedy, { cause: error });
  }
  const major = javaMajor(banner);
  if (major === null || major < MINIMUM_JAVA) {
    const found = major === null ? "of an unknown version" : `version ${major}`;
    throw new EnvironmentError(
      `Kafka needs Java ${MINIMUM_JAVA} or newer; the java from ${where} is ${found}.`,
      remedy,
    );
  }
  return java;
}

/** Major version from `java -version`; "1.8.0_392" is 8, "17.0.15" is 17. */
export function javaMajor(banner: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(banner);
  return match ? Number(match[1]) : null;
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve(stdout + stderr);
    });
  });
}
