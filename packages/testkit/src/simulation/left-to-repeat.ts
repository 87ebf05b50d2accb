import type { HistoryEvent } from "@sluice/checker";
import { decodeCommitMetadata } from "@sluice/core";

/**
 * Finished records that may run again although nothing went wrong, as `topic/partition@offset`:
 *
 *     a commit of 9 tells that 10 and 11 are done -> the next owner restores that and handles 9, but gives the
 *     partition up before 10 has been fetched -> it commits 10, since metadata cannot call its own base settled, and
 *     nobody knows of which leader epoch 10 is until it is fetched (SLC-CMD-006, -011) -> 10 runs once more
 */
export function leftToRepeat(history: readonly HistoryEvent[]): readonly string[] {
  const left: string[] = [];
  const toldDone = new Map<string, readonly number[]>();
  for (const event of history) {
    if (event.type !== "committed") continue;
    const partition = `${event.topic}/${event.partition}`;
    const offset = Number(event.offset);
    const done = toldDone.get(partition) ?? [];
    for (let i = 0; i < done.length; i += 2) {
      if (done[i]! <= offset && offset < done[i + 1]!) left.push(`${partition}@${offset}`);
    }
    toldDone.set(partition, decodeCommitMetadata(event.metadata ?? "", offset).settled);
  }
  return left;
}
