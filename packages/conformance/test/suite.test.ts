import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryEvent } from "@sluice/checker";
import { check } from "@sluice/checker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mutantSubject, subjectsFor } from "../src/cli/subjects.ts";
import type { LocalCluster } from "../src/cluster/local-cluster.ts";
import { startLocalCluster } from "../src/cluster/local-cluster.ts";
import { benchFor, closeBench } from "../src/runner/bench.ts";
import type { Bench, CaseOutcome } from "../src/runner/run-case.ts";
import { runCase } from "../src/runner/run-case.ts";
import { expectKill } from "../src/runner/self-test.ts";
import type { SubjectUnderTest } from "../src/runner/subject-under-test.ts";
import { caseNamed } from "../src/suite/index.ts";

// The whole chain on a real Kafka: subject, ledger, proxy, commit log, topics, checker.

const holdHead = caseNamed("core/hold-head");
let cluster: LocalCluster;
let bench: Bench;
let outDir: string;
let kafkajs: SubjectUnderTest;
let serial = 0;

beforeAll(async () => {
  cluster = await startLocalCluster({ sasl: false });
  bench = await benchFor(cluster);
  outDir = await mkdtemp(join(tmpdir(), "sluice-suite-"));
  [kafkajs] = (await subjectsFor(["kafkajs"])) as [SubjectUnderTest];
}, 120_000);

afterAll(async () => {
  await closeBench(bench);
  await cluster.close();
  await rm(outDir, { recursive: true, force: true });
});

async function holdHeadWith(subject: SubjectUnderTest): Promise<CaseOutcome> {
  serial += 1;
  return await runCase(holdHead, subject, bench, {
    seed: 42,
    serial,
    outDir: join(outDir, String(serial)),
    step: () => {},
  });
}

test("the reference passes core/hold-head, and its history says so to anybody", async () => {
  const outcome = await holdHeadWith(kafkajs);
  expect(outcome.judgement?.summary).toMatch(/held over 600 records/);
  expect(outcome.outcome).toBe("pass");
  const text = await readFile(join(outDir, String(serial), "history.jsonl"), "utf8");
  const events = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as HistoryEvent);
  expect(check(events).verdict).toBe("pass");
  // What it rests on was really seen, by each witness.
  const seen = new Set(events.map(({ type }) => type));
  for (const type of [
    "begin",
    "commit-request",
    "commit-answer",
    "committed",
    "visible",
    "heartbeat",
  ]) {
    expect(seen, type).toContain(type);
  }
}, 60_000);

test("a consumer that commits the highest completed offset fails it, by P1", async () => {
  const outcome = await holdHeadWith(mutantSubject("commits-highest", kafkajs));
  const kill = holdHead.kills["commits-highest"];
  if (kill === undefined) throw new Error("the case does not say how it catches it");
  expect(expectKill(kill, outcome)).toMatchObject({ met: true });
}, 60_000);

test("a subject that logs on standard output is an error, not a verdict", async () => {
  const outcome = await holdHeadWith(mutantSubject("chatty", kafkajs));
  expect(outcome).toMatchObject({ outcome: "error", judgement: null });
  expect(outcome.reason).toMatch(/handling a record.*logs belong on standard error/);
}, 60_000);

test("a subject that dies in the middle fails by V6", async () => {
  const dying = {
    ...kafkajs,
    id: "dying",
    command: {
      command: process.execPath,
      args: [
        "--import",
        "data:text/javascript,setTimeout(() => process.exit(3), 1000)",
        ...kafkajs.command.args,
      ],
    },
  };
  const outcome = await holdHeadWith(dying);
  expect(outcome.outcome).toBe("fail");
  const failed = outcome.judgement?.invariants.filter(({ verdict }) => verdict === "fail");
  expect(failed?.map(({ id }) => id)).toContain("V6");
}, 60_000);
