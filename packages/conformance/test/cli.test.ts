import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
let outDir: string;

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  outDir = await mkdtemp(join(tmpdir(), "sluice-cli-"));
});
afterAll(() => rm(outDir, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function cli(
  args: readonly string[],
  during?: (pid: number, err: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    during?.(child.pid ?? 0, err);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

test("vectors need no cluster; the run leaves its files and JSON Lines", async () => {
  const run = ["--run", "vec/partitioner", "--adapter", "kafkajs", "--seed", "3", "--json"];
  const args = [...run, "--out", outDir];
  const { code, out } = await cli(args);
  expect(code).toBe(0);
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.map(({ type }) => type)).toEqual(["header", "case", "footer"]);
  expect(lines[1]).toMatchObject({
    case: "vec/partitioner",
    outcome: "pass",
    repro: "pnpm conformance --run vec/partitioner --adapter kafkajs --seed 3",
  });
  expect(await readFile(join(outDir, "run.jsonl"), "utf8")).toBe(out);
  for (const file of ["junit.xml", "index.html"]) {
    expect(existsSync(join(outDir, file)), file).toBe(true);
  }
}, 60_000);

test("no broker at the address: gives up by itself and says which, with 4", async () => {
  const args = ["--run", "core/hold-head", "--adapter", "kafkajs", "--out", outDir];
  const { code, err } = await cli([...args, "--brokers", "127.0.0.1:1"]);
  expect(err).toMatch(/No Kafka broker answers at the address:\n +127\.0\.0\.1:1/);
  expect(code).toBe(4);
}, 60_000);

test("a foreign subject that is none: says what it wrote, with 3", async () => {
  const { code, err } = await cli(["--run", "vec/*", "--out", outDir, "--", "echo", "Starting up"]);
  expect(err).toMatch(/not JSON: "Starting up"/);
  expect(code).toBe(3);
}, 30_000);

test("a mistyped option: the nearest right one, with 64", async () => {
  const { code, err } = await cli(["--adaptr", "kafkajs"]);
  expect(err).toMatch(/unknown option '--adaptr'[^]*--adapter/);
  expect(code).toBe(64);
}, 30_000);

test.each([
  ["Ctrl-C", "SIGINT"],
  ["an order to end", "SIGTERM"],
  ["a terminal that is closed", "SIGHUP"],
] as const)(
  "%s ends with 130 and leaves no process and no folder",
  async (_, signal) => {
    const temporary = await mkdtemp(join(outDir, "tmp-"));
    let family: number[] = [];
    const { code, err } = await cli(
      ["--run", "core/slow-handler", "--adapter", "kafkajs", "--out", outDir],
      (pid, said) => {
        if (family.length > 0 || !said.includes("ready in")) return;
        // A broker at least is running by now.
        family = descendants(pid);
        process.kill(pid, signal);
      },
      { ...process.env, TMPDIR: temporary },
    );
    expect(err).toMatch(/Interrupted: cleaning up/);
    expect(code).toBe(130);
    expect(family.length).toBeGreaterThan(0);
    await expect.poll(() => family.filter(alive), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => readdir(temporary), { timeout: 10_000 }).toEqual([]);
  },
  90_000,
);

function descendants(pid: number): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    parents = rows.flatMap(([child, parent]) =>
      child !== undefined && parent !== undefined && parents.includes(parent) ? [child] : [],
    );
    found.push(...parents);
  }
  return found;
}

/** A zombie whose new parent has not reaped it yet is gone for our purposes. */
function alive(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.startsWith("Z");
  } catch {
    return false;
  }
}
