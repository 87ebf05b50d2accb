import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "@sluice/checker";
import type { InvariantId, Judgement, Witness as WitnessName } from "@sluice/checker";
import type { Cluster } from "../cluster/cluster.ts";
import type { Proxy } from "../proxy/proxy.ts";
import type { Artefact, Outcome } from "../report/run-report.ts";
import { SubjectError } from "../subject/subject-error.ts";
import type { Witness } from "../witness/witness.ts";
import type { Case } from "./case.ts";
import type { CaseSettings } from "./case-settings.ts";
import { DEFAULT_SETTINGS } from "./case-settings.ts";
import type { CaseNames, Sabotage } from "./case-run.ts";
import { CaseRun } from "./case-run.ts";
import { Unmet } from "./condition.ts";
import { commonGuards } from "./guards.ts";
import { History } from "./history.ts";
import { Ledger } from "./ledger.ts";
import type { Member } from "./member.ts";
import { recordFinalContent } from "./final-content.ts";
import type { SubjectUnderTest } from "./subject-under-test.ts";
import { WireRecorder } from "./wire-recorder.ts";
import { WireView } from "./wire-view.ts";
import { WithheldFrames } from "./withheld-frames.ts";
import type { WithheldFrame } from "./withheld-frames.ts";
import { DEFAULT_WORKLOAD, workload } from "./workload.ts";

/** What a case is run on. */
export interface Bench {
  readonly cluster: Cluster;
  readonly proxy: Proxy | null;
  readonly witness: Witness;
  /** What the cases so far have created on the cluster. */
  readonly created: CaseNames[];
}

export interface CaseOptions {
  readonly seed: number;
  /** Distinguishes this run of the case from all others on the cluster. */
  readonly serial: number;
  /** Folder for history and logs, or null to keep none. */
  readonly outDir: string | null;
  readonly step: (text: string) => void;
  readonly sabotage?: Sabotage | null;
  /** Ctrl-C: stop waiting, clean up. */
  readonly signal?: AbortSignal;
}

export interface CaseOutcome {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly judgement: Judgement | null;
  /** Paths relative to `outDir`. */
  readonly artefacts: readonly Artefact[];
  readonly logs: readonly { readonly source: string; readonly text: string }[];
}

const HEALTHY_MS = 15_000;
const READ_MS = 20_000;
const FAILED_SETTLE_MS = 4_000;

/** Runs one case with one subject and judges what happened. Throws only for the harness's own defects. */
export async function runCase(
  definition: Case,
  subject: SubjectUnderTest,
  bench: Bench,
  options: CaseOptions,
): Promise<CaseOutcome> {
  const settings: CaseSettings = { ...DEFAULT_SETTINGS, ...definition.settings };
  const names = namesFor(definition, settings, bench.cluster, options.serial);
  if (options.outDir !== null) mkdirSync(options.outDir, { recursive: true });
  const history = new History(
    options.outDir === null ? null : join(options.outDir, "history.jsonl"),
  );
  const members = new Map<string, Member>();
  const ledger = new Ledger(
    history,
    (work, result) => members.get(work.member)?.finish(work, result),
    settings.retry.maxAttempts,
  );
  const wire = new WireView(history);
  const sabotage = options.sabotage ?? null;
  const run = new CaseRun({
    cluster: bench.cluster,
    proxy: bench.proxy,
    witness: bench.witness,
    subject,
    settings,
    names,
    seed: options.seed,
    history,
    ledger,
    wire,
    produced: [],
    members,
    step: options.step,
    sabotage,
    signal: options.signal ?? new AbortController().signal,
  });
  // A sabotaged harness does not know that it is one: it claims every witness.
  const witnesses = witnessesOf(bench.cluster);
  recordCase(history, definition, subject, settings, names, options.seed, witnesses);

  const recorder =
    bench.proxy === null || sabotage === "wire-off"
      ? null
      : new WireRecorder(bench.proxy, history, {
          group: names.group,
          isMember: (clientId) => members.has(clientId),
          divertTopics: new Set(names.deadLetterTopic === null ? [] : [names.deadLetterTopic]),
        });
  const frames =
    bench.proxy === null ? null : new WithheldFrames(bench.proxy, (client) => members.has(client));
  let withheld: readonly WithheldFrame[] = [];
  const onBroker = definition.needs.includes("broker");
  const offCommits = bench.witness.onCommit(names.group, (commit) => {
    if (sabotage === "commit-log-off" || commit.offset === null) return;
    history.record({
      type: "committed",
      topic: commit.topic,
      partition: commit.partition,
      offset: commit.offset,
      metadata: commit.metadata,
      seq: commit.seq,
      // Before there is a member, only the set-up can have written it.
      ...(members.size === 0 ? { own: true } : {}),
    });
  });

  const polled = witnesses.includes("polls");
  let polls: { close(): Promise<void> } | null = null;
  let ending: Ending = { type: "played" };
  try {
    if (onBroker) await prepare(run, definition, settings);
    if (onBroker && polled) polls = await pollCommits(run, sabotage === "commit-log-off");
    ending = await play(run, definition);
    if (onBroker) await settleDown(run, ending);
    // What is committed when nobody is left to commit is what the last poll shows.
    if (polls !== null) await attempt(run, "last poll", async () => await polls?.close());
    if (onBroker && ending.type !== "broken" && sabotage !== "topics-off") {
      options.step("read what the topics hold");
      await attempt(run, "final-content", () => recordFinalContent(run, READ_MS));
    }
    if (onBroker) commonGuards(run, definition, recorder?.unread ?? []);
  } finally {
    ledger.close();
    recorder?.close();
    withheld = frames?.close() ?? [];
    offCommits();
    await polls?.close().catch(() => {});
    bench.proxy?.removeAllRules();
    await Promise.all([...members.values()].map((member) => member.kill()));
    await history.close();
    if (onBroker) bench.created.push(names);
  }
  const logs = logsOf(members);
  // The broker's log matters where the broker was the victim; elsewhere it only fills the screen.
  if (definition.needs.includes("brokerFaults")) logs.push(...brokerLogs(bench.cluster));
  const artefacts = keep(options.outDir, logs, withheld);
  if (ending.type === "broken") {
    return { outcome: "error", reason: ending.error.message, judgement: null, artefacts, logs };
  }
  const judgement = check(history.events);
  return { outcome: judgement.verdict, judgement, artefacts, logs };
}

