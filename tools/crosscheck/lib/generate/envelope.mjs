// @ts-check
// Inputs of the operations over single values and headers: Partition, BoundText, EnvelopeDecode,
// StampTraceId.
import fc from "fast-check";
import { anyBytes, clusterId, hex, int64, partition, topic, trickyText } from "./bytes.mjs";
import { asHex, headers, traceHeaders } from "./headers.mjs";

export const partitionInput = fc.record({
  partitioner: fc.constantFrom("murmur2", "crc32", "fnv1a-abs", "fnv1a-mask"),
  key: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(null, "", "a7d6506c") },
    { weight: 6, arbitrary: anyBytes.map(hex) },
    { weight: 3, arbitrary: trickyText.map(hex) },
  ),
  counts: fc.array(
    fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 2, 3, 12, 1024, 2_147_483_647)),
    { minLength: 1, maxLength: 4 },
  ),
});

const longText = fc
  .tuple(
    fc.constantFrom("a", "é", "€", "😀", "e\u0301", "\u0085", "\u2028"),
    fc.integer({ min: 1, max: 80 }),
    trickyText,
  )
  .map(([unit, count, rest]) => Array.from(rest).slice(0, 3).join("") + unit.repeat(count) + rest);

export const boundTextInput = fc
  .record({
    text: fc.oneof(trickyText, longText),
    limit: fc.oneof(fc.integer({ min: -6, max: 2 }), fc.constant(0)),
    tiny: fc.option(fc.integer({ min: 3, max: 9 }), { nil: null, freq: 1 }),
    neutralise: fc.boolean(),
  })
  .map(({ text, limit, tiny, neutralise }) => ({
    text: hex(text),
    maxBytes: tiny ?? Math.max(3, Buffer.byteLength(text) + limit),
    neutralise,
  }));

export const envelopeDecodeInput = fc.record({
  topic,
  partition,
  offset: int64,
  headers: asHex(headers),
  trusted: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  cluster: clusterId,
  idHeader: fc.boolean(),
});

export const stampTraceIdInput = fc.record({ headers: traceHeaders });
