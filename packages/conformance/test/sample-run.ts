import { check } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import { totalsOf } from "../src/report/run-report.ts";
import type { CaseResult, RunReport, SubjectInfo } from "../src/report/run-report.ts";

/** A run with every kind of outcome, and texts that want to break out of every format. */
export function sampleRun(cases: readonly CaseResult[] = sampleCases()): RunReport {
  return {
    header: {
      type: "header",
      report: 1,
      spec: "1.0-draft",
      runner: "0.1.0",
      startedAt: "2026-11-21T11:00:00.000Z",
      seed: 42,
      commandLine: "npx -y pnpm@12 conformance --seed 42",
      cluster: { kind: "local", reason: "JDK 17 and Maven were found", kafkaVersion: "4.2.0" },
      node: "v20.19.0",
      os: "linux 6.1 x64, 2 cores",
      subjects: [subject("kafkajs"), subject("rdkafka")],
      cases: [
        { id: "core/hold-head", level: "L1", title: "hold the first record of each partition" },
        { id: "group/leave-drain", level: "L2", title: "one of three stops while it has work" },
        { id: "net/commit-ack-lost", level: "L3", title: "commits applied, answers lost" },
        { id: "vec/partitioner", level: "L0", title: "10,000 keys over 12 partitions" },
      ],
    },
    cases,
    footer: {
      type: "footer",
      finishedAt: "2026-11-21T11:04:12.000Z",
      ms: 252_000,
      totals: totalsOf(cases),
      exitCode: cases.every(({ outcome }) => outcome === "pass") ? 0 : 1,
    },
  };
}

export function subject(id: string): SubjectInfo {
  return {
    id,
    name: `sluice-${id}`,
    version: "0.1.0",
    language: "typescript",
    runtime: "node v20.19.0",
    client: { name: id, version: "2.2.4" },
    capabilities: {
      groupProtocol: ["classic"],
      rebalance: ["eager"],
      ordering: ["key", "partition", "none"],
      retry: ["inline"],
      dlq: true,
      graceful: true,
      startAt: true,
      commitMetadata: true,
      staticMembership: false,
      bufferLimit: true,
      hooks: [],
      vectors: ["Partition"],
      headers: { order: false, empty: false, null: false },
    },
  };
}

export function sampleCases(): CaseResult[] {
  return [
    result("core/hold-head", "kafkajs", "pass", { judgement: check(sampleHistory(false)) }),
    result("core/hold-head", "rdkafka", "fail", {
      judgement: check(sampleHistory(true)),
      artefacts: [{ kind: "history", path: "cases/rdkafka/core-hold-head/history.jsonl" }],
      logs: [{ source: "stderr m0", text: "warn: <b>&\u0007 \ud800 ]]>\nlast line\n" }],
    }),
    result("group/leave-drain", "kafkajs", "unknown", {
      judgement: check([]),
    }),
    result("net/commit-ack-lost", "kafkajs", "skipped", { reason: "cluster brokers has no proxy" }),
    result("vec/partitioner", "rdkafka", "error", {
      reason: 'subject wrote "<garbage>" on standard output',
    }),
  ];
}

export function result(
  id: string,
  subjectId: string,
  outcome: CaseResult["outcome"],
  more: Partial<CaseResult> = {},
): CaseResult {
  return {
    type: "case",
    case: id,
    subject: subjectId,
    outcome,
    ms: 3412,
    startedAt: "2026-11-21T11:01:00.000Z",
    seed: 7,
    judgement: null,
    repro: `npx -y pnpm@12 conformance --run ${id} --adapter ${subjectId} --seed 42`,
    artefacts: [],
    logs: [],
    ...more,
  };
}

