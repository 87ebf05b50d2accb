#!/usr/bin/env node
// @ts-check
// Builds a stand-in for apache/kafka where no image can be pulled: Kafka's jars as Maven has them, a
// Java runtime by jlink, a shell, and the C libraries that both need, of this very Linux.
// The contract is the official image's: KAFKA_* variables and CLUSTER_ID in, /etc/kafka/docker/run as
// the command, kafka.docker.KafkaDockerWrapper in between.
//
//   node tools/docker/build-image.mjs [--tag sluice/kafka:4.2.0]
//
// Ends with 4 and a reason where that cannot be done: no Linux, no JDK, no engine.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError, findKafka } from "../../packages/conformance/dist/index.js";
import { onlyOptions } from "../run/options.mjs";

const values = onlyOptions({ tag: { type: "string" } });
const ROOTFS = fileURLToPath(new URL("rootfs", import.meta.url));
/** What Kafka's classes and their libraries touch, found with jdeps and by running it. */
const MODULES = [
  ...["java.base", "java.desktop", "java.logging", "java.management", "java.naming", "java.rmi"],
  ...["java.security.jgss", "java.security.sasl", "java.sql", "java.xml"],
  ...["jdk.crypto.ec", "jdk.management", "jdk.net", "jdk.security.auth", "jdk.unsupported"],
];

try {
  await main();
} catch (error) {
  const known = error instanceof EnvironmentError;
  console.error(known ? `${error.message}\n${error.remedy}` : error);
  process.exitCode = known ? 4 : 1;
}

async function main() {
  if (process.platform !== "linux") {
    throw new EnvironmentError(
      "The stand-in image is made of this machine's own libraries, and this is no Linux.",
      "Use the official image: docker pull apache/kafka:4.2.0.",
    );
  }
  const { version, libs } = await findKafka(console.error);
  const tag = values.tag ?? `sluice/kafka:${version}`;
  tool(
    "docker",
    ["version"],
    "Start a Docker engine (Debian: apt-get install docker.io; dockerd).",
  );
  const root = mkdtempSync(join(tmpdir(), "sluice-image-"));
  try {
    cpSync(ROOTFS, root, { recursive: true });
    cpSync(libs, join(root, "opt/kafka/libs"), { recursive: true });
    for (const folder of ["opt/kafka/config", "mnt/shared/config", "tmp", "proc", "sys", "dev"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    // Kafka runs as 1000, as in the official image.
    writeFileSync(
      join(root, "etc/passwd"),
      "root:x:0:0::/:/bin/sh\nappuser:x:1000:1000::/tmp:/bin/sh\n",
    );
    writeFileSync(join(root, "etc/group"), "root:x:0:\nappuser:x:1000:\n");
    writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
    const java = join(root, "opt/java");
    tool(
      "jlink",
      [
        ...["--add-modules", MODULES.join(","), "--output", java],
        ...["--strip-debug", "--no-header-files", "--no-man-pages"],
      ],
      "Install a JDK, not only a runtime (Debian: apt-get install openjdk-17-jdk-headless).",
    );
    copyWithLibraries(root, realpathSync("/bin/sh"), "/bin/sh");
    for (const file of binaries(java)) copyLibrariesOf(root, file);
    await importImage(root, tag);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  console.log(tag);
}

/** The runtime's programs and shared objects. @param {string} java */
function binaries(java) {
  return execFileSync("find", [java, "-name", "*.so", "-o", "-path", "*/bin/java"], {
    encoding: "utf8",
  })
    .split("\n")
    .filter(Boolean);
}

/** @param {string} root @param {string} from @param {string} to */
function copyWithLibraries(root, from, to) {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  cpSync(from, join(root, to), { dereference: true });
  copyLibrariesOf(root, from);
}

/** To the very paths where the loader looks for them. @param {string} root @param {string} file */
function copyLibrariesOf(root, file) {
  const listed = execFileSync("ldd", [file], { encoding: "utf8" });
  for (const [, path = ""] of listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    if (path.startsWith(root) || existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(path, join(root, path), { dereference: true });
  }
}

/** @param {string} root @param {string} tag */
async function importImage(root, tag) {
  const changes = ["USER 1000:1000", "EXPOSE 9092", 'CMD ["/etc/kafka/docker/run"]', "WORKDIR /"];
  const docker = spawn(
    "docker",
    ["import", ...changes.flatMap((change) => ["--change", change]), "-", tag],
    { stdio: ["pipe", "ignore", "inherit"] },
  );
  const owner = ["--numeric-owner", "--owner=1000", "--group=1000", "--mode=u+rwX,go+rX"];
  const tar = spawn("tar", ["-C", root, ...owner, "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  tar.stdout.pipe(docker.stdin);
  const [[tarCode], [dockerCode]] = await Promise.all([once(tar, "exit"), once(docker, "exit")]);
  if (tarCode !== 0 || dockerCode !== 0) throw new Error("docker import has failed");
}

/** @param {string} command @param {string[]} args @param {string} remedy */
function tool(command, args, remedy) {
  try {
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new EnvironmentError(
      `docker: no image: ${command} ${args[0]} has failed. ${said}`,
      remedy,
    );
  }
}
