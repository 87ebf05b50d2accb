#!/usr/bin/env node
// @ts-check
// Some conformance cases, and the tests of the docker cluster, against a real engine: the one that
// runs, else one of its own, started for this alone and ended after it (as root; on Debian docker.io is
// installed when it is missing). Says "docker: no engine: …" and ends well where there can be none.
//
//   node tools/docker/conformance.mjs
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onlyOptions } from "../run/options.mjs";

onlyOptions({});

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CASES = ["core/hold-head", "net/commit-ack-lost", "broker/sigkill-restart"];
const START_MS = 60_000;

const engine = await findEngine();
if (typeof engine === "string") console.log(`docker: no engine: ${engine}`);
else {
  try {
    await runOn(engine);
  } finally {
    await engine.end();
  }
}

/** @typedef {{ env: NodeJS.ProcessEnv, end: () => Promise<void> }} Engine */

/** @param {Engine} engine */
async function runOn({ env }) {
  const build = spawnSync(process.execPath, ["tools/docker/build-image.mjs"], {
    ...{ cwd: ROOT, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  });
  if (build.status !== 0) {
    process.exitCode = build.status ?? 1;
    return;
  }
  const image = build.stdout.trim();
  const on = {
    ...env,
    SLUICE_KAFKA_IMAGE: image,
    SLUICE_DOCKER_TESTS: "1",
    // Its image cannot be pulled everywhere; what a killed run leaves, the next removes.
    TESTCONTAINERS_RYUK_DISABLED: "true",
  };
  await step(on, "node_modules/vitest/vitest.mjs", [
    ...["run", "--project", "integration", "packages/conformance/test/docker-cluster.test.ts"],
  ]);
  await step(on, "packages/conformance/dist/cli.js", [
    ...["--cluster", "docker", "--adapter", "kafkajs"],
    ...CASES.flatMap((id) => ["--run", id]),
    ...["--out", "conformance-report/docker", "--seed", env["SLUICE_SEED"] ?? "1"],
  ]);
}

/** @param {NodeJS.ProcessEnv} env @param {string} script @param {string[]} args */
async function step(env, script, args) {
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, env, stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) process.exitCode = code ?? 1;
}

/** @returns {Promise<Engine | string>} or why there is none */
async function findEngine() {
  if (answers(process.env)) return { env: process.env, end: async () => {} };
  if (process.platform !== "linux") return "none answers, and only on Linux one is started here";
  if (process.getuid?.() !== 0) return "none answers, and only root can start one";
  if (!has("dockerd")) {
    if (!has("apt-get")) return "none answers, and dockerd is not installed";
    console.log("docker: installing docker.io");
    /** @type {import("node:child_process").SpawnSyncOptions} */
    const quiet = { stdio: ["ignore", "ignore", "inherit"] };
    spawnSync("apt-get", ["update", "-qq"], quiet);
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "docker.io"], quiet);
    if (!has("dockerd")) return "none answers, and docker.io could not be installed";
  }
  return await startEngine();
}

/** In a folder of its own, away from whatever engine this machine may have later. */
async function startEngine() {
  const dir = mkdtempSync(join(tmpdir(), "sluice-docker-"));
  const socket = `unix://${join(dir, "socket")}`;
  const env = { ...process.env, DOCKER_HOST: socket };
  const daemon = spawn(
    "dockerd",
    [
      ...["--storage-driver", "vfs", "--host", socket, "--pidfile", join(dir, "pid")],
      ...["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec")],
    ],
    { stdio: "ignore" },
  );
  const gone = once(daemon, "exit");
  const end = async () => {
    daemon.kill("SIGTERM");
    await gone;
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const deadline = performance.now() + START_MS;
  while (!answers(env)) {
    if (daemon.exitCode !== null || performance.now() > deadline) {
      await end();
      return `dockerd ${daemon.exitCode === null ? `does not answer within ${START_MS} ms` : `ends with ${daemon.exitCode}`}`;
    }
    await sleep(500);
  }
  return { env, end };
}

/** @param {NodeJS.ProcessEnv} env */
function answers(env) {
  try {
    execFileSync("docker", ["version"], { env, stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} command */
function has(command) {
  return (process.env["PATH"] ?? "").split(":").some((dir) => existsSync(join(dir, command)));
}
