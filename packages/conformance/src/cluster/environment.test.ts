import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EnvironmentError } from "./environment-error.ts";
import { connectExternalCluster } from "./external-cluster.ts";
import { findJava, javaMajor } from "./java.ts";
import { cacheFolder, findKafka } from "./kafka-jars.ts";
import { claimPorts } from "./ports.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-test-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A command of that name and behaviour, and nothing else in the PATH but the shell's own tools. */
async function command(name: string, script: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(dir, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
  return { PATH: [bin, "/bin"].join(delimiter), SLUICE_CACHE: join(dir, "cache") };
}
const EMPTY_PATH = { PATH: "/nowhere" };

async function failure(promise: Promise<unknown>): Promise<EnvironmentError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EnvironmentError);
  return error as EnvironmentError;
}

describe("java", () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ["something else", null],
  ])("%s is %s", (banner, major) => expect(javaMajor(banner)).toBe(major));

  test("none at all says what to install", async () => {
    const error = await failure(findJava(EMPTY_PATH));
    expect(error.message).toBe("No working java found in PATH.");
    expect(error.remedy).toMatch(/Install a JDK 17 .*apt-get install .*brew install/);
  });

  test("one that is too old is named with its version", async () => {
    const env = await command("java", `echo 'openjdk version "11.0.2"' >&2`);
    expect((await failure(findJava(env))).message).toContain("from PATH is version 11");
    const home = await command("java", `echo 'openjdk version "11.0.2"' >&2`);
    const error = await failure(findJava({ ...home, JAVA_HOME: dir }));
    expect(error.message).toContain(`JAVA_HOME=${dir}`);
  });
});

