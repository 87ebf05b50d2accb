import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { EnvironmentError } from "./environment-error.ts";

/** The broker that the suite is written against; KAFKA_HOME may bring another. */
const KAFKA_VERSION = "4.2.0";
/** Kafka's API is slf4j 1.7; without a binding broker logs vanish. Same version as its log4j-core. */
const LOG4J_VERSION = "2.25.3";

export interface KafkaJars {
  readonly version: string;
  /** Folder with the jars of broker and clients. */
  readonly libs: string;
  readonly source: "KAFKA_HOME" | "cache" | "Maven";
}

/**
 * Kafka's jars: from KAFKA_HOME, from the cache, or through Maven into the cache.
 *
 * Safe when two runs do it at once: each fills a folder of its own and renames it into place; the
 * one that comes second throws its copy away.
 *
 * @throws EnvironmentError when none of the three ways works.
 */
export async function findKafka(
  log: (line: string) => void = () => {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<KafkaJars> {
  if (env["KAFKA_HOME"]) return fromHome(env["KAFKA_HOME"]);
  const folder = join(cacheFolder(env), `kafka-${KAFKA_VERSION}`);
  const libs = join(folder, "libs");
  if (await isComplete(folder)) return { version: KAFKA_VERSION, libs, source: "cache" };
  await requireMaven(env);
  log(`fetching Kafka ${KAFKA_VERSION} through Maven (once, 45 MB, into ${folder})`);
  await fill(folder, env);
  return { version: KAFKA_VERSION, libs, source: "Maven" };
}

/** `$SLUICE_CACHE`, else `$XDG_CACHE_HOME/sluice`, else `~/.cache/sluice`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env["SLUICE_CACHE"]) return env["SLUICE_CACHE"];
  if (env["XDG_CACHE_HOME"]) return join(env["XDG_CACHE_HOME"], "sluice");
  return join(homedir(), ".cache", "sluice");
}

async function fromHome(home: string): Promise<KafkaJars> {
  const libs = join(home, "libs");
  const names = await readdir(libs).catch(() => [] as string[]);
  const version = names
    .map((name) => /^kafka-clients-(\d[\w.-]*)\.jar$/.exec(name)?.[1])
    .find((v) => v !== undefined);
  if (version === undefined) {
    throw new EnvironmentError(
      `KAFKA_HOME=${home} is not a Kafka installation: no libs/kafka-clients-*.jar in it.`,
      "Point KAFKA_HOME at an unpacked Kafka 4 release, or unset it to have Kafka fetched through Maven.",
    );
  }
  if (Number(version.split(".")[0]) < 4) {
    throw new EnvironmentError(
      `KAFKA_HOME=${home} is Kafka ${version}; the suite needs Kafka 4.`,
      `Point KAFKA_HOME at Kafka ${KAFKA_VERSION}, or unset it to have that fetched through Maven.`,
    );
  }
  return { version, libs, source: "KAFKA_HOME" };
}

/**
 * The list of jars is written last, so a folder with a whole list was filled to the end. It must
 * have been filled for the same dependencies.
 */
async function isComplete(folder: string): Promise<boolean> {
  let jars: string[];
  try {
    if ((await readFile(join(folder, "pom.xml"), "utf8")) !== POM) return false;
    jars = (await readFile(join(folder, "jars.txt"), "utf8")).split("\n").filter(Boolean);
  } catch {
    return false;
  }
  return jars.length > 0 && jars.every((jar) => existsSync(join(folder, "libs", jar)));
}

async function requireMaven(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await maven(["--version"], env, 30_000);
  } catch (error) {
    throw new EnvironmentError(
      "Maven is needed to fetch Kafka, and `mvn` does not run.",
      "Install Maven (Debian: apt-get install maven, macOS: brew install maven), or set KAFKA_HOME to an " +
        `unpacked Kafka ${KAFKA_VERSION}.`,
      { cause: error },
    );
  }
}

async function fill(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const work = `${folder}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const libs = join(work, "libs");
  await mkdir(libs, { recursive: true });
  try {
    const pom = join(work, "pom.xml");
    await writeFile(pom, POM);
    await copyDependencies(pom, libs, env);
    const jars = (await readdir(libs)).filter((name) => name.endsWith(".jar")).toSorted();
    await writeFile(join(work, "jars.txt"), jars.join("\n") + "\n");
    await moveIntoPlace(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function copyDependencies(pom: string, libs: string, env: NodeJS.ProcessEnv): Promise<void> {
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"];
  try {
    await maven(["-q", "-B", "-f", pom, ...goal, `-DoutputDirectory=${libs}`], env, 600_000);
  } catch (error) {
    const said = error instanceof Error ? lastLines(error.message, 5) : String(error);
    throw new EnvironmentError(
      `Maven could not fetch Kafka ${KAFKA_VERSION}:\n${said}`,
      "See that Maven reaches its repository (proxy or mirror in ~/.m2/settings.xml), or set KAFKA_HOME to an " +
        `unpacked Kafka ${KAFKA_VERSION}.`,
      { cause: error },
    );
  }
}

async function moveIntoPlace(work: string, folder: string): Promise<void> {
  try {
    await rename(work, folder);
  } catch (error) {
    // Another run was first, or an incomplete folder is left from a broken file system.
    if (await isComplete(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder).catch(async (again: unknown) => {
      if (!(await isComplete(folder))) throw again ?? error;
    });
  }
}

function maven(args: readonly string[], env: NodeJS.ProcessEnv, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("mvn", args, { env, timeout, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (!error) resolve();
      else if (error.code === "ENOENT") reject(error);
      else reject(new Error(stdout + stderr || error.message));
    });
  });
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.sluice</groupId>
  <artifactId>local-kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>${LOG4J_VERSION}</version>
      <scope>runtime</scope>
    </dependency>
  </dependencies>
</project>
`;
