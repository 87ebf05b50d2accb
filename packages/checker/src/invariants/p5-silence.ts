import type { Findings, Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, RecordModel } from "../model.ts";
import { at, place } from "../words.ts";
import { Tenures } from "./ownership.ts";

/**
 * After a member has given a partition up, nothing of that epoch happens any more: no begin in it,
 * and no commit that rests on one of its completions.
 *
 * A begin line and a frame travel over different channels, so "the begin was read after the join was
 * forwarded" proves nothing: the line may have waited in a pipe. What proves it is causality, carried
 * along the subject's output, which is one ordered stream. A line was certainly written after
 * - the `finish` that it answers (a retry follows its failed attempt; a record follows the settled
 *   predecessor of its key), because the runner stamps a finish before it writes it;
 * - the n-th grant of its partition, when it begins in the member's n-th epoch of it;
 * - anything that an earlier line of the same stream was certainly written after;
 * - the subject's own word, earlier in the stream, that the epoch was revoked or lost.
 * When one of these lies after the giving up, so does the begin.
 *
 *     wire:    grant(p, e) ............ join
 *     ledger:  begin r1 in e ....................... finish r1 (retry) ... begin r1 in e, attempt 2
 *
 * The second attempt answers a finish that was written after the join, whatever the pipes did.
 */
export const p5: Invariant = {
  id: "P5",
  rule: "After giving a partition up, a member neither begins nor commits anything of that epoch.",
  needs: ["ledger", "wire"],
  liveness: false,
  judge(model, findings) {
    const tenures = new Tenures(model);
    countReleases(model, tenures, findings);
    const givenUp = new Map<Epoch, number>();
    for (const epoch of model.epochs) {
      const grant = tenures.latestGrant(epoch);
      const tenure = tenures.of(epoch.member, epoch.partition);
      givenUp.set(epoch, grant ? tenures.givenUp(tenure, grant) : Infinity);
    }
    const streams = new Map<Member, Stream>();
    for (const handle of model.handles) {
      const { member, epoch } = handle;
      let stream = streams.get(member);
      if (!stream) streams.set(member, (stream = new Stream(model)));
      const after = stream.writtenAfter(handle, tenures.earliestGrant(epoch)?.index ?? -1);
      const released = givenUp.get(epoch)!;
      const told = released < handle.index && toldBefore(handle);
      if (!(after > released) && !told) continue;
      findings.violation(
        [released, after, handle.index],
        () =>
          `${member.label} began ${place(handle.record)} in epoch ${epoch.claim} at ${at(model, handle.index)}, ` +
          `after it had given ${epoch.partition.name} up at ${at(model, released)}`,
      );
    }
    for (const epoch of model.epochs) judgeStaleCommits(model, tenures, epoch, findings);
  },
};

/** What was given up and given on: where silence can be broken. */
function countReleases(model: Model, tenures: Tenures, findings: Findings): void {
  const lastGrant = new Map<unknown, number>();
  for (const member of model.members) {
    for (const { index, partitions } of member.assignments) {
      for (const partition of partitions) {
        lastGrant.set(partition, Math.max(lastGrant.get(partition) ?? -1, index));
      }
    }
  }
  for (const member of model.members) {
    for (const partition of new Set(member.assignments.flatMap((a) => [...a.partitions]))) {
      const tenure = tenures.of(member, partition);
      for (const grant of tenure.grants) {
        if (tenures.givenUp(tenure, grant) < (lastGrant.get(partition) ?? -1)) findings.examined();
      }
    }
  }
}

/** What is certain about the order of one process's output. */
class Stream {
  readonly #perKey: boolean;
  readonly #perPartition: boolean;
  /** Everything written from here on was written after the event of this index. */
  #after = -1;
  readonly #lastOfRecord = new Map<Epoch, Map<RecordModel, Handle>>();
  readonly #lastOfLane = new Map<Epoch, Map<string | null, Handle>>();

  constructor(model: Model) {
    this.#perKey = model.case.ordering === "key";
    this.#perPartition = model.case.ordering === "partition";
  }

