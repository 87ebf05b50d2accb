import type { Findings, Invariant } from "../invariant.ts";
import type { Handle, Member, Model, PartitionModel } from "../model.ts";
import { at, ending, place } from "../words.ts";
import { byWire, latestKnown } from "./committed.ts";
import type { Committed } from "./committed.ts";
import { extras } from "./duplicates.ts";
import type { Extra } from "./duplicates.ts";
import { attempt } from "./shown.ts";

/**
 * How much may run twice, by what the case allows:
 * - `none`: nothing, as without faults and in a graceful handover.
 * - `unfinished`: what the crashed member had begun and not settled: its commits told the rest. A failure for good is
 *   settled by the acknowledgement of its dead letter, not by its handler's end. It is for cases that give commits the
 *   time to tell: nothing in a history says whether a request that came after a finish was made up before it.
 * - `crash-window`: what the crashed member had begun at or above the committed offset, once for each
 *   crash. That is also the bound on their number: each extra lies across a crash of its own.
 * - `explained`: each extra lies across a change of epoch.
 */
export const d2: Invariant = {
  id: "D2",
  rule: "No more runs twice than the case's faults allow.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    for (const partition of model.partitions) {
      for (const record of partition.records.values()) {
        if (record.handles.length > 0) findings.examined();
      }
    }
    const allowed = ALLOWED[model.case.duplicates];
    const commits = new Commits(model);
    for (const extra of extras(model)) {
      const against = allowed(model, extra, commits);
      if (against !== null) report(model, findings, extra, against);
    }
  },
};

/** Null: nothing against it. */
type Allowed = (model: Model, extra: Extra, commits: Commits) => Objection | null;

interface Objection {
  readonly text: string;
  /** Indices of the events that it rests on. */
  readonly events: readonly number[];
}

const ALLOWED: Readonly<Record<Model["case"]["duplicates"], Allowed>> = {
  none: () => objection("this case allows no duplicates"),
  unfinished: (model, extra) => {
    const { earlier } = extra;
    const crash = crashBetween(extra);
    if (crash === null) return uncrashed(extra);
    const settled = settledBy(earlier);
    return settled < crash
      ? objection(
          `it was settled when ${earlier.member.label} crashed at ${at(model, crash)}, and commits tell what is`,
          [settled, crash],
        )
      : null;
  },
  "crash-window": (model, extra, commits) => {
    const { record, earlier } = extra;
    const crash = crashBetween(extra);
    if (crash === null) return uncrashed(extra);
    const committed = commits.before(record.partition, crash);
    return committed && record.offset < committed.offset
      ? objection(
          `${committed.offset} was committed when ${earlier.member.label} crashed at ${at(model, crash)}`,
          [committed.asked, committed.known, crash],
        )
      : null;
  },
  explained: (_model, { handle, earlier }) =>
    handle.epoch === earlier.epoch
      ? objection("nothing happened in between that explains it")
      : null,
};

function objection(text: string, events: readonly number[] = []): Objection {
  return { text, events };
}

function uncrashed({ earlier }: Extra): Objection {
  return objection(`${earlier.member.label} had not crashed in between`);
}

function report(model: Model, findings: Findings, extra: Extra, { text, events }: Objection): void {
  const { record, handle, earlier } = extra;
  findings.violation(
    [...attempt(earlier), ...events, handle.index],
    () =>
      `${place(record)} ran twice: begun by ${earlier.member.label} at ${at(model, earlier.index)} (${ending(model, earlier)}) and by ` +
      `${handle.member.label} at ${at(model, handle.index)}; ${text}`,
  );
}

/** Index at which an attempt had settled its record, by its success or its dead letter; Infinity when it had not. */
function settledBy({ index, finish, record, member }: Handle): number {
  const result = finish?.event.result;
  if (result === "ok" || result === "skip") return finish!.index;
  const divert = record.diverts.find((one) => one.index > index && one.member === member);
  return divert?.index ?? Infinity;
}

/** Where the member crashed that ran the record before; null when it did not in between. */
function crashBetween({ handle, earlier }: Extra): number | null {
  const crash = crashOf(earlier.member);
  return earlier.index < crash && crash < handle.index ? crash : null;
}

/** A crash is being killed, or an exit that nobody asked for. */
function crashOf(member: Member): number {
  if (member.killed < Infinity) return member.killed;
  return member.stopping < member.exited ? Infinity : member.exited;
}

/** What was known to be committed by then: what was known late counts late, never too strict. */
class Commits {
  readonly #model: Model;
  readonly #looked = new Map<PartitionModel, (index: number) => Committed | null>();

  constructor(model: Model) {
    this.#model = model;
  }

  before(partition: PartitionModel, index: number): Committed | null {
    let look = this.#looked.get(partition);
    if (!look) {
      const commits = byWire(this.#model, partition);
      const latest = latestKnown(commits);
      look = (index) => commits[latest(index)] ?? null;
      this.#looked.set(partition, look);
    }
    return look(index);
  }
}
