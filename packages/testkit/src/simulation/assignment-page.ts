import type { KafkaRecord, OffsetRanges } from "@sluice/core";

/** One assignment. */
export interface Page {
  readonly restored: OffsetRanges;
  readonly restoredEpoch: number | null;
  /** A record of a later leader epoch has come where something was called settled. */
  isVoid: boolean;
  /** What was delivered, in the order of offsets. */
  readonly entries: Entry[];
  /** All entries before this one are settled. */
  first: number;
  /** Next offset that the client fetches, -1 before its first delivery. */
  position: number;
  /** Highest leader epoch of what was delivered. */
  highestEpoch: number;
  /** The last commit whose metadata was too long. */
  refused: { readonly offset: number; readonly chars: number } | null;
  /** It began at another offset than the one that is committed, and has not committed since. */
  owesCommit: boolean;
}

export interface Entry {
  readonly record: KafkaRecord;
  /** An earlier owner has settled it. */
  readonly isRestored: boolean;
  settledAt: number | null;
  isRunning: boolean;
}

/** What is not settled below this offset. */
export function* unsettled(page: Page, below: number): Generator<Entry> {
  const { entries } = page;
  while (page.first < entries.length && isSettled(entries[page.first]!)) page.first++;
  for (let i = page.first; i < entries.length && entries[i]!.record.offset < below; i++) {
    if (!isSettled(entries[i]!)) yield entries[i]!;
  }
}

export function isSettled({ isRestored, settledAt }: Entry): boolean {
  return isRestored || settledAt !== null;
}

export function entryOf({ entries }: Page, offset: number): Entry | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.record.offset < offset) low = middle + 1;
    else high = middle;
  }
  const entry = entries[low];
  return entry?.record.offset === offset ? entry : undefined;
}

/** Names the lane of a record within its partition; null when it shares order with nothing. */
export function laneOf(
  ordering: "key" | "partition" | "none",
  { key }: KafkaRecord,
): string | null {
  if (ordering === "partition") return "";
  if (ordering === "none" || key === null) return null;
  return Buffer.from(key).toString("latin1");
}

export function includes(ranges: OffsetRanges, offset: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! <= offset && offset < ranges[i + 1]!) return true;
  }
  return false;
}

export function covers(ranges: OffsetRanges, from: number, to: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! <= from && to <= ranges[i + 1]!) return true;
  }
  return false;
}
