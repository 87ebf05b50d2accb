import type { ConnectionOptions } from "node:tls";
import type { Logger, ResolvedClientConfig } from "@sluice/core";

/** What `kafkajs({ … })` was given, checked and complete. */
export interface Settings extends ResolvedClientConfig {
  readonly client: ClientOptions;
}

/** Settings that only kafkajs has, passed through untouched. */
export interface ClientOptions {
  /** Limit of the SASL exchange, milliseconds. @defaultValue 10000 */
  readonly authenticationTimeout?: number;
  /** How long before its end a SASL session is renewed, milliseconds. @defaultValue 10000 */
  readonly reauthenticationThreshold?: number;
  /** Limit of one attempt to connect, milliseconds. @defaultValue 5000, or `timeouts.connectMs` */
  readonly connectionTimeout?: number;
  /** Age at which topic metadata is asked for again, milliseconds. @defaultValue 300000 */
  readonly metadataMaxAge?: number;
  /** Bytes in one fetch answer, all partitions. @defaultValue 10485760 */
  readonly maxBytes?: number;
  /** Options of `tls.connect` beyond `ssl`, e.g. `servername` or `rejectUnauthorized`. */
  readonly tls?: ConnectionOptions;
  /** Compression codecs that kafkajs lacks: registered for the whole process. */
  readonly codecs?: Partial<Record<"snappy" | "lz4" | "zstd", import("./codecs.ts").KafkajsCodec>>;
}

/** What every part of a consumer needs to know. */
export interface MemberSettings {
  readonly group: string;
  readonly isolation: "read_committed" | "read_uncommitted";
  readonly drainTimeoutMs: number;
  readonly logger: Logger;
  readonly config: Settings;
}

/** kafkajs' number for an isolation level. */
export function isolationLevel(isolation: MemberSettings["isolation"]): 0 | 1 {
  return isolation === "read_committed" ? 1 : 0;
}
