#!/usr/bin/env node
import { createRequire } from "node:module";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { HistoryFileError, readHistory } from "./read-history.ts";
import { Answered, parseCommandLine, UsageError } from "./options.ts";
import type { Options } from "./options.ts";
import { asJson, asText } from "./report.ts";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
// `sluice-check … | head` closes our output early: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    return await judge(parseCommandLine(args, version));
  } catch (error) {
    if (error instanceof Answered) {
      process.stdout.write(error.text);
      return EXIT.pass;
    }
    if (error instanceof UsageError || error instanceof HistoryFileError) {
      const hint = error instanceof UsageError ? "(--help shows what there is)\n" : "";
      process.stderr.write(`${error.message}\n${hint}`);
      return EXIT.usage;
    }
    throw error;
  }
}

async function judge({ file, invariants, json }: Options): Promise<number> {
  const check = await readHistory(file, invariants);
  const judgement = check.judge();
  const color = (process.stdout.isTTY ?? false) && process.env["NO_COLOR"] === undefined;
  process.stdout.write(
    json ? asJson(judgement, check.events) : asText(judgement, check.events, color),
  );
  return exitCodeOf(judgement.verdict);
}
