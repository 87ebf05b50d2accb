import type { Member, Model } from "../model.ts";

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
  return (t) => windows.some(({ from, until }) => from <= t && t <= until);
}

function firstAssigned(model: Model, member: Member): number {
  const first = member.assignments.find(({ partitions }) => partitions.size > 0);
  return first ? model.timeOf(first.index) : Infinity;
}
