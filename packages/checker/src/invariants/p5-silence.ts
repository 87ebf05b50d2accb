import type { Findings, Invariant } from "../invariant.ts";
import type { Epoch, Handle, Member, Model, PartitionModel, RecordModel } from "../model.ts";
import { at, place } from "../words.ts";
import { laneOf } from "./lanes.ts";
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
    const releases = new Map<Epoch, readonly number[]>();
    for (const epoch of model.epochs) {
      const { member, partition } = epoch;
      const grant = tenures.latestGrant(epoch);
      releases.set(epoch, grant ? tenures.release(member, partition, grant) : []);
    }
    const told = new Map<Member, Told>();
    const streams = new Map<Member, Stream>();
    for (const handle of model.handles) {
      const { member, epoch } = handle;
      let stream = streams.get(member);
      if (!stream) streams.set(member, (stream = new Stream(model)));
      const after = stream.writtenAfter(handle, tenures.earliestGrant(epoch)?.index ?? -1);
      const release = releases.get(epoch)!;
      const released = release.at(-1) ?? Infinity;
      const said = released < handle.index ? toldBefore(handle) : Infinity;
      if (!(after.index > released) && !(said < handle.index)) continue;
      const grant = tenures.latestGrant(epoch)!;
      const proof = after.index > released ? after.shown : [said];
      findings.violation(
        [grant.index, epoch.handles[0]!.index, ...release, ...proof, handle.index],
        () =>
          `${member.label} began ${place(handle.record)} in epoch ${epoch.claim} at ${at(model, handle.index)}, ` +
          `after it had given ${epoch.partition.name} up at ${at(model, released)}: ${because(after.index > released)}`,
      );
    }
    judgeStaleCommits(model, tenures, findings);

    /** Where the subject itself had said, earlier in its output, that this epoch was over. */
    function toldBefore({ member, epoch }: Handle): number {
      let claims = told.get(member);
      if (!claims) told.set(member, (claims = firstTold(member)));
      return claims.get(epoch.claim)?.get(epoch.partition) ?? Infinity;
    }
  },
};

function because(caused: boolean): string {
  return caused
    ? "it answers, or comes after, what happened only then"
    : "it had itself said that the epoch was over";
}

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

/** An event that a line was certainly written after. */
interface Cause {
  readonly index: number;
  /** The events that prove it, that one among them. */
  readonly shown: readonly number[];
}

/** What is certain about the order of one process's output. */
class Stream {
  readonly #model: Model;
  /** Everything written from here on was written after this. */
  #after: Cause = { index: -1, shown: [] };
  readonly #lastOfRecord = new Map<Epoch, Map<RecordModel, Handle>>();
  readonly #lastOfLane = new Map<Epoch, Map<string, Handle>>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The latest event that this begin was certainly written after. */
  writtenAfter(handle: Handle, earliestGrant: number): Cause {
    const { epoch, record, index } = handle;
    if (earliestGrant > this.#after.index) {
      this.#after = { index: earliestGrant, shown: [earliestGrant, index] };
    }
    const ofRecord = sub(this.#lastOfRecord, epoch);
    this.#answers(ofRecord.get(record), handle);
    ofRecord.set(record, handle);
    const lane = laneOf(this.#model.case, handle.event.key);
    if (lane !== null) {
      const ofLane = sub(this.#lastOfLane, epoch);
      const predecessor = ofLane.get(lane);
      if (predecessor?.record !== record) this.#answers(predecessor, handle);
      ofLane.set(lane, handle);
    }
    return this.#after;
  }

  /** A begin that had to wait for the end of an earlier attempt was written after that end. */
  #answers(earlier: Handle | undefined, { index }: Handle): void {
    const finish = earlier?.finish?.index ?? Infinity;
    if (!earlier || finish >= index || finish <= this.#after.index) return;
    this.#after = { index: finish, shown: [earlier.index, finish, index] };
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