describe("Kafka's jars", () => {
  /** Stands for Maven: makes two jars where it is told to, and counts its runs. */
  const FAKE_MAVEN = `
    case "$*" in *--version*) exit 0;; esac
    for a in "$@"; do case "$a" in -DoutputDirectory=*) out="\${a#-DoutputDirectory=}";; esac; done
    touch "$out/kafka-clients-4.2.0.jar" "$out/kafka_2.13-4.2.0.jar"`;

  test("without Maven, cache and KAFKA_HOME it is said what to install", async () => {
    const error = await failure(
      findKafka(undefined, { ...EMPTY_PATH, SLUICE_CACHE: join(dir, "cache") }),
    );
    expect(error.message).toContain("`mvn` does not run");
    expect(error.remedy).toMatch(/Install Maven .* or set KAFKA_HOME/);
  });

  test("Maven fills the cache once; then it is not needed any more", async () => {
    const env = await command("mvn", FAKE_MAVEN);
    const lines: string[] = [];
    const first = await findKafka((line) => lines.push(line), env);
    expect(first).toMatchObject({ version: "4.2.0", source: "Maven" });
    expect(lines).toHaveLength(1);
    const again = await findKafka(undefined, { ...env, ...EMPTY_PATH });
    expect(again).toEqual({ ...first, source: "cache" });
    // Nothing but the cache itself is left behind.
    expect(await readdir(join(dir, "cache"))).toEqual(["kafka-4.2.0"]);
  });

  test("two runs at once both get whole jars and leave one cache", async () => {
    const env = await command("mvn", FAKE_MAVEN);
    const found = await Promise.all([1, 2, 3, 4].map(() => findKafka(undefined, env)));
    expect(new Set(found.map((jars) => jars.libs)).size).toBe(1);
    expect(await readdir(join(dir, "cache"))).toEqual(["kafka-4.2.0"]);
    expect(await readdir(found[0]?.libs as string)).toHaveLength(2);
  });

  test("a cache that lacks a jar is filled again", async () => {
    const env = await command("mvn", FAKE_MAVEN);
    const { libs } = await findKafka(undefined, env);
    await rm(join(libs, "kafka_2.13-4.2.0.jar"));
    expect((await findKafka(undefined, env)).source).toBe("Maven");
    expect(await readdir(libs)).toHaveLength(2);
  });

  test("a cache that was filled for other dependencies is filled again", async () => {
    const env = await command("mvn", FAKE_MAVEN);
    await findKafka(undefined, env);
    await writeFile(join(dir, "cache", "kafka-4.2.0", "pom.xml"), "<project/>");
    expect((await findKafka(undefined, env)).source).toBe("Maven");
    expect((await findKafka(undefined, env)).source).toBe("cache");
  });

  test("what Maven complains of is passed on, and the cache stays empty", async () => {
    const env = await command(
      "mvn",
      `case "$*" in *--version*) exit 0;; esac; echo "[ERROR] Could not resolve dependencies"; exit 1`,
    );
    const error = await failure(findKafka(undefined, env));
    expect(error.message).toContain("Could not resolve dependencies");
    expect(error.remedy).toContain("settings.xml");
    expect(await readdir(join(dir, "cache"))).toEqual([]);
  });

  test("KAFKA_HOME wins; one that is none, or too old, is refused", async () => {
    const home = async (jar: string): Promise<NodeJS.ProcessEnv> => {
      const KAFKA_HOME = join(dir, jar);
      await mkdir(join(KAFKA_HOME, "libs"), { recursive: true });
      await writeFile(join(KAFKA_HOME, "libs", jar), "");
      return { ...EMPTY_PATH, KAFKA_HOME };
    };
    expect(await findKafka(undefined, await home("kafka-clients-4.3.1.jar"))).toMatchObject({
      version: "4.3.1",
      source: "KAFKA_HOME",
    });
    const old = await failure(findKafka(undefined, await home("kafka-clients-3.9.0.jar")));
    expect(old.message).toContain("is Kafka 3.9.0");
    const none = await failure(findKafka(undefined, { KAFKA_HOME: dir }));
    expect(none.message).toContain("is not a Kafka installation");
  });

  test("the cache lies where the environment says", () => {
    expect(cacheFolder({ SLUICE_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheFolder({ XDG_CACHE_HOME: "/b" })).toBe("/b/sluice");
    expect(cacheFolder({})).toMatch(/\/\.cache\/sluice$/);
  });
});

describe("ports", () => {
  test("claims made at once share no port, and all lie below the ephemeral range", async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimPorts(18)));
    const all = claims.flatMap((claim) => claim.ports);
    expect(new Set(all).size).toBe(8 * 18);
    const ephemeral = createServer();
    await new Promise<void>((resolve) => ephemeral.listen(0, "127.0.0.1", resolve));
    const { port } = ephemeral.address() as AddressInfo;
    ephemeral.close();
    expect(Math.max(...all)).toBeLessThan(Math.max(port, 32_768));
    await Promise.all(claims.map((claim) => claim.release()));
  });
});

describe("a cluster given by its addresses", () => {
  test("nobody there: every address is named with its reason, well within 10 s", async () => {
    // One that accepts and says nothing, one that speaks something else, one that is closed.
    const silent = createServer(() => {});
    const other = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    for (const server of [silent, other]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    const at = (server: typeof silent): string =>
      `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = [at(silent), at(other), "127.0.0.1:1"];
    const before = performance.now();
    const error = await failure(connectExternalCluster(addresses));
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(error.message).toContain(`${addresses[0]}: no answer within`);
    expect(error.message).toContain(
      `${addresses[1]}: what answered does not speak Kafka's protocol`,
    );
    expect(error.message).toContain("127.0.0.1:1: connect ECONNREFUSED");
    expect(error.remedy).toContain("--brokers");
    silent.close();
    other.close();
  }, 15_000);

  test("a name with several addresses fails with a reason too", async () => {
    const error = await failure(connectExternalCluster(["localhost:1"]));
    expect(error.message).toMatch(/localhost:1: .*ECONNREFUSED/);
  });

  test.each(["localhost", "localhost:", ":9092", "localhost:0", "localhost:70000", "a b:9092", ""])(
    "%j is no address",
    async (address) => {
      const error = await failure(connectExternalCluster([address]));
      expect(error.message).toBe(`"${address}" is not the address of a broker.`);
    },
  );
});
