import type { HistoryEvent } from "@sluice/checker";
import type { Cluster } from "../cluster/cluster.ts";
import type { Case } from "./case.ts";
import type { CaseRun } from "./case-run.ts";

/** What guards look at. */
export interface GuardedRun extends Pick<CaseRun, "history" | "guard"> {
  readonly produced: { readonly length: number };
  readonly members: readonly { readonly name: string }[];
  readonly cluster: Pick<Cluster, "can">;
}
type GuardedCase = Pick<Case, "faults" | "idleMembers">;

/**
 * The guards common to all cases: without them a green case might have tested nothing. G5 (something
 * was examined for each invariant) is the checker's; G4 (work was in flight) is each case's own.
 */
export function commonGuards(
  run: GuardedRun,
  definition: GuardedCase,
  unread: readonly string[],
): void {
  const { events } = run.history;
  workloadIsVisible(run, events);
  membersTookPart(run, definition, events);
  somethingWasCommitted(run, events);
  faultsWereObserved(run, definition, events);
  phasesAreComplete(run, definition, events);
  if (unread.length > 0) {
    run.guard("wire", false, `${unread.length} frames could not be read, first: ${unread[0]}`);
  }
}

/** G0: the substrate kept what it acknowledged. */
function workloadIsVisible(run: GuardedRun, events: readonly HistoryEvent[]): void {
  const visible = new Set<string>();
  for (const event of events) if (event.type === "visible") visible.add(identity(event));
  const deleted = new Map<string, number>();
  for (const event of events) {
    if (event.type === "log-range") {
      deleted.set(`${event.topic}-${event.partition}`, Number(event.start));
    }
  }
  const missing = events.filter(
    (event) =>
      event.type === "produced" &&
      Number(event.offset) >= (deleted.get(`${event.topic}-${event.partition}`) ?? 0) &&
      !visible.has(identity(event)),
  );
  const total = run.produced.length;
  run.guard(
    "G0",
    missing.length === 0 && total > 0,
    `${total - missing.length} of ${total} acknowledged workload records are in the topic`,
  );
}

/**
 * G1: every member that was started has begun a record. One that had nothing to take over, because the fault that
 * should have left it something never acted, is no fault of the subject.
 */
function membersTookPart(
  run: GuardedRun,
  definition: GuardedCase,
  events: readonly HistoryEvent[],
): void {
  const began = new Set(events.flatMap((event) => (event.type === "begin" ? [event.member] : [])));
  const idle = run.members.map(({ name }) => name).filter((name) => !began.has(name));
  if (definition.idleMembers === true && began.size > 0) return;
  run.guard(
    "G1",
    idle.length === 0 && run.members.length > 0,
    idle.length === 0
      ? `all ${run.members.length} members began records`
      : `began no record: ${idle.join(", ")}`,
    definition.faults.every((fault) => wasObserved(fault, events)) ? "subject" : "environment",
  );
}

/** G2: at least one commit was accepted. */
function somethingWasCommitted(run: GuardedRun, events: readonly HistoryEvent[]): void {
  const logged = events.filter((event) => event.type === "committed" && event.own !== true).length;
  const answered = events.filter(
    (event) => event.type === "commit-answer" && event.results.some(({ error }) => error === 0),
  ).length;
  const polled = events.filter(
    (event) => event.type === "polled" && event.own !== true && event.offsets.length > 0,
  ).length;
  const { can } = run.cluster;
  run.guard(
    "G2",
    logged + answered + polled > 0,
    can.commitLog || can.proxy
      ? `${answered} commits accepted on the wire, ${logged} offsets in the commit log`
      : `${polled} polls showed committed offsets`,
    "subject",
  );
}

/** G3: each fault's effect was seen by a witness. */
function faultsWereObserved(
  run: GuardedRun,
  definition: GuardedCase,
  events: readonly HistoryEvent[],
): void {
  for (const fault of definition.faults) {
    const observed = wasObserved(fault, events);
    const detail = events.findLast((e) => e.type === "fault" && e.fault === fault);
    run.guard(
      `G3 ${fault}`,
      observed,
      observed && detail?.type === "fault"
        ? (detail.detail ?? "observed")
        : reached(fault, "injected", events)
          ? "injected, but no witness saw its effect"
          : "never injected",
    );
  }
}

function wasObserved(fault: string, events: readonly HistoryEvent[]): boolean {
  return reached(fault, "observed", events);
}

function reached(fault: string, state: string, events: readonly HistoryEvent[]): boolean {
  return events.some((e) => e.type === "fault" && e.fault === fault && e.state === state);
}

/** G6: the phases came in order, all of them. */
function phasesAreComplete(
  run: GuardedRun,
  definition: GuardedCase,
  events: readonly HistoryEvent[],
): void {
  const phases = events.flatMap((event) => (event.type === "phase" ? [event.phase] : []));
  const wanted =
    definition.faults.length === 0
      ? ["steady", "quiesce"]
      : ["steady", "inject", "impact", "heal", "quiesce"];
  let at = 0;
  for (const phase of phases) if (phase === wanted[at]) at += 1;
  run.guard(
    "G6",
    at === wanted.length,
    at === wanted.length ? phases.join(" → ") : `phase ${wanted[at]} is missing`,
  );
}

function identity(event: Extract<HistoryEvent, { type: "visible" | "produced" }>): string {
  return `${event.topic}-${event.partition}@${event.offset} ${event.key} ${event.valueHash}`;
}
