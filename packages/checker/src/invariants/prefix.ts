import type { PartitionModel, RecordModel } from "../model.ts";
import type { Offset } from "../offset.ts";

/**
 * For each commit, in order, the first record of the partition that was not yet settled when the
 * commit was made; null when all were. Records settle for good, so the answer only moves forward and
 * one pass serves all commits: O(records + commits).
 */
export function firstUnsettled<C extends { readonly index: number; readonly offset: Offset }>(
  partition: PartitionModel,
  commits: readonly C[],
  visit: (commit: C, first: RecordModel | null) => void,
): void {
  let next = 0;
  for (const commit of commits) {
    // The line order decides between equal times: a finish is recorded before its answer is written,
    // so a correct subject can only ask on a later line.
    while (next < partition.duty.length && partition.duty[next]!.settled < commit.index) next += 1;
    visit(commit, partition.duty[next] ?? null);
  }
}
