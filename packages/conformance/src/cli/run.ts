import { mkdirSync, rmSync } from "node:fs";
import { release, type } from "node:os";
import { join, resolve } from "node:path";
import { SPEC_VERSION } from "@sluice/spec";
import type { Cluster } from "../cluster/cluster.ts";
import { pickCluster } from "../cluster/pick-cluster.ts";
import { readClientConfig } from "../cluster/read-client-config.ts";
import { hasColors } from "../report/has-colors.ts";
import { createProgress } from "../report/live-progress.ts";
import { RunFile } from "../report/run-file.ts";
import { totalsOf } from "../report/run-report.ts";
import type {
  CaseResult,
  RunFooter,
  RunHeader,
  RunReport,
  UnplannedCell,
} from "../report/run-report.ts";
import { renderTerminal } from "../report/terminal.ts";
import { mebibytes } from "../report/words.ts";
import { writeReport } from "../report/write-report.ts";
import { benchFor, benchWithoutCluster, closeBench, othersThere } from "../runner/bench.ts";
import type { Bench } from "../runner/run-case.ts";
import { missingCapability, runSuite } from "../runner/run-suite.ts";
import type { Planned } from "../runner/run-suite.ts";
import { defectOf, planSelfTest } from "../runner/self-test.ts";
import type { SubjectUnderTest } from "../runner/subject-under-test.ts";
import { killAllSubjects } from "../subject/subject-process.ts";
import type { Case } from "../runner/case.ts";
import { catalogue } from "../suite/index.ts";
import type { SuiteCase } from "../suite/to-case.ts";
import { COLUMNS, columnsFor } from "./columns.ts";
import { exitCodeFor, EXIT } from "./exit-code.ts";
import { chosen, chosenToRun } from "./list.ts";
import { checkSubjects, committedList, knownOf, knownOfOurs } from "./known-list.ts";
import type { KnownLine } from "./known-list.ts";
import { runnableIds } from "./options.ts";
import type { Request, RunOptions } from "./options.ts";
import { isRound, SOAK_CASE, soakPlan, soakRounds, soakTally } from "./soak.ts";
import { foreignSubject, infoOf, mutantSubject, subjectsFor } from "./subjects.ts";

type RunRequest = Extract<Request, { type: "run" | "self" }>;

export interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

/**
 * A whole run: cluster, cells, report. The answer is the exit code.
 *
 * @throws EnvironmentError when something is missing on this machine
 * @throws SubjectError when a subject cannot even say who it is
 */
export async function run(
  request: RunRequest,
  version: string,
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const { run: options } = request;
  const progress = createProgress(streams.err, { color: hasColors(streams.err) });
  const started = performance.now();
  let bench: Bench | null = null;
  try {
    const subjects = await choose(request);
    const plan = planFor(request, subjects);
    if (plan.length === 0) {
      const asked = chosen(catalogue(), options);
      const drafts = asked.length > 0 && asked.every(({ draft }) => draft !== null);
      progress.note(
        drafts
          ? "Nothing to run: what was chosen is a draft. --explain says why."
          : "Nothing to run: the chosen cases are not in the chosen columns.",
      );
      return EXIT.usage;
    }
    progress.note(`seed ${options.seed}`);
    if (options.soak?.dryRun === true) {
      for (const subject of subjects) {
        const rounds = casesFor(request).filter((definition) =>
          covers(options, subject, definition),
        );
        const plan = soakPlan(rounds, options.seed, subject, expectedCluster(options));
        streams.out.write(plan);
      }
      return EXIT.ok;
    }
    const outDir = resolve(options.out);
    const tell = (line: object): void => {
      if (options.json) streams.out.write(`${JSON.stringify(line)}\n`);
    };
    const cases: CaseResult[] = [];
    let opened: { readonly header: RunHeader; readonly file: RunFile } | null = null;
    for (const stage of stagesOf(plan, options)) {
      if (signal.aborted) break;
      bench = await benchOf(stage, options, signal, (line) => progress.note(line));
      if (opened === null) {
        const header = headerFor(request, plan, bench, version);
        rmSync(join(outDir, "cases"), { recursive: true, force: true });
        mkdirSync(outDir, { recursive: true });
        opened = { header, file: new RunFile(outDir, header) };
        tell(header);
      }
      const { file } = opened;
      await runSuite(stage.cells, bench, {
        seed: options.seed,
        outDir,
        progress,
        before: cases.length,
        of: plan.length,
        repro: (planned) => reproOf(request, planned),
        onResult: (result) => {
          cases.push(result);
          file.add(result);
          tell(result);
          if (!isRound(result)) return;
          // Of the subject that is being soaked: the others' rounds are over, or to come.
          const own = cases.filter(({ subject }) => subject === result.subject);
          for (const line of soakTally(own)) progress.note(`${line} · ${memoryInWords()}`);
        },
        signal,
      });
      const over = bench;
      bench = null;
      await end(over);
    }
    if (signal.aborted || opened === null) return EXIT.interrupted;
    const { header, file } = opened;
    const footer = footerFor(cases, started);
    file.finish(footer);
    tell(footer);
    progress.close();
    const report: RunReport = { header, cases, footer };
    writeReport(outDir, report);
    const screen = options.json ? streams.err : streams.out;
    const text = renderTerminal(report, { color: hasColors(screen) });
    const soak = soakTally(cases).map((line) => `${line}\n`);
    screen.write(
      `\n${soak.join("")}${soak.length > 0 ? "\n" : ""}${text}\nreport   ${join(options.out, "index.html")}\n`,
    );
    return footer.exitCode;
  } finally {
    progress.close();
    killAllSubjects();
    if (bench !== null) await end(bench);
  }
}

