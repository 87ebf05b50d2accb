import { HEADER, LIMIT, REPLAY_REMOVES, WIRE_VERSION } from "@sluice/spec";
import type { HeaderName, PartitionerName, ReplayRefusal } from "@sluice/spec";
import { partitionFor } from "../partitioner/partition-for.ts";
import type { Header, KafkaRecord, OutgoingRecord } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import { formatPosition, replayId as replayIdForm } from "./forms.ts";
import { textHeader } from "./header-values.ts";

export interface ReplayRequest {
  /** A dead letter; its topic is taken for trusted. */
  readonly record: KafkaRecord;
  /** 1 to 64 of the characters `!` to `~`; nothing is written twice under one (SLC-RPL-009). */
  readonly replayId: string;
  /** The time of writing, milliseconds since the Unix epoch. */
  readonly now: number;
  /** @defaultValue 3 (SLC-RPL-003) */
  readonly maxReplays?: number;
  /** A topic; null for that of the origin. */
  readonly destination: string | null;
  /** Where this replayer may write at all: a header alone must not decide (SLC-RPL-002). */
  readonly destinations: readonly ReplayDestination[];
}

export interface ReplayDestination {
  readonly topic: string;
  /** Present partition count. */
  readonly partitions: number;
  /** What the topic's producers use. */
  readonly partitioner: PartitionerName;
}

export type ReplayPlan =
  | { readonly record: OutgoingRecord; readonly refused: null }
  | { readonly record: null; readonly refused: ReplayRefusal };

/**
 * The record as it is written again, its attempts anew (section 10), or why it must not be.
 * @throws RangeError when the replay id is malformed
 */
export function planReplay(request: ReplayRequest): ReplayPlan {
  const { record, replayId, now, maxReplays = LIMIT.replays } = request;
  if (replayIdForm(replayId) === null) {
    throw new RangeError(
      `a replay id has 1 to ${LIMIT.replayIdBytes} printable ASCII characters without spaces,` +
        ` got ${JSON.stringify(replayId.slice(0, 60))}`,
    );
  }
  const letter = readEnvelope(record, { trusted: true });
  // In the order of SLC-RPL-001: the first that holds is told.
  if (letter.disposition === "unsupported") return refused("unsupported-version");
  const topic = request.destination ?? letter.origin?.topic;
  if (topic === undefined) return refused("no-origin");
  const destination = request.destinations.find((each) => each.topic === topic);
  if (destination === undefined) return refused("not-allowed");
  if (letter.truncated.includes("value")) return refused("value-dropped");
  // A malformed counter is read as its greatest value, which is at every limit.
  if (letter.replayCount >= maxReplays) return refused("replay-limit");
  if (letter.hops >= LIMIT.hops) return refused("hop-limit");
  return {
    record: {
      topic,
      partition: partitionOf(record, letter, destination),
      key: record.key,
      value: record.value,
      timestamp: now,
      headers: [
        ...record.headers.filter(([name]) => !REMOVED.has(name)),
        textHeader(HEADER.spec, WIRE_VERSION),
        textHeader(HEADER.replayId, replayId),
        textHeader(HEADER.replayCount, String(letter.replayCount + 1)),
        textHeader(HEADER.replayedAt, String(now)),
        textHeader(HEADER.replayedFrom, formatPosition(record)),
        textHeader(HEADER.hops, String(letter.hops + 1)),
      ] satisfies Header[],
    },
    refused: null,
  };
}

/** What begins anew (SLC-RPL-010), and what is written anew (SLC-RPL-008). */
const REMOVED: ReadonlySet<string> = new Set<HeaderName>([
  ...REPLAY_REMOVES,
  HEADER.spec,
  HEADER.replayId,
  HEADER.replayCount,
  HEADER.replayedAt,
  HEADER.replayedFrom,
  HEADER.hops,
]);

function refused(why: ReplayRefusal): ReplayPlan {
  return { record: null, refused: why };
}

function partitionOf(
  record: KafkaRecord,
  { origin }: Envelope,
  { topic, partitions, partitioner }: ReplayDestination,
): number {
  // SLC-RPL-004: as long as the topic has not grown, its own partition is right whatever chose it.
  const isUnchanged = origin?.topic === topic && origin.partitionCount === partitions;
  if (isUnchanged && origin.partition < partitions) return origin.partition;
  return (
    partitionFor(partitioner, record.key, partitions) ?? (origin ?? record).partition % partitions
  );
}
