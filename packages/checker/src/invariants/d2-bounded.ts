import type { Findings, Invariant } from "../invariant.ts";
import type { Member, Model, PartitionModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { at, ending, place } from "../words.ts";
import { byWire, latestKnown } from "./committed.ts";
import { extras } from "./duplicates.ts";
import type { Extra } from "./duplicates.ts";

/**
 * How much may run twice, by what the case allows:
 * - `none`: nothing, as without faults and in a graceful handover.
 * - `unfinished`: what the crashed member had begun and not finished: its commits told the rest.
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
      const objection = allowed(model, extra, commits);
      if (objection !== null) report(model, findings, extra, objection);
    }
  },
};

type Allowed = (model: Model, extra: Extra, commits: Commits) => string | null;

const ALLOWED: Readonly<Record<Model["case"]["duplicates"], Allowed>> = {
  none: () => "this case allows no duplicates",
  unfinished: (model, extra) => {
    const { earlier } = extra;
    const crash = crashBetween(extra);
    if (typeof crash === "string") return crash;
    return earlier.finish !== null && earlier.finish.index < crash
      ? `it was finished when ${earlier.member.label} crashed at ${at(model, crash)}, and commits tell what is`
      : null;
  },
  "crash-window": (model, extra, commits) => {
    const { record, earlier } = extra;
    const crash = crashBetween(extra);
    if (typeof crash === "string") return crash;
    const committed = commits.before(record.partition, crash);
    return record.offset < committed
      ? `${committed} was committed when ${earlier.member.label} crashed at ${at(model, crash)}`
      : null;
  },
  explained: (_model, { handle, earlier }) =>
    handle.epoch === earlier.epoch ? "nothing happened in between that explains it" : null,
};

function report(model: Model, findings: Findings, extra: Extra, objection: string): void {
  const { record, handle, earlier } = extra;
  findings.violation(
    [earlier.index, handle.index],
    () =>
      `${place(record)} ran twice: begun by ${earlier.member.label} at ${at(model, earlier.index)} (${ending(model, earlier)}) and by ` +
      `${handle.member.label} at ${at(model, handle.index)}; ${objection}`,
  );
}

/** Where the member crashed that ran the record before; why not, when it did not in between. */
function crashBetween({ handle, earlier }: Extra): number | string {
  const crash = crashOf(earlier.member);
  if (earlier.index < crash && crash < handle.index) return crash;
  return `${earlier.member.label} had not crashed in between`;
}

/** A crash is being killed, or an exit that nobody asked for. */
function crashOf(member: Member): number {
  if (member.killed < Infinity) return member.killed;
  return member.stopping < member.exited ? Infinity : member.exited;
}

/** The offset known to be committed by then: what was known late counts late, never too strict. */
class Commits {
  readonly #model: Model;
  readonly #looked = new Map<PartitionModel, (index: number) => Offset>();

  constructor(model: Model) {
    this.#model = model;
  }

  before(partition: PartitionModel, index: number): Offset {
    let look = this.#looked.get(partition);
    if (!look) {
      const commits = byWire(this.#model, partition);
      const latest = latestKnown(commits);
      look = (at) => commits[latest(at)]?.offset ?? partition.start;
      this.#looked.set(partition, look);
    }
    return look(index);
  }
}
