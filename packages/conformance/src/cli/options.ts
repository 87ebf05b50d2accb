import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { closest, distance } from "fastest-levenshtein";
import { SECURITY_KINDS, type SecurityKind } from "../cluster/client-security.ts";
import { catalogue } from "../suite/index.ts";
import { COLUMNS } from "./columns.ts";
import { KnownListError, readKnownList } from "./known-list.ts";
import type { Known, KnownLine, NamedLists } from "./known-list.ts";
import { matches } from "./pattern.ts";
import { SOAK_CASE } from "./soak.ts";
import type { SoakOptions } from "./soak.ts";

/** What the command line asks for. */
export type Request =
  | { readonly type: "list"; readonly run: RunOptions }
  | { readonly type: "explain"; readonly case: string }
  | { readonly type: "replay"; readonly path: string }
  | { readonly type: "run" | "self"; readonly run: RunOptions };

export interface RunOptions {
  /** Patterns over case ids; none means all. */
  readonly patterns: readonly string[];
  readonly level: Level | null;
  /** Columns by name, or a family of them (`rdkafka`); none means all. */
  readonly adapters: readonly string[];
  /** Whose cluster: nothing means one of ours, of the kind `cluster`. */
  readonly brokers: readonly string[];
  /** Properties file with what it takes to get into `brokers`. */
  readonly clientConfig: string | null;
  readonly cluster: ClusterKind;
  /** How subjects come into a local cluster; null for plaintext without login. */
  readonly security: SecurityKind | null;
  readonly seed: number;
  readonly out: string;
  readonly json: boolean;
  /** Null: no soak, cases once each. */
  readonly soak: SoakOptions | null;
  /** What is known to fail, or to fail now and then; for our own adapters the committed lists stand in. */
  readonly known: NamedLists;
  /** Somebody else's subject. */
  readonly command: readonly string[];
}

export const LEVELS = ["L0", "L1", "L2", "L3", "L4"] as const;
export type Level = (typeof LEVELS)[number];

/** Clusters that the suite starts itself. */
const CLUSTER_KINDS = ["local", "docker"] as const;
export type ClusterKind = (typeof CLUSTER_KINDS)[number];

/** Wrong usage: exit code 64. The message is ready to be printed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Help or the version was asked for and printed: exit code 0. */
export class Answered extends Error {
  override readonly name = "Answered";
}

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * @param args without node and script
 * @throws UsageError, Answered
 */
