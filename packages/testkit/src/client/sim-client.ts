import type { Caps, PortErrorKind } from "@sluice/core";
import { PortError } from "@sluice/core";
import { ERROR } from "../cluster/error-code.ts";
import { METADATA_BYTES } from "../cluster/group-offsets.ts";
import type { Protocol, SimCluster } from "../cluster/sim-cluster.ts";
import type { SimNetwork } from "./sim-network.ts";
import type { SimProcess } from "./sim-process.ts";
import type { WireWitness } from "./wire-witness.ts";

/** What the ports of one simulated client have in common. */
export interface SimClient {
  readonly cluster: SimCluster;
  readonly network: SimNetwork;
  readonly process: SimProcess;
  readonly witness: WireWitness;
  readonly tuning: ClientTuning;
}

/** Durations are milliseconds. */
export interface ClientTuning {
  readonly heartbeatMs: number;
  /** Most records of a partition in one fetch. */
  readonly fetchRecords: number;
  /** Longest that a revocation may take. */
  readonly barrierMs: number;
  /** Pause before a failed request is sent again. */
  readonly retryMs: number;
  /** A record's way to the log, retries included. */
  readonly deliveryMs: number;
  /** A position was found behind the end of its log, and its partition is assigned anew. */
  readonly onCut?: () => void;
}

export function capsOf(protocol: Protocol): Caps {
  return {
    client: "simulated",
    rebalance: protocol,
    staticMembership: false,
    headerOrder: true,
    emptyHeader: true,
    nullHeader: true,
    commitLeaderEpoch: true,
    commitMetadataBytes: METADATA_BYTES,
    codecs: ["none"],
  };
}

/** A broker's refusal of a commit. */
export function commitError(code: number, protocol: Protocol): PortError {
  return new PortError(`the commit is refused with error ${code}`, {
    kind: KINDS.get(code) ?? (protocol === "eager" ? "fenced" : "rebalancing"),
    outcome: "failed",
    code,
  });
}

/** 22 and 113 also come while the next generation is on its way to a member that keeps partitions. */
const KINDS: ReadonlyMap<number, PortErrorKind> = new Map<number, PortErrorKind>([
  [ERROR.unknownMemberId, "fenced"],
  [ERROR.rebalanceInProgress, "rebalancing"],
  [ERROR.notCoordinator, "rebalancing"],
  [ERROR.offsetMetadataTooLarge, "metadata-too-large"],
  [ERROR.topicAuthorizationFailed, "authorization"],
]);

export function portError(
  kind: PortErrorKind,
  message: string,
  outcome: "failed" | "unknown" = "failed",
): PortError {
  return new PortError(message, { kind, outcome });
}
