import type { EngineSnapshot } from "@sluice/core";
import type { ConsumerStats } from "./consumer-options.ts";

export function statsOf(
  snapshot: EngineSnapshot,
  headers: ConsumerStats["headers"],
): ConsumerStats {
  const { running, held, partitions, ignored, totals } = snapshot;
  return {
    running,
    concurrency: snapshot.concurrency,
    heldRecords: held.records,
    heldBytes: held.bytes,
    waitingForRetry: snapshot.waitingForRetry,
    waitingForDeadLetter: snapshot.waitingForDeadLetter,
    partitions,
    totals: { ...totals, ...ignored },
    headers,
  };
}