  /** Index of the latest event that this begin was certainly written after; -1 when none is known. */
  writtenAfter(handle: Handle, earliestGrant: number): number {
    let after = Math.max(this.#after, earliestGrant);
    const { epoch, record } = handle;
    const ofRecord = sub(this.#lastOfRecord, epoch);
    const previousAttempt = ofRecord.get(record);
    if (previousAttempt?.finish && previousAttempt.finish.index < handle.index) {
      after = Math.max(after, previousAttempt.finish.index);
    }
    ofRecord.set(record, handle);
    const key = handle.event.key;
    if (this.#perPartition || (this.#perKey && key !== null)) {
      const ofLane = sub(this.#lastOfLane, epoch);
      const lane = this.#perPartition ? null : key;
      const predecessor = ofLane.get(lane);
      if (
        predecessor?.finish &&
        predecessor.record !== record &&
        predecessor.finish.index < handle.index
      ) {
        after = Math.max(after, predecessor.finish.index);
      }
      ofLane.set(lane, handle);
    }
    this.#after = after;
    return after;
  }
}

function sub<K, A, B>(map: Map<K, Map<A, B>>, key: K): Map<A, B> {
  let inner = map.get(key);
  if (!inner) map.set(key, (inner = new Map()));
  return inner;
}

/** The subject itself had said, earlier in its output, that this epoch was over. */
function toldBefore({ index, member, epoch }: Handle): boolean {
  return member.claims.some(
    (claim) =>
      claim.index < index &&
      (claim.claim === "revoked" || claim.claim === "lost") &&
      claim.epoch === epoch.claim &&
      claim.partitions.has(epoch.partition),
  );
}

/**
 * A commit of a later epoch moved by a completion of an earlier one:
 *
 *     begin r in e -> p given up, given back -> begin r in e' -> finish(ok) of e -> commit past r
 *
 * The effect did happen, so P1 is content; but in e' the record is still running. A correct member
 * that has begun r in e' started at or below r and can only pass it by settling it in e'. Commits of
 * an older generation are left alone, and so are those from before the first begin in e': they may
 * have been sent before e' began. (A member that thinks it has lost its partitions and takes them
 * back, at the broker, in one and the same generation: KIP-848 over an outage.)
 */
function judgeStaleCommits(model: Model, tenures: Tenures, epoch: Epoch, findings: Findings): void {
  if (epoch.ordinal === 1) return;
  const grant = tenures.latestGrant(epoch);
  if (!grant) return;
  const records = [...new Set(epoch.handles.map(({ record }) => record))].sort((a, b) =>
    a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0,
  );
  const settled = records.map((record) => settledOtherThanBefore(record, epoch));
  const began = Math.min(...epoch.handles.map(({ index }) => index));
  let next = 0;
  for (const request of epoch.partition.requests) {
    if (request.member !== epoch.member || request.event.generation < grant.generation) continue;
    if (request.index < began) continue;
    while (next < records.length && settled[next]! < request.index) next += 1;
    const record = records[next];
    if (!record) return;
    if (!(record.offset < request.offset) || !(record.settled < request.index)) continue;
    findings.violation(
      [record.settled, request.index],
      () =>
        `${epoch.member.label} asked to commit ${epoch.partition.name} ${request.offset} at ${at(model, request.index)} ` +
        `on a completion of an earlier epoch: in epoch ${epoch.claim} ${place(record)} was not settled`,
    );
  }
}

/** When the record settled, completions of this member's earlier epochs left out. */
function settledOtherThanBefore(record: RecordModel, epoch: Epoch): number {
  let settled = record.diverts[0]?.index ?? Infinity;
  for (const handle of record.handles) {
    const result = handle.finish?.event.result;
    if (result !== "ok" && result !== "skip") continue;
    if (handle.member === epoch.member && handle.epoch.ordinal < epoch.ordinal) continue;
    settled = Math.min(settled, handle.finish!.index);
  }
  return settled;
}