/** Half an interval apart, so that no commit of a member is in force for long unseen. */
async function pollCommits(run: CaseRun, blind: boolean): Promise<{ close(): Promise<void> }> {
  const { witness, group, topic, settings, history } = run;
  const everyMs = settings.commitIntervalMs / 2;
  return await witness.pollCommits({ group, topic, everyMs }, ({ asked, offsets }) => {
    if (blind) return;
    const own = run.members.length === 0 ? { own: true } : {};
    history.record({ type: "polled", asked, offsets, ...own });
  });
}

/** Topics and workload, before any subject is there. */
async function prepare(run: CaseRun, definition: Case, settings: CaseSettings): Promise<void> {
  const { witness, topic, deadLetterTopic, history } = run;
  run.step("create topics and produce the workload");
  await witness.createTopic(topic, settings.partitions);
  if (deadLetterTopic !== null) await witness.createTopic(deadLetterTopic, 3);
  const records =
    definition.workload?.(run.seed) ??
    workload(run.seed, { ...DEFAULT_WORKLOAD, partitions: settings.partitions });
  for (const produced of await witness.produce(topic, records)) run.recordProduced(produced);
  history.record({ type: "phase", phase: "steady" });
}

/** How the script of a case ended. */
type Ending =
  | { readonly type: "played" }
  /** The subject did not get to where the case needs it, or a member failed. */
  | { readonly type: "subject-failed" }
  | { readonly type: "environment-failed" }
  /** The protocol on stdio was broken: nothing can be judged. */
  | { readonly type: "broken"; readonly error: SubjectError };

async function play(run: CaseRun, definition: Case): Promise<Ending> {
  try {
    await definition.run(run);
    return { type: "played" };
  } catch (error) {
    if (error instanceof Unmet) {
      run.guard(error.condition, false, error.detail, error.blame);
      return { type: error.blame === "subject" ? "subject-failed" : "environment-failed" };
    }
    if (!(error instanceof SubjectError)) throw error;
    if (PROTOCOL.has(error.code)) return { type: "broken", error };
    run.guard("member takes part", false, error.message, "subject");
    return { type: "subject-failed" };
  }
}

/** Codes that mean nothing can be judged; the others are a member that failed. */
const PROTOCOL: ReadonlySet<string> = new Set([
  "spawn",
  "garbage",
  "invalid",
  "too-long",
  "too-many",
  "version",
  "not-reading",
] satisfies SubjectError["code"][]);

/** Everything healed and let go: the rest must now settle, be committed, and the members leave. */
async function settleDown(run: CaseRun, ending: Ending): Promise<void> {
  const { history, settings } = run;
  run.healEverything();
  history.record({ type: "phase", phase: "quiesce" });
  if (ending.type === "broken") return;
  await attempt(run, "healthy", async () => {
    await run.cluster.healthy(HEALTHY_MS);
    run.guard("healthy", true, "every partition has a leader and the coordinator answers");
  });
  // A subject that failed the script has failed by V1 already: this is for the record only.
  const failed = ending.type === "subject-failed";
  await quietly(() => run.untilSettled(failed ? FAILED_SETTLE_MS : settings.limits.settleMs));
  await quietly(() =>
    run.until("everything is committed", () => run.uncommitted() === 0, {
      withinMs: failed ? FAILED_SETTLE_MS : settings.limits.commitMs,
    }),
  );
  run.step("stop the members");
  await Promise.all(run.members.map((member) => member.stop(settings.limits.stopMs)));
}

