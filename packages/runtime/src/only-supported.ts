import type { KafkaRecord } from "@sluice/core";
import type { Handler } from "./consumer-options.ts";
import type { Envelopes } from "./envelopes.ts";
import { NonRetryableError } from "./errors.ts";
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
    if (!envelopes.trusts(record)) return handler(record, context);
    const { disposition, wireVersion } = envelopes.of(record);
    if (disposition !== "unsupported") return handler(record, context);
    const error = new UnsupportedVersionError(
      `${keyOf(record)}@${record.offset} was moved with wire version ` +
        `${wireVersion ?? "that cannot be read"}, and this is version 1; upgrade Sluice to handle it`,
    );
    refused(record, error);
    throw error;
  };
}
