import type { Findings } from "../invariant.ts";
import type {
  CommitRequest,
  Epoch,
  Handle,
  Member,
  Model,
  PartitionModel,
  RecordModel,
} from "../model.ts";
import type { Offset } from "../offset.ts";
import { firstWhere } from "../search.ts";
import { at, place } from "../words.ts";
import type { Grant, Tenures } from "./ownership.ts";

/**
 * A commit of a later epoch moved by a completion of an earlier one:
 *
 *     begin r in e -> p given up, given back -> begin r in e' -> finish(ok) of e -> commit past r
 *
 * The effect did happen, so P1 is content; but in e' the record is still running. A correct member
 * that has begun r in e' started at or below r and can only pass it by settling it in e'. Commits of
 * an older generation are left alone, and so are those from before the first begin in e': they may
 * have been sent before e' began. (A member that thinks it has lost its partitions and takes them
 * back, at the broker, in one and the same generation: KIP-848 over an outage.) And those of a later epoch are
 * that epoch's: it may have started above r, where another had committed or retention had taken r.
 */
export function judgeStaleCommits(model: Model, tenures: Tenures, findings: Findings): void {
  const requests = new Map<PartitionModel, Map<Member, Requests>>();
  const completions = new Map<RecordModel, Completions>();
  const later = laterEpochs(model);
  for (const epoch of model.epochs) {
    if (epoch.ordinal === 1) continue;
    const grant = tenures.latestGrant(epoch);
    const next = later.get(epoch);
    if (grant) judge(epoch, grant, (next && tenures.latestGrant(next)?.index) ?? Infinity);
  }

  /** @param over where the member's next epoch begins, which answers for what is committed then */
  function judge(epoch: Epoch, grant: Grant, over: number): void {
    const { member, partition } = epoch;
    const began = epoch.handles[0]!.index;
    const firsts = new Map<RecordModel, number>();
    for (const { record, index } of epoch.handles) {
      if (!firsts.has(record)) firsts.set(record, index);
    }
    for (const [record, first] of firsts) {
      if (record.settled === Infinity) continue;
      let ended = completions.get(record);
      if (!ended) completions.set(record, (ended = new Completions(record)));
      const { stale, until } = ended.seenFrom(epoch);
      if (!stale) continue;
      const from = Math.max(began, record.settled);
      const end = Math.min(until, over);
      const request = requestsOf(partition, member).firstBeyond(record.offset, from, end, grant);
      if (!request) continue;
      findings.violation(
        [
          tenures.latestGrant(stale.epoch)?.index ?? -1,
          stale.index,
          grant.index,
          began,
          first,
          record.settled,
          request.index,
        ],
        () =>
          `${member.label} asked to commit ${partition.name} ${request.offset} at ${at(model, request.index)} ` +
          `on a completion of an earlier epoch: in epoch ${epoch.claim} ${place(record)} was not settled`,
      );
    }
  }

  function requestsOf(partition: PartitionModel, member: Member): Requests {
    let byMember = requests.get(partition);
    if (!byMember) requests.set(partition, (byMember = new Map()));
    if (byMember.size === 0) {
      for (const request of partition.requests) {
        let own = byMember.get(request.member);
        if (!own) byMember.set(request.member, (own = new Requests()));
        own.add(request);
      }
    }
    return byMember.get(member) ?? new Requests();
  }
}

/** Of each epoch the next one of its member and partition that began anything. */
function laterEpochs({ epochs }: Model): ReadonlyMap<Epoch, Epoch> {
  const later = new Map<Epoch, Epoch>();
  const last = new Map<Member, Map<PartitionModel, Epoch>>();
  for (const epoch of epochs) {
    let ofMember = last.get(epoch.member);
    if (!ofMember) last.set(epoch.member, (ofMember = new Map()));
    const before = ofMember.get(epoch.partition);
    if (before) later.set(before, epoch);
    ofMember.set(epoch.partition, epoch);
  }
  return later;
}

/** A record's completions, as one epoch after another has to see them. */
class Completions {
  readonly #diverted: number;
  readonly #handles: readonly Handle[];
  /** For each member, the first completion that is not of an epoch before the one last asked for. */
  readonly #next = new Map<Member, number>();

  constructor({ diverts, handles }: RecordModel) {
    this.#diverted = diverts[0]?.index ?? Infinity;
    this.#handles = handles
      .filter(({ finish }) => finish?.event.result === "ok" || finish?.event.result === "skip")
      .sort((a, b) => a.finish!.index - b.finish!.index);
  }

  /**
   * The stale completion that settled the record, if it was one of the same member's earlier epochs, and
   * the index at which the record settled otherwise. Epochs of a member are asked for in their order, so
   * that what is stale for one is stale for the next.
   */
  seenFrom({ member, ordinal }: Epoch): { readonly stale: Handle | null; readonly until: number } {
    let next = this.#next.get(member) ?? 0;
    while (next < this.#handles.length && isStale(this.#handles[next]!)) next += 1;
    this.#next.set(member, next);
    const until = Math.min(this.#diverted, this.#handles[next]?.finish!.index ?? Infinity);
    const first = this.#handles[0];
    const stale = first !== undefined && isStale(first) && first.finish!.index < until;
    return { stale: stale ? first : null, until };

    function isStale(handle: Handle): boolean {
      return handle.member === member && handle.epoch.ordinal < ordinal;
    }
  }
}

/** A member's requests for a partition, in their order. */
class Requests {
  readonly #requests: CommitRequest[] = [];
  /** The highest offset up to each. */
  readonly #highest: Offset[] = [];

  add(request: CommitRequest): void {
    const highest = this.#highest.at(-1);
    this.#requests.push(request);
    this.#highest.push(
      highest !== undefined && highest > request.offset ? highest : request.offset,
    );
  }

  /** The first request beyond `offset` between two indices, in the grant's generation or a later one. */
  firstBeyond(
    offset: Offset,
    from: number,
    until: number,
    { generation }: Grant,
  ): CommitRequest | null {
    const list = this.#requests;
    const beyond = firstWhere(this.#highest, (highest) => highest > offset);
    const after = firstWhere(list, ({ index }) => index > from);
    for (let i = Math.max(beyond, after); i < list.length; i += 1) {
      const request = list[i]!;
      if (request.index > until) return null;
      if (request.offset > offset && request.event.generation >= generation) return request;
    }
    return null;
  }
}