/** Two partitions, two members, a fault; `broken`: the highest completed offset is committed. */
export function sampleHistory(broken: boolean): HistoryEvent[] {
  let t = 100;
  const events: HistoryEvent[] = [];
  const add = (event: object, dt = 20): void => {
    t += dt;
    events.push({ t, ...event } as HistoryEvent);
  };
  add({
    type: "case",
    history: 1,
    id: "core/hold-head",
    seed: 7,
    subject: "sample",
    group: "g",
    topics: { in: 2 },
    deadLetterTopic: "in.dlq",
    ordering: "key",
    concurrency: 16,
    commitIntervalMs: 200,
    sessionTimeoutMs: 6000,
    groupProtocol: "classic",
    rebalance: "eager",
    retry: { maxAttempts: 3, backoffMs: [{ min: 0, max: 1000 }], slackMs: 500 },
    witnesses: ["ledger", "wire", "commit-log", "topics"],
    invariants: ["P1", "P1s", "P3", "K1", "X1", "V1", "V2", "V5"],
    headerCaps: { order: true, empty: true, null: true },
    limits: { settleMs: 30_000, commitMs: 5000, stopMs: 10_000 },
    duplicates: "explained",
  });
  const keys = ["YQ==", "Yg==", "Yw==", null];
  for (let o = 0; o < 20; o += 1) {
    for (const partition of [0, 1]) {
      add(
        {
          type: "produced",
          topic: "in",
          partition,
          offset: `${o}`,
          key: keys[o % 4],
          valueHash: "aA==",
        },
        1,
      );
    }
  }
  add({ type: "phase", phase: "steady" });
  for (const [member, p] of [
    ["m0", 0],
    ["m1", 1],
  ] as const) {
    add({ type: "member", member, state: "started" });
    add({ type: "join", member, memberId: `${member}-id` });
    add({
      type: "assignment",
      member,
      memberId: `${member}-id`,
      generation: 1,
      protocol: "classic",
      partitions: [["in", p]],
    });
  }
  let requests = 0;
  const commit = (member: string, partition: number, offset: number): void => {
    requests += 1;
    const id = `${requests}`;
    const at = { topic: "in", partition };
    add({
      type: "commit-request",
      member,
      memberId: `${member}-id`,
      generation: 1,
      id,
      version: 5,
      offsets: [{ ...at, offset: `${offset}`, metadata: "" }],
    });
    add({ type: "commit-answer", member, id, forwarded: true, results: [{ ...at, error: 0 }] });
    add({ type: "committed", ...at, offset: `${offset}`, metadata: "", seq: requests });
  };
  const begin = (member: string, partition: number, o: number): void =>
    add(
      {
        type: "begin",
        member,
        handle: `${member}-${o}`,
        epoch: "1",
        topic: "in",
        partition,
        offset: `${o}`,
        key: keys[o % 4],
        valueHash: "aA==",
        attempt: 1,
      },
      15,
    );
  const finish = (member: string, o: number): void =>
    add({ type: "finish", member, handle: `${member}-${o}`, result: "ok" }, 15);
  begin("m0", 0, 0);
  for (let o = 0; o < 20; o += 1) {
    if (o > 0 && o % 4 !== 0) {
      begin("m0", 0, o);
      finish("m0", o);
    }
    begin("m1", 1, o);
    finish("m1", o);
    if (o % 5 === 4) commit("m1", 1, o + 1);
    if (o === 9) {
      add({ type: "phase", phase: "inject" });
      add({ type: "fault", fault: "broker-sigterm", state: "injected", detail: "broker 1" });
      add({ type: "fault", fault: "broker-sigterm", state: "observed" }, 200);
      if (broken) commit("m0", 0, 8);
      add({ type: "fault", fault: "broker-sigterm", state: "healed" }, 400);
      add({ type: "phase", phase: "heal" });
    }
  }
  add({ type: "phase", phase: "quiesce" }, 300);
  finish("m0", 0);
  for (const o of [4, 8, 12, 16]) {
    begin("m0", 0, o);
    finish("m0", o);
  }
  commit("m0", 0, 20);
  for (const member of ["m0", "m1"]) {
    add({ type: "member", member, state: "stopping", deadlineMs: 5000 }, 200);
    add({ type: "leave", member, memberId: `${member}-id` });
    add({ type: "member", member, state: "exited", code: 0, signal: null, forced: false });
  }
  for (const partition of [0, 1]) {
    add({ type: "log-range", topic: "in", partition, start: "0", end: "20" });
    for (let o = 0; o < 20; o += 1) {
      add(
        {
          type: "visible",
          topic: "in",
          partition,
          offset: `${o}`,
          key: keys[o % 4],
          valueHash: "aA==",
          headers: [],
          timestamp: 1,
        },
        0,
      );
    }
  }
  return events;
}

/** A step of {@link orderHistory}: a handler of `m0` begins or finishes a record of key a. */
export type OrderStep =
  | { readonly begin: number; readonly attempt?: number; readonly member?: string }
  | { readonly finish: number; readonly result?: "ok" | "retry"; readonly member?: string };

/** Records 0 to `records` - 1 of key a in in/0, each step 10 ms after the one before. */
export function orderHistory(records: number, steps: readonly OrderStep[]): HistoryEvent[] {
  const [header] = sampleHistory(false);
  const start = header!.t;
  const record = { topic: "in", partition: 0, key: "YQ==", valueHash: "aA==" } as const;
  const handles = new Map<string, string>();
  let t = start;
  const events = steps.map((step, i): HistoryEvent => {
    const member = step.member ?? "m0";
    t += 10;
    if ("finish" in step) {
      const handle = handles.get(`${member} ${step.finish}`) ?? "";
      return { t, type: "finish", member, handle, result: step.result ?? "ok" };
    }
    const handle = `${member}-${i}`;
    handles.set(`${member} ${step.begin}`, handle);
    const { attempt = 1 } = step;
    const offset = `${step.begin}`;
    return { t, type: "begin", member, handle, epoch: `${member}-1`, ...record, offset, attempt };
  });
  const end: HistoryEvent = { t, type: "phase", phase: "quiesce" };
  const visible = Array.from({ length: records }, (_, o): HistoryEvent => {
    const more = { headers: [], timestamp: 1 };
    return { t, type: "visible", ...record, offset: `${o}`, ...more };
  });
  const invariants = { invariants: ["K1", "K2"] };
  return [{ ...header!, ...invariants } as HistoryEvent, ...events, end, ...visible];
}
