import type { KafkaRecord } from "@sluice/core";
import type { BatchHandler, Handler } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";
import { NonRetryableError } from "./errors.ts";
import type { BatchAttempt } from "./handler-batch.ts";
import { keyOf } from "./partitions.ts";

/** A record that a mover of another wire version wrote: its counters may mean something else. */
export class UnsupportedVersionError extends NonRetryableError {
  override readonly name = "UnsupportedVersionError";
}

/**
 * The handler, but for records whose wire version is not supported: it is not run over them
 * (SLC-ENV-022), the attempt fails for good instead.
 * @param refused told before it fails
 */
export function onlySupported(
  handler: Handler,
  envelopes: Envelopes,
  refused: (record: KafkaRecord, error: UnsupportedVersionError) => void,
): Handler {
  // Of a source topic every record is fresh: its headers need not be read.
  if (envelopes.settings.trustedTopics.size === 0) return handler;
  return (record, context) => {
    const error = unsupported(record, envelopes);
    if (error === null) return handler(record, context);
    refused(record, error);
    throw error;
  };
}

/** The same for a handler of batches, which is not called when nothing is left of one. */
export function onlySupportedOfBatch(
  handler: BatchHandler,
  envelopes: Envelopes,
  refused: (record: KafkaRecord, error: UnsupportedVersionError) => void,
): (batch: BatchAttempt) => unknown {
  if (envelopes.settings.trustedTopics.size === 0) return (batch) => handler(batch.records, batch);
  return (batch) => {
    for (const record of batch.records) {
      const error = unsupported(record, envelopes);
      if (error === null) continue;
      refused(record, error);
      batch.exclude(record, error);
    }
    return batch.records.length === 0 ? undefined : handler(batch.records, batch);
  };
}

function unsupported(record: KafkaRecord, envelopes: Envelopes): UnsupportedVersionError | null {
  if (!envelopes.trusts(record)) return null;
  const { disposition, wireVersion } = envelopes.of(record);
  if (disposition !== "unsupported") return null;
  return new UnsupportedVersionError(
    `${keyOf(record)}@${record.offset} was moved with wire version ` +
      `${wireVersion ?? "that cannot be read"}, and this is version 1; upgrade Sluice to handle it`,
  );
}
