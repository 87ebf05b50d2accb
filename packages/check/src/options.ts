import { INVARIANT_IDS, invariantRule } from "@sluice/checker";
import type { InvariantId } from "@sluice/checker";
import { Command, CommanderError, InvalidArgumentError } from "commander";

export interface Options {
  /** `-` is standard input. */
  readonly file: string;
  /** In place of those that the history itself demands. */
  readonly invariants: readonly InvariantId[] | null;
  readonly json: boolean;
}

/** Wrong usage: exit code 64. The message is ready to be printed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Help or the version was asked for. */
export class Answered extends Error {
  override readonly name = "Answered";
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/**
 * @param args without node and script
 * @throws UsageError, Answered
 */
export function parseCommandLine(args: readonly string[], version: string): Options {
  let printed = "";
  const program = new Command("sluice-check")
    .description(
      "Judges a conformance history: which invariant was violated, where, when, and the few events that show it.",
    )
    .argument("<history>", "a history.jsonl, or - for standard input")
    .option("--invariant <ids>", "judge by these, separated by commas, or by all", invariantIds)
    .option("--json", "the whole judgement as JSON")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {} })
    .addHelpText("after", HELP);
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new Answered(printed);
    throw new UsageError(error.message.replace(/^error: /, ""));
  }
  const { invariant, json } = program.opts<{ invariant?: readonly InvariantId[]; json?: true }>();
  return { file: program.args[0]!, invariants: invariant ?? null, json: json ?? false };
}

function invariantIds(text: string): readonly InvariantId[] {
  if (text === "all") return INVARIANT_IDS;
  return text.split(",").map((name) => {
    const id = INVARIANT_IDS.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (id !== undefined) return id;
    throw new InvalidArgumentError(
      `There is no invariant "${name.trim()}"; there are ${INVARIANT_IDS.join(", ")}, and all.`,
    );
  });
}

const HELP = `
A history is what witnesses recorded while a Kafka consumer was put under stress: JSON Lines, one event a line, the first
of type case. The conformance suite leaves one for each case (conformance-report/cases/*/history.jsonl); the format is
@sluice/spec's history.schema.json.

The verdict is the worst of what was found, in this order:
  fail      an invariant was violated, whatever else could not be told
  unknown   nothing was violated, but something the case rests on could not be established
  pass      every invariant examined something and held, and every guard was met

Invariants (those that the history's first line demands, unless --invariant says otherwise):
${INVARIANT_IDS.map((id) => `  ${id.padEnd(4)}${invariantRule(id)}`).join("\n")}

Examples:
  $ sluice-check history.jsonl                         what it was recorded for
  $ sluice-check history.jsonl --invariant P1,K1       two of them, whatever it was recorded for
  $ sluice-check history.jsonl --invariant all         everything that can be violated
  $ zcat history.jsonl.gz | sluice-check -             as it comes
  $ sluice-check history.jsonl --json | jq '.invariants[] | select(.verdict == "fail") | .examples[0]'

Exit codes:
  0    pass
  1    fail
  2    unknown: nothing can be said, also when the history is broken or was cut short
  64   wrong usage, or the file is no history
`;
