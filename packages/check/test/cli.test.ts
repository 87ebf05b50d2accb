import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { INVARIANT_IDS } from "@sluice/checker";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const histories = new URL("../../checker/histories/", import.meta.url);
const canned = (file: string): string => fileURLToPath(new URL(file, histories));
const textOf = (file: string): string => readFileSync(canned(file), "utf8");
let folder: string;

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build the packages first`);
  folder = await mkdtemp(join(tmpdir(), "sluice-check-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function cli(args: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args]);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test.each([
  ["P1/good-1.jsonl", 0, /^✓ pass P1\/good-1/],
  ["P1/bad-1.jsonl", 1, /^✗ fail P1\/bad-1/],
  ["P1/unknown-1.jsonl", 2, /^\? unknown P1\/unknown-1/],
])("%s ends with %d", async (name, code, begins) => {
  const ended = await cli([canned(name)]);
  expect(ended).toMatchObject({ code, err: "" });
  expect(ended.out).toMatch(begins);
});

test("a violation is told with the lines of the file that show it", async () => {
  const { out } = await cli([canned("K1/bad-1.jsonl")]);
  const lines = textOf("K1/bad-1.jsonl").split("\n");
  const begins = lines.flatMap((line, i) => (line.includes('"type":"begin"') ? [i + 1] : []));
  expect(begins).toHaveLength(2);
  for (const line of begins) expect(out).toMatch(new RegExp(`line +${line} .* m0 begins in/0@`));
});

test("--json holds the events themselves", async () => {
  const { out } = await cli([canned("K1/bad-1.jsonl"), "--json"]);
  const { invariants } = JSON.parse(out) as {
    invariants: {
      id: string;
      rule: string;
      examples: { history: { line: number; event: unknown }[] }[];
    }[];
  };
  expect(invariants.map(({ id }) => id)).toEqual(["K1"]);
  const lines = textOf("K1/bad-1.jsonl").split("\n");
  const told = invariants[0]!.examples[0]!.history;
  expect(told.length).toBeGreaterThan(1);
  for (const { line, event } of told) expect(event).toEqual(JSON.parse(lines[line - 1]!));
});

test("--invariant judges by others than the history was recorded for", async () => {
  const path = canned("P1/bad-3.jsonl");
  const only = await cli([path, "--invariant", "p1s,X1", "--json"]);
  const { invariants } = JSON.parse(only.out) as { invariants: { id: string; verdict: string }[] };
  expect(invariants.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["P1s", "fail"],
    ["X1", "pass"],
  ]);
  const all = JSON.parse((await cli([path, "--invariant", "all", "--json"])).out) as typeof only & {
    invariants: unknown[];
  };
  expect(all.invariants).toHaveLength(INVARIANT_IDS.length);
});

test("standard input is read as it comes", async () => {
  expect((await cli(["-"], textOf("P1/bad-1.jsonl"))).code).toBe(1);
});

test("--help says what each invariant holds a subject to", async () => {
  const { code, out, err } = await cli(["--help"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const id of INVARIANT_IDS) expect(out).toMatch(new RegExp(`^  ${id} +[A-Z].*\\.$`, "m"));
});

const first = textOf("P1/good-1.jsonl").split("\n")[0]!;
const second = textOf("P1/good-1.jsonl").split("\n")[1]!;
test.each([
  ["nothing to judge", [], /missing required argument 'history'/],
  ["an unknown option", ["--invariants", "P1", "x"], /unknown option '--invariants'/],
  ["an unknown invariant", ["x", "--invariant", "P1,P9"], /no invariant "P9"; there are P1, /],
  ["no such file", ["/nowhere/history.jsonl"], /^There is no file \/nowhere\/history\.jsonl\.$/m],
  ["a folder", [tmpdir()], /is a folder. The history of a case is its history\.jsonl/],
])("%s is wrong usage", async (_, args, says) => {
  const { code, out, err } = await cli(args);
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err).toMatch(says);
  expect(err).not.toMatch(/^ +at /m);
});

test.each([
  ["empty", "", /is empty\. A history is JSON Lines/],
  [
    "of another kind",
    "# Readme\n\ntext\n",
    /line 1: expected an event as one JSON object, found # Readme/,
  ],
  [
    "JSON of another kind",
    '{"type":"begin"}\n',
    /line 1: expected an event of type case, found {"type":"begin"}/,
  ],
  ["damaged in its middle", `${first}\nnoise\n${second}\n`, /line 2: expected .*, found noise/],
  ["with an empty line", `${first}\n\n${second}\n`, /line 2: expected .*, found an empty line/],
])("a file that is %s is no history", async (kind, text, says) => {
  const { code, out, err } = await cli([await file(`${kind}.jsonl`, text)]);
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err).toMatch(says);
});

test("a history that was cut short is one, and unknown", async () => {
  const text = textOf("P1/good-1.jsonl");
  const ended = await cli([await file("cut.jsonl", text.slice(0, text.length / 2))]);
  expect(ended.code).toBe(2);
  expect(ended.out).toMatch(/broken history: line \d+: expected an event/);
});

test("a field that is wrong is told by line, with what was expected", async () => {
  const text = textOf("P1/good-1.jsonl").replace('"offset":"1"', '"offset":1');
  const line = text.split("\n").findIndex((each) => each.includes('"offset":1,')) + 1;
  const ended = await cli([await file("field.jsonl", text)]);
  expect(ended.code).toBe(2);
  expect(ended.out).toContain(
    `line ${line}: begin: expected an offset as text, such as "42" in offset, found 1`,
  );
});

test("output that nobody reads to its end is no failure", async () => {
  const child = spawn(process.execPath, [CLI, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, err }).toEqual({ code: 0, err: "" });
});