async function choose({ type: kind, run: options }: RunRequest): Promise<SubjectUnderTest[]> {
  if (kind === "self") return await referencesFor(chosen(catalogue(), options));
  if (options.command.length > 0) return [await foreignSubject(options.command)];
  return await subjectsFor(columnsFor(options.adapters));
}

/**
 * What mutants are made of: kafkajs, whose insides can be reached from here, and where a case needs
 * what it has not, rdkafka.
 */
async function referencesFor(cases: readonly Case[]): Promise<SubjectUnderTest[]> {
  const [kafkajs] = (await subjectsFor(["kafkajs"])) as [SubjectUnderTest];
  const beyond = cases.some(
    (definition) =>
      definition.draft === null &&
      Object.keys(definition.kills).length > 0 &&
      missingCapability(definition, kafkajs) !== null,
  );
  return beyond ? [kafkajs, ...(await subjectsFor(["rdkafka/cooperative"]))] : [kafkajs];
}

/** What is to be run, of the catalogue or of a soak. */
function casesFor({ run: options }: RunRequest): SuiteCase[] {
  const all = catalogue();
  if (options.soak !== null) {
    const soak = all.find(({ id }) => id === SOAK_CASE);
    if (soak === undefined) throw new Error(`the catalogue has no ${SOAK_CASE}`);
    return soakRounds(soak, options.soak);
  }
  return chosenToRun(all, options).filter(({ draft }) => draft === null);
}

function covers({ adapters }: RunOptions, { id }: SubjectUnderTest, definition: Case): boolean {
  return adapters.includes(id) || (COLUMNS[id]?.covers(definition) ?? true);
}

function planFor(request: RunRequest, subjects: SubjectUnderTest[]): Planned[] {
  const { type: kind, run: options } = request;
  const cases = casesFor(request);
  if (kind === "self") {
    const wanted = new Set(cases.map(({ id }) => id));
    return planSelfTest(catalogue(), subjects, mutantSubject).filter((planned) =>
      wanted.has(planned.case.id),
    );
  }
  const known = knownLines(options, subjects);
  // Subject by subject: a reader of the progress sees one adapter whole before the next.
  return subjects.flatMap((subject) =>
    cases
      .filter((definition) => covers(options, subject, definition))
      .map((definition) => {
        const id = options.soak === null ? definition.id : SOAK_CASE;
        const expected = knownOf(known, id, subject.id);
        return {
          case: definition,
          subject,
          ...(expected === undefined ? {} : { known: expected }),
        };
      }),
  );
}

/** Somebody else's subject has no lists but those that it brings. @throws KnownListError */
function knownLines({ known, command }: RunOptions, subjects: SubjectUnderTest[]): KnownLine[] {
  const foreign = command.length > 0;
  const lines = foreign
    ? Object.values(known).flat()
    : knownOfOurs(known, (list) => committedList(list, runnableIds()));
  checkSubjects(lines, foreign ? subjects.map(({ id }) => id) : Object.keys(COLUMNS));
  return lines;
}

/** Cells that share a cluster. */
interface Stage {
  readonly nodes: 1 | 3;
  readonly cells: readonly Planned[];
}

/**
 * What needs brokers that take over from each other comes last, on a cluster of three: one node is
 * quicker for all the rest, and this machine need never run four.
 */
function stagesOf(plan: readonly Planned[], { brokers, soak }: RunOptions): Stage[] {
  if (brokers.length > 0) return [{ nodes: 1, cells: plan }];
  if (soak !== null) {
    // A cluster keeps the topics of all its rounds: after so many there is a new one.
    const count = Math.ceil(plan.length / ROUNDS_A_CLUSTER);
    return Array.from({ length: count }, (_, i) => ({
      nodes: 3,
      cells: plan.slice(i * ROUNDS_A_CLUSTER, (i + 1) * ROUNDS_A_CLUSTER),
    }));
  }
  const failsOver = ({ case: { needs } }: Planned): boolean => needs.includes("failover");
  const stages: Stage[] = [
    { nodes: 1, cells: plan.filter((cell) => !failsOver(cell)) },
    { nodes: 3, cells: plan.filter(failsOver) },
  ];
  return stages.filter(({ cells }) => cells.length > 0);
}

const ROUNDS_A_CLUSTER = 30;

