#!/usr/bin/env node
import { createRequire } from "node:module";
import { EnvironmentError } from "./cluster/environment-error.ts";
import { EXIT } from "./cli/exit-code.ts";
import { explain, chosen, listJson, listText } from "./cli/list.ts";
import { Answered, parseCommandLine, UsageError } from "./cli/options.ts";
import type { Request } from "./cli/options.ts";
import { KnownListError } from "./cli/known-list.ts";
import { replay } from "./cli/replay.ts";
import { run } from "./cli/run.ts";
import { InvalidRunError } from "./report/run-file.ts";
import { SubjectError } from "./subject/subject-error.ts";
import { killAllSubjects } from "./subject/subject-process.ts";
import { catalogue } from "./suite/index.ts";
import { SuiteFileError } from "./suite/problem.ts";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
/** Ctrl-C, an order to end, and a terminal that is closed. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseCommandLine(args, { out: print, err: complain }, version);
    return await perform(request);
  } catch (error) {
    return report(error);
  }
}

async function perform(request: Request): Promise<number> {
  switch (request.type) {
    case "list": {
      const cases = chosen(catalogue(), request.run);
      print(request.run.json ? listJson(cases) : listText(cases));
      return EXIT.ok;
    }
    case "explain": {
      const definition = catalogue().find(({ id }) => id === request.case);
      if (definition !== undefined) print(explain(definition));
      return EXIT.ok;
    }
    case "replay":
      return await replay(request.path, version, { out: process.stdout, err: process.stderr });
    default: {
      const abort = new AbortController();
      const stop = interruptible(abort);
      try {
        return await run(
          request,
          version,
          { out: process.stdout, err: process.stderr },
          abort.signal,
        );
      } catch (error) {
        if (abort.signal.aborted) return EXIT.interrupted;
        throw error;
      } finally {
        stop();
      }
    }
  }
}

/** The first Ctrl-C ends the run and cleans up, the second does not wait for that. */
function interruptible(abort: AbortController): () => void {
  const onSignal = (): void => {
    if (abort.signal.aborted) {
      killAllSubjects();
      process.exit(EXIT.interrupted);
    }
    complain("\nInterrupted: cleaning up (once more to leave at once).\n");
    abort.abort();
    killAllSubjects();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

/** A user's mistake and a missing tool get a sentence, only our own defects a stack. */
function report(error: unknown): number {
  if (error instanceof Answered) return EXIT.ok;
  if (error instanceof UsageError) {
    complain(`${error.message}\n(--help shows what there is)\n`);
    return EXIT.usage;
  }
  if (error instanceof InvalidRunError || error instanceof KnownListError) {
    complain(`${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof EnvironmentError) {
    complain(`${error.message}\n${error.remedy}\n`);
    return EXIT.environment;
  }
  if (error instanceof SuiteFileError) {
    complain(`The suite's files cannot be used:\n${error.message}\n`);
    return EXIT.harness;
  }
  if (error instanceof SubjectError) {
    complain(`${error.message}\n`);
    return EXIT.harness;
  }
  complain(
    `the suite itself has failed: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.harness;
}

function print(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}
