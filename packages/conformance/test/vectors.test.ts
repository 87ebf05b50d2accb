import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The way of somebody who reads vectors in another language: no Kafka, no consumer, a program on stdio.

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const READER = fileURLToPath(new URL("vector-reader/reader.mjs", import.meta.url));
let outDir: string;
let listDir: string;

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  outDir = await mkdtemp(join(tmpdir(), "sluice-vectors-"));
  listDir = await mkdtemp(join(tmpdir(), "sluice-known-"));
});
afterAll(async () => {
  for (const dir of [outDir, listDir]) await rm(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A list of what is known to fail, as an option takes it. */
function knownList(text: string): string {
  const path = join(listDir, "known.txt");
  writeFileSync(path, text);
  return `@${path}`;
}

function conformance(options: readonly string[], ...reader: readonly string[]): Promise<Ended> {
  const args = [CLI, ...options, "--out", outDir, "--", process.execPath, READER, ...reader];
  const env = { ...process.env, CI: "true", FORCE_COLOR: "" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

describe("a reader of vectors", () => {
  test("that is right passes what it declares; the rest is skipped with the reason", async () => {
    const { code, out } = await conformance(["--level", "L0"]);
    expect(out).toMatch(/^vec\/partitioner +✓/m);
    expect(out).toMatch(/^vec\/move +− skipped/m);
    expect(out).toMatch(/skipped: looks-it-up does not declare: vectors Move: vec\/move/);
    expect(out).toMatch(/^vectors: looks-it-up answers (\d+) of \1 as expected$/m);
    expect(code).toBe(0);
  });

  test("takes no part in groups, and no cluster is started for it", async () => {
    const { code, out } = await conformance(["--run", "core/hold-head"]);
    expect(out).toMatch(/skipped: looks-it-up takes no part in groups: .*core\/hold-head/);
    expect(out).toContain("Kafka none");
    expect(code).toBe(0);
  });

  test("that is wrong is told which tests of which file, what was asked and what came", async () => {
    const { code, out } = await conformance(["--run", "vec/partitioner"], "wrong");
    expect(out).toMatch(/H1 {2}The answer to a vector equals the vector's expectation/);
    expect(out).toMatch(/partitioner_crc32_test\.json, tcId \d+: .*\(SLC-PRT-003/);
    expect(out).toMatch(/input +Partition \{"partitioner":"crc32".*"key":"/);
    expect(out).toMatch(/expected +partitions\[0\]: \d+\n +answered +partitions\[0\]: \d+/);
    expect(out).toMatch(/and \d+ more$/m);
    expect(out).not.toContain("partitioner_murmur2");
    expect(code).toBe(1);
  });

  test("that hangs fails by the deadline of an answer", async () => {
    const { code, out } = await conformance(["--run", "vec/partitioner"], "hangs");
    expect(out).toMatch(/no answer to vector in 10000 ms/);
    expect(code).toBe(1);
  });

  test("that dies fails with its exit code", async () => {
    const { code, out } = await conformance(["--run", "vec/partitioner"], "dies");
    expect(out).toMatch(/exited with code 7/);
    expect(code).toBe(1);
  });

  test("that logs on standard output breaks the protocol", async () => {
    const { code, out } = await conformance(["--run", "vec/partitioner"], "logs");
    expect(out).toMatch(/not JSON: "hashing /);
    expect(code).toBe(3);
  });
});

describe("what is known to fail", () => {
  const KNOWN = "vec/partitioner issue 17: it shifts\n";

  test("may fail, with its reason", async () => {
    const options = ["--run", "vec/partitioner", "--known-failing", knownList(KNOWN)];
    const { code, out } = await conformance(options, "wrong");
    expect(out).toMatch(/^vec\/partitioner +~ known failing/m);
    expect(out).toContain("issue 17: it shifts");
    expect(code).toBe(0);
  });

  test("must not pass unnoticed", async () => {
    const options = ["--run", "vec/partitioner", "--known-failing", knownList(KNOWN)];
    const { code, out } = await conformance(options);
    expect(out).toContain("was expected to fail but did not (listed with: issue 17: it shifts)");
    expect(code).toBe(1);
  });

  test("needs a reason", async () => {
    const options = ["--known-failing", knownList("vec/partitioner\n")];
    const { code, err } = await conformance(options);
    expect(err).toMatch(/known\.txt:1: vec\/partitioner has no reason/);
    expect(code).toBe(64);
  });
});