export function parseCommandLine(
  args: readonly string[],
  output: Output,
  version: string,
): Request {
  // What follows `--` is somebody's command line, options and all.
  const dashes = args.indexOf("--");
  const own = dashes === -1 ? args : args.slice(0, dashes);
  const command = dashes === -1 ? [] : args.slice(dashes + 1);
  if (dashes !== -1 && command.length === 0) {
    throw new UsageError("`--` must be followed by the command that starts your subject.");
  }
  let request: Request | null = null;
  const program = build(version, output, command, (parsed) => (request = parsed));
  try {
    program.parse([...own], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new Answered(error.message);
    if (error.code === "commander.excessArguments") throw new UsageError(unexpected(program));
    throw new UsageError(error.message.replace(/^error: /, ""));
  }
  if (request === null) throw new UsageError("nothing to do");
  return request;
}

/** A word that is no option where none was expected. */
function unexpected({ args, commands }: Command): string {
  const [first = ""] = args;
  const names = commands.map((command) => command.name());
  if (names.includes(first)) return `${first} cannot take "${args.at(-1)}" as well.`;
  if (caseIds().includes(first)) return `"${first}" is a case: --run ${first}`;
  return `"${first}" is no command.${suggestion(first, names)}`;
}

function build(
  version: string,
  output: Output,
  command: readonly string[],
  found: (request: Request) => void,
): Command {
  const program = new Command("conformance")
    .description(
      "Chaos against a real Kafka: shows, case by case, whether a consumer keeps the protocol.",
    )
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: () => {} })
    .allowExcessArguments(false)
    .addHelpText("after", HELP);
  addOptions(program)
    .option("--list", "show the cases, run nothing; with --json what they need and catch, too")
    .option("--explain <case>", "say what a case does, checks and catches", knownCase)
    .option("--soak", "faults of all kinds, drawn by the seed, over and over; with:")
    .option("--minutes <n>", "… for how long, each adapter (default: 10)", minutes)
    .option("--round <n>", "… only this round of it", roundNumber)
    .option("--dry-run", "… say what would go wrong and when, run nothing")
    .option("--known-failing <@file>", "cases that must fail, with reasons", knownList("failing"))
    .option("--known-flaky <@file>", "cases that may fail, with reasons", knownList("flaky"))
    .action((options: Parsed & { list?: true; explain?: string }) => {
      if (options.explain !== undefined) found({ type: "explain", case: options.explain });
      else found({ type: options.list ? "list" : "run", run: runOptions(options, command) });
    });
  addOptions(
    program
      .command("self")
      .description("test the suite itself: mutants must fail, a sabotaged harness must be unknown")
      .exitOverride()
      .allowExcessArguments(false),
  ).action((_: unknown, self: Command) => {
    // Options may stand before or after `self`; commander gives each place its own set.
    const options = { ...program.opts<Parsed>(), ...given(self) };
    if (options.knownFailing ?? options.knownFlaky) {
      throw new UsageError("self takes no lists: the cases say what a mutant must fail.");
    }
    if (soakOf(options) !== null)
      throw new UsageError("self is no soak: --run soak/nemesis runs a short one.");
    found({ type: "self", run: runOptions(options, command) });
  });
  program
    .command("replay")
    .description("judge what a run has recorded once more, and write its report again")
    .argument("<dir>", "folder of a run or of one case, or a history.jsonl")
    .exitOverride()
    .allowExcessArguments(false)
    .action((path: string) => found({ type: "replay", path }));
  return program;
}

interface Parsed {
  readonly run?: string[];
  readonly level?: Level;
  readonly adapter?: string[];
  readonly brokers?: string[];
  readonly clientConfig?: string;
  readonly cluster?: ClusterKind;
  readonly security?: SecurityKind;
  readonly seed: number;
  readonly out: string;
  readonly json?: true;
  readonly soak?: true;
  readonly minutes?: number;
  readonly round?: number;
  readonly dryRun?: true;
  readonly knownFailing?: KnownLine[];
  readonly knownFlaky?: KnownLine[];
}

function addOptions(command: Command): Command {
  return command
    .option(
      "--run <pattern>",
      "only cases that match, * and ** allowed; repeatable",
      collectPattern,
    )
    .addOption(
      new Option(
        "--level <level>",
        "only cases up to this level: vectors, one member, groups, faults, soak",
      ).choices(LEVELS),
    )
    .option("--adapter <name>", `${Object.keys(COLUMNS).join(", ")}; repeatable`, collectAdapter)
    .option("--brokers <host:port,…>", "your own cluster in place of a local one", brokerList)
    .option("--client-config <file>", "how to get into it: Java client properties, TLS and SASL")
    .addOption(new Option("--cluster <kind>", "what to start").choices(CLUSTER_KINDS))
    .addOption(
      new Option("--security <kind>", "how subjects come in to a local cluster").choices(
        SECURITY_KINDS,
      ),
    )
    .addOption(
      new Option("--seed <n>", "repeat a run's schedules and workloads")
        .env("SLUICE_SEED")
        .argParser(wholeNumber)
        .default(randomSeed(), "random"),
    )
    .option("--out <dir>", "folder for the report", "conformance-report")
    .option("--json", "results as JSON Lines on standard output");
}

