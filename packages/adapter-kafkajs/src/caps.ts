import type { Caps } from "@sluice/core";
import { readableCodecs } from "./codecs.ts";
import { MAX_METADATA_BYTES } from "./commits.ts";
import { PINNED_VERSION } from "./patches.ts";

export function kafkajsCaps(): Caps {
  return {
    client: `kafkajs ${PINNED_VERSION}`,
    // Each join replaces the whole assignment; there is no cooperative protocol (kafkajs#1771).
    rebalance: "eager",
    staticMembership: false,
    headerOrder: false,
    emptyHeader: true,
    nullHeader: false,
    // OffsetCommit version 5 has no field for it.
    commitLeaderEpoch: false,
    commitMetadataBytes: MAX_METADATA_BYTES,
    codecs: readableCodecs(),
  };
}