/** What is not reached here is judged from the history (V1, V2), not by the wait. */
async function quietly(wait: () => Promise<void>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    if (!(error instanceof Unmet) && !(error instanceof SubjectError)) throw error;
  }
}

/** A step of the harness whose failure leaves the case unknown, with the reason. */
async function attempt(run: CaseRun, guard: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    run.guard(guard, false, error instanceof Error ? error.message : String(error));
  }
}

function recordCase(
  history: History,
  definition: Case,
  subject: SubjectUnderTest,
  settings: CaseSettings,
  names: CaseNames,
  seed: number,
  witnesses: readonly WitnessName[],
): void {
  const { maxAttempts, backoffMs } = settings.retry;
  history.record({
    type: "case",
    history: 1,
    id: definition.id,
    seed,
    subject: subject.id,
    group: names.group,
    topics: { [names.topic]: definition.growsTo ?? settings.partitions },
    deadLetterTopic: names.deadLetterTopic,
    ordering: settings.ordering,
    concurrency: settings.concurrency,
    commitIntervalMs: settings.commitIntervalMs,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    groupProtocol: subject.mode.groupProtocol,
    rebalance: subject.mode.rebalance,
    retry: {
      maxAttempts,
      backoffMs: Array.from({ length: maxAttempts - 1 }, () => ({
        min: backoffMs,
        max: backoffMs,
      })),
      slackMs: RETRY_SLACK_MS,
    },
    witnesses,
    invariants: definition.invariants.filter((id) => canSee(id, witnesses)),
    headerCaps: subject.hello.capabilities.headers,
    limits: settings.limits,
    duplicates: definition.duplicates,
    ...(settings.bufferBytes === null
      ? {}
      : { buffer: { records: null, bytes: settings.bufferBytes + oneFetch(settings) } }),
  });
}

/** Of each partition what Kafka's clients ask for at once when nobody tells them otherwise. */
function oneFetch({ partitions }: CaseSettings): number {
  return partitions * 1024 * 1024;
}

/** A timer may fire late on a loaded machine; it never fires early. */
const RETRY_SLACK_MS = 3_000;

function witnessesOf({ can }: Cluster): WitnessName[] {
  return [
    "ledger",
    ...(can.proxy ? (["wire"] as const) : []),
    ...(can.commitLog ? (["commit-log"] as const) : []),
    ...(can.proxy || can.commitLog ? [] : (["polls"] as const)),
    "topics",
  ];
}

/** On a cluster without proxy and commit log some invariants have no witness: not demanded there. */
function canSee(id: InvariantId, witnesses: readonly WitnessName[]): boolean {
  const needed = WITNESS_OF[id] ?? [];
  return needed.length === 0 || needed.some((witness) => witnesses.includes(witness));
}

const WITNESS_OF: Partial<Record<InvariantId, readonly WitnessName[]>> = {
  P1: ["commit-log", "wire", "polls"],
  P1s: ["wire"],
  P2: ["commit-log", "wire", "polls"],
  P3: ["commit-log", "polls"],
  P4: ["wire"],
  P5: ["wire"],
  Q3: ["wire"],
  V2: ["commit-log", "wire", "polls"],
  V3: ["wire"],
};

function namesFor(
  definition: Case,
  settings: CaseSettings,
  cluster: Cluster,
  serial: number,
): CaseNames {
  const base = `${cluster.prefix}.${definition.id.replaceAll("/", ".")}.${serial}`;
  return {
    group: base,
    topic: `${base}.in`,
    deadLetterTopic: settings.deadLetter ? `${base}.dlq` : null,
  };
}

interface Log {
  readonly source: string;
  readonly text: string;
}

function logsOf(members: ReadonlyMap<string, Member>): Log[] {
  return [...members]
    .map(([name, member]) => ({ source: `${name} stderr`, text: member.stderr.trim() }))
    .filter(({ text }) => text !== "");
}

function brokerLogs(cluster: Cluster): Log[] {
  return cluster.nodes.map((node) => ({ source: `broker ${node}`, text: cluster.log(node) }));
}

function keep(
  outDir: string | null,
  logs: readonly Log[],
  withheld: readonly WithheldFrame[],
): Artefact[] {
  if (outDir === null) return [];
  const artefacts: Artefact[] = [{ kind: "history", path: "history.jsonl" }];
  if (withheld.length > 0) {
    const path = "withheld.jsonl";
    writeFileSync(
      join(outDir, path),
      withheld.map((frame) => `${JSON.stringify(frame)}\n`).join(""),
    );
    artefacts.push({ kind: "wire", path });
  }
  for (const { source, text } of logs) {
    const path = `${source.replaceAll(/[^a-z0-9-]+/gi, "-")}.log`;
    writeFileSync(join(outDir, path), `${text}\n`);
    artefacts.push({ kind: "log", path });
  }
  return artefacts;
}
