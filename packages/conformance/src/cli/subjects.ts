import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "../cluster/environment-error.ts";
import type { SubjectInfo } from "../report/run-report.ts";
import type { GroupMode, SubjectUnderTest } from "../runner/subject-under-test.ts";
import { GROUP_MODES } from "../runner/subject-under-test.ts";
import type { Capabilities, Introduction } from "../subject/protocol.ts";
import { excerpt, SubjectError } from "../subject/subject-error.ts";
import type { SubjectCommand } from "../subject/subject-process.ts";
import { SubjectProcess } from "../subject/subject-process.ts";
import { COLUMNS } from "./columns.ts";

const HELLO_MS = 20_000;

/**
 * The columns of the matrix, each subject asked once what it is and can.
 *
 * @throws SubjectError when one breaks the protocol
 * @throws EnvironmentError when the rdkafka addon is missing
 */
export async function subjectsFor(columns: readonly string[]): Promise<SubjectUnderTest[]> {
  const hellos = new Map<string, Promise<Introduction>>();
  const subjects: SubjectUnderTest[] = [];
  for (const id of columns) {
    const column = COLUMNS[id];
    if (column === undefined) throw new Error(`no column ${id}`);
    const { adapter, mode } = column;
    const command = ourCommand(["--adapter", adapter]);
    const hello = hellos.get(adapter) ?? ask(adapter, command);
    hellos.set(adapter, hello);
    try {
      subjects.push({ id, command, mode, hello: await hello });
    } catch (error) {
      if (!(error instanceof SubjectError) || adapter !== "rdkafka") throw error;
      if (error.code !== "refused" && error.code !== "died") throw error;
      throw new EnvironmentError(
        `The rdkafka adapter cannot be loaded: ${error.message}`,
        "Build its addon with `node tools/addon/ensure.mjs`, or run without it: --adapter kafkajs.",
        { cause: error },
      );
    }
  }
  return subjects;
}

/** Somebody else's subject, run as its capabilities allow. @throws SubjectError */
export async function foreignSubject(commandLine: readonly string[]): Promise<SubjectUnderTest> {
  const [command = "", ...args] = commandLine;
  const subject = { command, args };
  const hello = await ask(`\`${excerpt(commandLine.join(" "), 120)}\``, subject);
  return { id: hello.name, command: subject, mode: modeFor(hello.capabilities), hello };
}

/** A defective subject of the self test: the reference with a defect, but for the liar. */
export function mutantSubject(id: string, reference: SubjectUnderTest): SubjectUnderTest {
  const { command, args } = reference.command;
  return {
    ...reference,
    id: `mutant/${id}`,
    command:
      id === "liar"
        ? { command: process.execPath, args: [program("liar-subject")] }
        : { command, args: [...args, "--mutant", id] },
  };
}

export function infoOf({ id, hello }: SubjectUnderTest): SubjectInfo {
  const { name, version, language, runtime, client, capabilities } = hello;
  return { id, name, version, language, runtime, client, capabilities };
}

/** The newest protocol that the subject declares: what it would be used with. */
export function modeFor({ groupProtocol, rebalance }: Capabilities): GroupMode {
  if (groupProtocol.includes("consumer") && rebalance.includes("consumer")) {
    return GROUP_MODES.consumer;
  }
  return rebalance.includes("cooperative") ? GROUP_MODES.cooperative : GROUP_MODES.eager;
}

async function ask(name: string, command: SubjectCommand): Promise<Introduction> {
  const process = SubjectProcess.spawn(name, command, {
    event: () => {},
    broken: () => {},
    exited: () => {},
  });
  try {
    return await process.hello(HELLO_MS);
  } finally {
    await process.kill();
  }
}

function ourCommand(args: readonly string[]): SubjectCommand {
  return { command: process.execPath, args: [program("sluice-subject"), ...args] };
}

/** Subjects are programs: they are run as built, from wherever the runner itself was loaded. */
function program(name: string): string {
  const built = fileURLToPath(new URL(`../../dist/subjects/${name}.js`, import.meta.url));
  if (!existsSync(built)) {
    throw new EnvironmentError(`${built} is not there.`, "Build the packages first: `pnpm build`.");
  }
  return built;
}