/** What the cluster of a soak will be able to do, before it is there. */
function expectedCluster({ brokers, cluster }: RunOptions): Pick<Cluster, "can" | "nodes"> {
  const ours = brokers.length === 0;
  return {
    nodes: ours ? [1, 2, 3] : [],
    can: {
      proxy: ours,
      brokerFaults: ours,
      failover: ours,
      diskFull: ours && cluster === "local" && process.platform === "linux",
      commitLog: ours,
      transactions: ours,
      sasl: false,
    },
  };
}

/** A cluster only when something needs one. @throws EnvironmentError */
async function benchOf(
  { nodes, cells }: Stage,
  { brokers, clientConfig, cluster: kind, security }: RunOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Bench> {
  const needed = cells.some(
    ({ case: definition, subject }) =>
      definition.needs.includes("broker") && missingCapability(definition, subject) === null,
  );
  if (!needed) return benchWithoutCluster();
  const cluster = await pickCluster({
    brokers,
    kind,
    nodes,
    signal,
    log,
    ...(clientConfig === null ? {} : { clientSecurity: readClientConfig(clientConfig) }),
    ...(security === null ? {} : { security }),
  });
  try {
    const bench = await benchFor(cluster);
    const others = await othersThere(bench);
    if (others !== null) log(others);
    return bench;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function end(bench: Bench): Promise<void> {
  try {
    await closeBench(bench);
  } finally {
    await bench.cluster.close();
  }
}

function headerFor(
  { type: kind, run: options }: RunRequest,
  plan: readonly Planned[],
  { cluster }: Bench,
  version: string,
): RunHeader {
  const subjects = new Map(plan.map(({ subject }) => [subject.id, subject]));
  const cases = new Map(plan.map((planned) => [planned.case.id, planned.case]));
  return {
    type: "header",
    report: 1,
    spec: SPEC_VERSION,
    runner: version,
    startedAt: new Date().toISOString(),
    seed: options.seed,
    commandLine: process.argv.slice(2).join(" "),
    cluster: { kind: cluster.kind, reason: cluster.reason, kafkaVersion: cluster.kafkaVersion },
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    subjects: [...subjects.values()].map((subject) => {
      const about = kind === "self" ? defectOf(subject.id) : null;
      return { ...infoOf(subject), ...(about === null ? {} : { about }) };
    }),
    cases: [...cases.values()].map(({ id, level, title, about }) => ({ id, level, title, about })),
    ...(kind === "self" ? {} : leftOut(plan, options)),
  };
}

/** What of the chosen cases is not run, and why: cells of some columns, and drafts. */
function leftOut(
  plan: readonly Planned[],
  options: RunOptions,
): Pick<RunHeader, "unplanned" | "drafts"> {
  const drafts = chosen(catalogue(), options).flatMap(({ id, level, title, about, draft }) =>
    draft === null ? [] : [{ id, level, title, about, reason: draft }],
  );
  return { unplanned: unplanned(plan), ...(drafts.length > 0 ? { drafts } : {}) };
}

function unplanned(plan: readonly Planned[]): UnplannedCell[] {
  const subjects = [...new Set(plan.map(({ subject }) => subject.id))];
  const cases = [...new Set(plan.map((cell) => cell.case.id))];
  const planned = new Set(plan.map((cell) => `${cell.case.id}\0${cell.subject.id}`));
  return subjects.flatMap((subject) =>
    cases
      .filter((id) => !planned.has(`${id}\0${subject}`))
      .map((id) => ({ case: id, subject, reason: COLUMNS[subject]?.only ?? "not chosen" })),
  );
}

function footerFor(cases: readonly CaseResult[], started: number): RunFooter {
  return {
    type: "footer",
    finishedAt: new Date().toISOString(),
    ms: Math.round(performance.now() - started),
    totals: totalsOf(cases),
    exitCode: exitCodeFor(cases),
    peakRssBytes: peakRssBytes(),
  };
}

/** The most memory that this process, without subjects and brokers, has had at any time. */
function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1_024;
}

function memoryInWords(): string {
  return `runner ${mebibytes(process.memoryUsage.rss())}, at most ${mebibytes(peakRssBytes())}`;
}

function reproOf({ type: kind, run: options }: RunRequest, planned: Planned): string {
  const foreign = options.command.length > 0 ? ` -- ${options.command.join(" ")}` : "";
  const adapter = foreign === "" && kind === "run" ? ` --adapter ${planned.subject.id}` : "";
  const cluster = [
    ...(options.brokers.length > 0 ? [` --brokers ${options.brokers.join(",")}`] : []),
    ...(options.clientConfig === null ? [] : [` --client-config ${options.clientConfig}`]),
    ...(options.cluster === "local" ? [] : [` --cluster ${options.cluster}`]),
    ...(options.security === null ? [] : [` --security ${options.security}`]),
  ].join("");
  const self = kind === "self" ? " self" : "";
  const what =
    options.soak === null
      ? `--run ${planned.case.id}`
      : `--soak --minutes ${options.soak.minutes} --round ${planned.case.id.split("/").at(-1)}`;
  return `pnpm conformance${self} ${what}${adapter}${cluster} --seed ${options.seed}${foreign}`;
}