/** Only what was said there: what stands in for it may have been said to the outer command. */
function given(command: Command): Partial<Parsed> {
  return Object.fromEntries(
    Object.entries(command.opts<Parsed>()).filter(
      ([name]) => command.getOptionValueSource(name) === "cli",
    ),
  );
}

function runOptions(options: Parsed, command: readonly string[]): RunOptions {
  checkCluster(options);
  const { knownFailing, knownFlaky } = options;
  return {
    patterns: options.run ?? [],
    level: options.level ?? null,
    adapters: options.adapter ?? [],
    brokers: options.brokers ?? [],
    clientConfig: options.clientConfig ?? null,
    cluster: options.cluster ?? "local",
    security: options.security ?? null,
    seed: options.seed,
    out: options.out,
    json: options.json ?? false,
    soak: soakOf(options),
    known: {
      ...(knownFailing === undefined ? {} : { failing: knownFailing }),
      ...(knownFlaky === undefined ? {} : { flaky: knownFlaky }),
    },
    command,
  };
}

/** @throws UsageError when options of a soak are without it, or choose cases */
function soakOf(options: Parsed): SoakOptions | null {
  const { soak, minutes = DEFAULT_MINUTES, round, dryRun } = options;
  if (soak === undefined) {
    const alone = [
      ...(options.minutes === undefined ? [] : ["--minutes"]),
      ...(round === undefined ? [] : ["--round"]),
      ...(dryRun === undefined ? [] : ["--dry-run"]),
    ];
    if (alone.length > 0) throw new UsageError(`${alone.join(" and ")} is for --soak.`);
    return null;
  }
  if (options.run !== undefined || options.level !== undefined) {
    throw new UsageError(
      `--soak is ${SOAK_CASE}, over and over: --run and --level choose nothing there.`,
    );
  }
  const rounds = Math.max(1, Math.round(minutes));
  if (round !== undefined && round > rounds) {
    throw new UsageError(`--round ${round}: a soak of ${minutes} min has ${rounds} rounds.`);
  }
  return { minutes, round: round ?? null, dryRun: dryRun ?? false };
}

/** @throws UsageError when one option says what another one denies */
function checkCluster({ brokers, clientConfig, cluster, security }: Parsed): void {
  if (brokers === undefined && clientConfig !== undefined) {
    throw new UsageError("--client-config is for your own cluster: give --brokers, too.");
  }
  if (brokers !== undefined && cluster !== undefined) {
    throw new UsageError(`--brokers is a cluster already: --cluster ${cluster} would be another.`);
  }
  if (security !== undefined && (brokers !== undefined || cluster === "docker")) {
    throw new UsageError(
      "--security is for a local cluster; how to get into yours is said by --client-config.",
    );
  }
}

function collectPattern(pattern: string, before: readonly string[] = []): string[] {
  if (pattern === "") throw new InvalidArgumentError("Name a case, or a pattern like group/*.");
  if (!catalogue().some(({ id }) => matches(pattern, id))) {
    throw new InvalidArgumentError(`No case matches it.${suggestion(pattern, caseIds())}`);
  }
  return [...before, pattern];
}

function collectAdapter(name: string, before: readonly string[] = []): string[] {
  if (!Object.hasOwn(COLUMNS, name)) {
    throw new InvalidArgumentError(`No such adapter.${suggestion(name, Object.keys(COLUMNS))}`);
  }
  return [...before, name];
}

function knownCase(id: string): string {
  if (catalogue().some((definition) => definition.id === id)) return id;
  throw new InvalidArgumentError(`No such case.${suggestion(id, caseIds())}`);
}

