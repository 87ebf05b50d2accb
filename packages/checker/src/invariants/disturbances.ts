import type { Member, Model } from "../model.ts";
import { firstWhere } from "../search.ts";

/** From when to when something may rightly make the group rebalance. */
interface Window {
  readonly from: number;
  readonly until: number;
}

/**
 * Whether a rebalance at a time has a cause:
 * - a member starts: until it has been assigned something, and half a session after;
 * - a member stops: until it has exited, and half a session after;
 * - a member dies, or a fault is injected, observed or healed: the coordinator may need the session to
 *   notice, and the others the settling time to get over it.
 *
 * Half a session is the longest that cannot hide what these windows are for: a member that stops
 * heart-beating while a handler is held is thrown out one whole session later.
 */
export function disturbances(model: Model): (t: number) => boolean {
  const { sessionTimeoutMs, limits } = model.case;
  const short = sessionTimeoutMs / 2;
  const long = 2 * sessionTimeoutMs + limits.settleMs;
  const windows: Window[] = [];
  for (const member of model.members) {
    const started = model.timeOf(member.started);
    windows.push({ from: started, until: firstAssigned(model, member) + short });
    for (const { event } of member.events) {
      if (event.state === "killed") windows.push({ from: event.t, until: event.t + long });
    }
    if (member.stopping < Infinity) {
      const until = model.timeOf(member.exited) + short;
      windows.push({ from: model.timeOf(member.stopping), until });
    } else if (member.exited < Infinity) {
      const t = model.timeOf(member.exited);
      windows.push({ from: t, until: t + long });
    }
  }
  for (const event of model.events) {
    if (event.type === "fault") windows.push({ from: event.t, until: event.t + long });
  }
  const joined = disjoint(windows);
  return (t) => {
    const next = joined[firstWhere(joined, ({ until }) => until >= t)];
    return next !== undefined && next.from <= t;
  };
}

/** The same windows in order, those that touch made one. */
function disjoint(windows: readonly Window[]): readonly Window[] {
  const joined: Window[] = [];
  for (const { from, until } of windows.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (until < from) continue;
    if (last && from <= last.until) {
      joined[joined.length - 1] = { from: last.from, until: Math.max(last.until, until) };
    } else joined.push({ from, until });
  }
  return joined;
}

function firstAssigned(model: Model, member: Member): number {
  const first = member.assignments.find(({ partitions }) => partitions.size > 0);
  return first ? model.timeOf(first.index) : Infinity;
}
