import type { Findings, Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, PartitionModel, RecordModel } from "../model.ts";
import { at, place } from "../words.ts";
import { Tenures } from "./ownership.ts";
import { judgeStaleCommits } from "./stale-commits.ts";

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
      const { member, partition } = epoch;
      const grant = tenures.latestGrant(epoch);
      givenUp.set(epoch, grant ? tenures.givenUp(member, partition, grant) : Infinity);
    }
    const told = new Map<Member, Told>();
    const streams = new Map<Member, Stream>();
    for (const handle of model.handles) {
      const { member, epoch } = handle;
      let stream = streams.get(member);
      if (!stream) streams.set(member, (stream = new Stream(model)));
      const after = stream.writtenAfter(handle, tenures.earliestGrant(epoch)?.index ?? -1);
      const released = givenUp.get(epoch)!;
      if (!(after > released) && !(released < handle.index && toldBefore(handle))) continue;
      findings.violation(
        [released, after, handle.index],
        () =>
          `${member.label} began ${place(handle.record)} in epoch ${epoch.claim} at ${at(model, handle.index)}, ` +
          `after it had given ${epoch.partition.name} up at ${at(model, released)}`,
      );
    }
    judgeStaleCommits(model, tenures, findings);

    /** The subject itself had said, earlier in its output, that this epoch was over. */
    function toldBefore({ index, member, epoch }: Handle): boolean {
      let claims = told.get(member);
      if (!claims) told.set(member, (claims = firstTold(member)));
      return (claims.get(epoch.claim)?.get(epoch.partition) ?? Infinity) < index;
    }
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
      const last = lastGrant.get(partition) ?? -1;
      for (const grant of tenures.of(member, partition).grants) {
        if (tenures.givenUp(member, partition, grant) < last) findings.examined();
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

/** By claimed epoch: where the subject first said of a partition that the epoch was over. */
type Told = Map<string, Map<PartitionModel, number>>;

function firstTold(member: Member): Told {
  const told: Told = new Map();
  for (const { index, claim, epoch, partitions } of member.claims) {
    if ((claim !== "revoked" && claim !== "lost") || epoch === null) continue;
    const first = sub(told, epoch);
    for (const partition of partitions) {
      if (!first.has(partition)) first.set(partition, index);
    }
  }
  return told;
}