/** `@` as elsewhere: what follows is a file. A pattern on the command line could give no reason. */
function knownList(list: Known["list"]): (text: string, before?: KnownLine[]) => KnownLine[] {
  return (text, before = []) => {
    if (!/^@./.test(text)) {
      throw new InvalidArgumentError(`Give a file, as @${list}.txt, with a reason on each line.`);
    }
    try {
      return [...before, ...readKnownList(list, text.slice(1), runnableIds())];
    } catch (error) {
      if (error instanceof KnownListError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

function brokerList(text: string): string[] {
  const brokers = text.split(",").map((broker) => broker.trim());
  const wrong = brokers.find((broker) => {
    const port = /^(?:\[[^\]]+\]|[^:\s]+):(\d{1,5})$/.exec(broker)?.[1];
    return port === undefined || Number(port) < 1 || Number(port) > 65_535;
  });
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`"${wrong}" is not host:port, e.g. localhost:9092.`);
  }
  return brokers;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_ffff) {
    throw new InvalidArgumentError("A seed is a whole number from 0 to 4294967295.");
  }
  return Number(text);
}

const DEFAULT_MINUTES = 10;
const MOST_MINUTES = 7 * 24 * 60;

function minutes(text: string): number {
  const value = /^\d{1,5}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0.5 && value <= MOST_MINUTES) return value;
  throw new InvalidArgumentError(`Minutes from 0.5 to ${MOST_MINUTES}.`);
}

function roundNumber(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Rounds are counted from 1.");
}

function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

function caseIds(): string[] {
  return catalogue().map(({ id }) => id);
}

/** Without drafts: what they would do is not known. */
export function runnableIds(): string[] {
  return catalogue().flatMap(({ id, draft }) => (draft === null ? [id] : []));
}

/** More than these are no help in an error. */
const MOST_NAMED = 20;

function suggestion(word: string, known: readonly string[]): string {
  const longer = known.filter((name) => word.length > 2 && name.includes(word));
  if (longer.length > 0 && longer.length < 4) return ` Did you mean ${longer.join(" or ")}?`;
  const nearest = closest(word, known);
  const near = distance(word, nearest) <= Math.max(2, nearest.length / 2);
  if (near) return ` Did you mean ${nearest}?`;
  return known.length > MOST_NAMED ? " --list shows them." : ` There are: ${known.join(", ")}.`;
}

const HELP = `
Examples:
  $ pnpm conformance                                     both adapters, all cases, a local Kafka
  $ pnpm conformance --list                              the cases
  $ pnpm conformance --explain core/hold-head            one case in words
  $ pnpm conformance --run 'group/*' --adapter rdkafka   some cases, one adapter
  $ pnpm conformance --run core/hold-head --seed 42      the same schedule again
  $ pnpm conformance --brokers localhost:9092            your cluster: no faults there, those cases are skipped
  $ pnpm conformance --brokers b1:9093 --client-config client.properties    … with TLS or SASL; secrets stay in the file
  $ pnpm conformance --security mtls                     a local Kafka that subjects reach by mutual TLS
  $ pnpm conformance --cluster docker                    Kafka in containers
  $ pnpm conformance -- java -jar my-subject.jar         your own consumer, in any language
  $ pnpm conformance --level L0 -- python3 my_reader.py  vectors only: a reader or writer, no Kafka and no consumer needed
  $ pnpm conformance --known-failing @known.txt -- ./mine    those cases must fail, all others pass
  $ pnpm conformance --soak --minutes 10 --seed 7        faults of all kinds, composed by the seed, a verdict a minute
  $ pnpm conformance --soak --seed 7 --dry-run           what would go wrong there, and when
  $ pnpm conformance self                                does the suite still bite?
  $ pnpm conformance check history.jsonl                 judge a recorded history again; --help has more
  $ pnpm conformance replay conformance-report           the same histories, judged by this version

Exit codes:
  0    all passed, or skipped for a declared reason
  1    a violation (for self: a mutant survived)
  2    unknown: a fault or guard was not seen, nothing can be said
  3    the harness, the subject's protocol or a file of the suite broke
  4    environment: no cluster, no JDK, no rdkafka addon
  64   wrong usage
  130  interrupted
`;
