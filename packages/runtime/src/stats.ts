import type { EngineSnapshot } from "@sluice/core";
import type { ConsumerStats } from "./consumer-options.ts";

export function statsOf(snapshot: EngineSnapshot): ConsumerStats {
  const { running, held, partitions, ignored, totals } = snapshot;
  return {
    running,
    heldRecords: held.records,
    heldBytes: held.bytes,
    waitingForRetry: snapshot.waitingForRetry,
    waitingForDeadLetter: snapshot.waitingForDeadLetter,
    partitions,
    totals: { ...totals, ...ignored },
  };
}
