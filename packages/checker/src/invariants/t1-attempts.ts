import { isTerminalFailure, maxAttempts } from "../build.ts";
import type { Findings, Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, RecordModel } from "../model.ts";
import { at, place } from "../words.ts";
import { flights } from "./flight.ts";
import { attempt } from "./shown.ts";

/**
 * Attempts of an epoch are numbered without a gap, come no earlier and no later than the policy says,
 * end at the limit, and reach it before the record is given up. A new epoch starts at 1, or goes on
 * where the same process was.
 *
 * A delay is measured from the finish (stamped before the subject knows) to the begin (read after it
 * wrote), so it can only look longer than it was. It may rightly be longer than the policy says while
 * all the member's slots are taken: then the upper bound counts from when one was free.
 */
export const t1: Invariant = {
  id: "T1",
  rule: "Attempts are numbered without a gap, spaced by the backoff, and end at the limit.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    const fullUntil = new Map<Handle, number>();
    for (const flight of flights(model)) {
      if (flight.handle.event.attempt > 1) fullUntil.set(flight.handle, flight.fullUntil);
    }
    for (const partition of model.partitions) {
      for (const record of partition.records.values()) {
        if (record.handles.length > 0) judgeRecord(model, record, fullUntil, findings);
      }
    }
  },
};

function judgeRecord(
  model: Model,
  record: RecordModel,
  fullUntil: ReadonlyMap<Handle, number>,
  findings: Findings,
): void {
  const max = maxAttempts(model.case);
  const lastIn = new Map<Epoch, Handle>();
  const lastOf = new Map<Member, Handle>();
  for (const handle of record.handles) {
    const { attempt: number } = handle.event;
    const began = `${handle.member.label} began attempt ${number} of ${place(record)} at ${at(model, handle.index)}`;
    if (number > max) {
      findings.violation([handle.index], () => `${began}, but ${max} is the limit`);
    }
    const previous = lastIn.get(handle.epoch);
    if (previous) judgeNext(previous, handle, began);
    else judgeFirst(handle, began);
    lastIn.set(handle.epoch, handle);
    lastOf.set(handle.member, handle);
    if (handle.finish && isTerminalFailure(handle, model.case)) findings.examined();
  }
  for (const divert of record.diverts) {
    if (divert.goesOn) continue;
    const last = record.handles.findLast(
      ({ member, finish }) => member === divert.member && finish && finish.index < divert.index,
    );
    const result = last?.finish?.event.result;
    if (!last || (result !== "retry" && result !== "throw") || last.event.attempt >= max) continue;
    findings.violation(
      [...attempt(last), divert.index],
      () =>
        `${divert.member.label} gave ${place(record)} up after attempt ${last.event.attempt} of ${max}: its dead letter was acknowledged at ${at(model, divert.index)}`,
    );
  }

  function judgeFirst(handle: Handle, began: string): void {
    const { attempt: number } = handle.event;
    const own = lastOf.get(handle.member);
    const allowed = own ? [1, own.event.attempt, own.event.attempt + 1] : [1];
    if (allowed.includes(number)) return;
    findings.violation(
      [...(own ? attempt(own) : []), handle.index],
      () => `${began}, its first in epoch ${handle.epoch.claim}, which must be 1`,
    );
  }

  function judgeNext(previous: Handle, handle: Handle, began: string): void {
    const { finish } = previous;
    // Begun again while running or after success: D1's to tell.
    if (!finish || finish.index > handle.index) return;
    if (finish.event.result === "ok" || finish.event.result === "skip") return;
    findings.examined();
    if (isTerminalFailure(previous, model.case)) {
      findings.violation(
        [...attempt(previous), handle.index],
        () =>
          `${began}, although attempt ${previous.event.attempt} had failed for good (${finish.event.result})`,
      );
      return;
    }
    if (handle.event.attempt !== previous.event.attempt + 1) {
      findings.violation(
        [...attempt(previous), handle.index],
        () => `${began}, after attempt ${previous.event.attempt} of ${at(model, previous.index)}`,
      );
      return;
    }
    const { backoffMs, slackMs } = model.case.retry;
    const bounds = backoffMs[previous.event.attempt - 1] ?? backoffMs.at(-1);
    if (!bounds) return;
    const failedAt = model.timeOf(finish.index);
    const delay = handle.t - failedAt;
    const latest = Math.max(failedAt + bounds.max, fullUntil.get(handle) ?? -Infinity) + slackMs;
    if (delay >= bounds.min - CLOCK_MS && handle.t <= latest) return;
    findings.violation(
      [...attempt(previous), handle.index],
      () =>
        `${began}, ${Math.round(delay)} ms after attempt ${previous.event.attempt} had failed; ` +
        `allowed are ${bounds.min} to ${bounds.max} ms (and ${slackMs} ms slack)`,
    );
  }
}

/** Two clocks of millisecond resolution may each round by one. */
const CLOCK_MS = 2;
