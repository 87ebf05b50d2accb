import type { Model } from "./model.ts";
import type { Metrics } from "./verdict.ts";

export const NO_METRICS: Metrics = {
  records: 0,
  begins: 0,
  okEffects: 0,
  duplicates: 0,
  commits: 0,
  generations: 0,
  faults: 0,
  faultsSeen: 0,
  recoveryMs: null,
};

export function metricsOf(model: Model): Metrics {
  let records = 0;
  let okEffects = 0;
  let duplicates = 0;
  let commits = 0;
  for (const partition of model.partitions) {
    if (partition.workload) records += partition.duty.length;
    commits += partition.log.length > 0 ? partition.log.length : partition.accepted.length;
    for (const record of partition.records.values()) {
      let effects = 0;
      for (const { finish } of record.handles) if (finish?.event.result === "ok") effects += 1;
      okEffects += effects;
      duplicates += Math.max(0, effects - 1);
    }
  }
  const generations = new Set<number>();
  for (const { assignments } of model.members) {
    for (const { generation } of assignments) generations.add(generation);
  }
  return {
    records,
    begins: model.handles.length,
    okEffects,
    duplicates,
    commits,
    generations: generations.size,
    faults: faultsOf(model, "injected"),
    faultsSeen: faultsOf(model, "observed"),
    recoveryMs: recovery(model),
  };
}

function faultsOf(model: Model, state: "injected" | "observed"): number {
  const names = model.events.flatMap((event) =>
    event.type === "fault" && event.state === state ? [event.fault] : [],
  );
  return new Set(names).size;
}

/**
 * From the last `healed` fault, else the last `injected` one, until every partition gets on again: of those
 * that have something to do, or are given it later, the one that takes longest to settle its next record.
 * Null without a fault, and when a partition does not get on.
 */
function recovery(model: Model): number | null {
  const last = (state: string): number =>
    model.events.findLastIndex((event) => event.type === "fault" && event.state === state);
  const healed = last("healed");
  const from = healed === -1 ? last("injected") : healed;
  if (from === -1) return null;
  let longest: number | null = null;
  for (const partition of model.partitions) {
    if (!partition.workload) continue;
    let waiting = Infinity;
    let back = Infinity;
    for (const record of partition.duty) {
      if (record.settled < from) continue;
      waiting = Math.min(waiting, record.produced?.index ?? Infinity);
      back = Math.min(back, record.settled);
    }
    if (waiting === Infinity) continue;
    if (back === Infinity) return null;
    const since = Math.max(model.timeOf(from), model.timeOf(waiting));
    // At least 0: a member may have handled a record before its producer was answered.
    longest = Math.max(longest ?? 0, model.timeOf(back) - since);
  }
  return longest;
}
