import type { Codec } from "@sluice/core";
import { PortError } from "@sluice/core";
import * as zlib from "node:zlib";
import { CompressionCodecs, CompressionTypes } from "./internals.ts";

/** A compression codec as kafkajs wants it. */
export interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

const BY_TYPE: readonly (readonly [number, Codec])[] = [
  [CompressionTypes.GZIP, "gzip"],
  [CompressionTypes.Snappy, "snappy"],
  [CompressionTypes.LZ4, "lz4"],
  [CompressionTypes.ZSTD, "zstd"],
];

/**
 * Registers the user's codecs, and zstd where Node has it. kafkajs' registry belongs to the
 * process; a codec that somebody has put there is left alone.
 */
export function registerCodecs(given: Partial<Record<Codec, KafkajsCodec>> = {}): void {
  for (const [type, name] of BY_TYPE) {
    const codec = given[name];
    if (codec !== undefined) CompressionCodecs[type] = () => codec;
  }
  const zstd = zstdOfNode();
  if (zstd !== null && !works(CompressionTypes.ZSTD)) {
    CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
  }
}

/** The codecs that can be read now. */
export function readableCodecs(): readonly Codec[] {
  return ["none", ...BY_TYPE.filter(([type]) => works(type)).map(([, name]) => name)];
}

/**
 * The error for a batch that cannot be unpacked, or null when `thrown` is about something else.
 * kafkajs dies of it for good (T21), with a message that names neither topic nor remedy.
 */
export function missingCodec(thrown: unknown, where: string): PortError | null {
  if (!(thrown instanceof Error) || thrown.name !== "KafkaJSNotImplemented") return null;
  const name = /^(Snappy|LZ4|ZSTD) compression/.exec(thrown.message)?.[1]?.toLowerCase();
  if (name === undefined) return null;
  const remedy =
    name === "zstd"
      ? "Run Node 22.15 or newer, which has it,"
      : `Give one in kafkajs({ client: { codecs: { ${name} } } })`;
  return new PortError(
    `${where}: a batch is compressed with ${name}, for which kafkajs has no codec. ` +
      `${remedy} or use the rdkafka adapter, which has all codecs built in.`,
    { kind: "configuration", outcome: "failed", cause: thrown },
  );
}

function works(type: number): boolean {
  try {
    return CompressionCodecs[type]?.() !== undefined;
  } catch {
    return false;
  }
}

interface ZstdZlib {
  zstdCompress?(buffer: Buffer, done: (error: Error | null, result: Buffer) => void): void;
  zstdDecompress?(buffer: Buffer, done: (error: Error | null, result: Buffer) => void): void;
}

function zstdOfNode(): KafkajsCodec | null {
  const { zstdCompress, zstdDecompress } = zlib as ZstdZlib;
  if (zstdCompress === undefined || zstdDecompress === undefined) return null;
  const promise = (run: NonNullable<ZstdZlib["zstdCompress"]>, buffer: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) =>
      run(buffer, (error, result) => (error === null ? resolve(result) : reject(error))),
    );
  return {
    compress: ({ buffer }) => promise(zstdCompress, buffer),
    decompress: (buffer) => promise(zstdDecompress, buffer),
  };
}
