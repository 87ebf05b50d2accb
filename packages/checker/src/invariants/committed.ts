import type { Model, PartitionModel } from "../model.ts";
import type { Offset } from "../offset.ts";
import { firstWhere } from "../search.ts";

/** What the group has committed, in the order in which it took effect. */
export interface Committed {
  /** Index of the request, where one was seen. */
  readonly asked: number;
  /** Index from which on it was known to be in force. */
  readonly known: number;
  readonly offset: Offset;
}

/** By the commit log where it was read, else by the answers that the wire saw. */
export function byLog(model: Model, partition: PartitionModel): readonly Committed[] {
  return model.witnesses.has("commit-log") ? logged(partition) : answered(partition);
}

/** By the answers that the wire saw, else by the commit log. */
export function byWire(model: Model, partition: PartitionModel): readonly Committed[] {
  return model.witnesses.has("wire") ? answered(partition) : logged(partition);
}

function logged({ log }: PartitionModel): readonly Committed[] {
  return log.map(({ index, offset, request }) => ({
    asked: request?.index ?? index,
    known: index,
    offset,
  }));
}

function answered({ accepted }: PartitionModel): readonly Committed[] {
  return accepted.map(({ index, known, offset }) => ({ asked: index, known, offset }));
}

/**
 * Position of the latest commit that was known before an index; -1 when none was. Answers may come in
 * another order than requests, so `known` is not sorted: only a commit that became known before all
 * behind it can be the latest one known.
 */
export function latestKnown(commits: readonly Committed[]): (index: number) => number {
  const latest: { readonly position: number; readonly known: number }[] = [];
  let earliest = Infinity;
  for (let position = commits.length - 1; position >= 0; position -= 1) {
    const { known } = commits[position]!;
    if (known >= earliest) continue;
    earliest = known;
    latest.push({ position, known });
  }
  return (index) => latest[firstWhere(latest, ({ known }) => known < index)]?.position ?? -1;
}
