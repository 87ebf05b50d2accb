// @ts-check
// Commit metadata: ranges to write, and texts to read, built field by field so that each can be wrong
// while the checksum is right.
import fc from "fast-check";
import { anyBytes, damaged, edgyInteger, MAX_INTEGER } from "./bytes.mjs";

const CRC = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});
/** CRC-32C. @param {Buffer} bytes */
function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Unsigned LEB128; `extra` adds a byte that the shortest form does not have. @param {bigint} value */
function varint(value, extra = false) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n);
  if (extra) bytes.push(0x80);
  bytes[bytes.length - 1] = Number(bytes.at(-1)) & 0x7f;
  return Buffer.from(bytes);
}

/** @param {Buffer} content without its checksum @param {number} [wrong] @param {string} [end] */
function metadataOf(content, wrong = 0, end = ".") {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32c(Buffer.concat([Buffer.from("slc1."), content])) ^ wrong) >>> 0);
  return `slc1.${Buffer.concat([content, crc]).toString("base64url")}${end}`;
}

/** A right checksum over any content. @param {Buffer} content */
export const resealed = (content) => metadataOf(content);

/** So many runs of one offset each. @param {number} base @param {number} count */
export const runsMetadata = (base, count) =>
  metadataOf(
    Buffer.concat([Buffer.of(0), varint(BigInt(base)), ...Array(count).fill(Buffer.of(2, 1))]),
  );

const count = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 2, arbitrary: fc.constantFrom(7, 8, 9, 126, 127, 128, 129, 300, 16_383, 16_384) },
);
const hugeCount = fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52, MAX_INTEGER - 1, MAX_INTEGER);
const pairs = fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 40 });
const base = fc.oneof(
  { weight: 4, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: edgyInteger(0, MAX_INTEGER) },
);
const epoch = fc.oneof(fc.constant(null), fc.nat(200), fc.constantFrom(127, 128, 2_147_483_647));

/** @param {number} from @param {readonly (readonly [gap: number, done: number])[]} list */
function rangesOf(from, list) {
  const ranges = [];
  let at = from;
  for (const [gap, done] of list) {
    if (at + gap + done > MAX_INTEGER) break;
    ranges.push([String(at + gap), String(at + gap + done)]);
    at += gap + done;
  }
  return ranges;
}

/** @param {(op: string, input: object) => Record<string, unknown>} answer to find where a budget gets tight */
export const commitMetadataEncodeInput = (answer) =>
  fc
    .record({
      base,
      list: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 8, arbitrary: pairs },
        {
          weight: 2,
          arbitrary: fc.array(fc.tuple(fc.oneof(count, hugeCount), fc.oneof(count, hugeCount)), {
            maxLength: 5,
          }),
        },
        {
          weight: 1,
          arbitrary: fc.array(fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 3)), {
            minLength: 100,
            maxLength: 400,
            size: "max",
          }),
        },
      ),
      leaderEpoch: epoch,
      budget: fc.oneof(
        { weight: 2, arbitrary: fc.constant({ less: 0, whole: 4000 }) },
        {
          weight: 3,
          arbitrary: fc.record({ less: fc.integer({ min: -1, max: 12 }), whole: fc.constant(0) }),
        },
        { weight: 1, arbitrary: fc.record({ less: fc.constant(0), whole: fc.nat(80) }) },
      ),
    })
    .map(({ base, list, leaderEpoch, budget }) => {
      const input = {
        base: String(base),
        settled: rangesOf(base, list),
        leaderEpoch,
        maxChars: budget.whole,
      };
      if (budget.whole > 0) return input;
      const whole = answer("CommitMetadataEncode", { ...input, maxChars: 2_147_483_647 });
      const length = typeof whole["metadata"] === "string" ? whole["metadata"].length : 0;
      return { ...input, maxChars: Math.max(0, length - budget.less) };
    });

const flaw = fc.oneof(
  { weight: 6, arbitrary: fc.constant("none") },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "crc",
      "flags",
      "long-base",
      "long-epoch",
      "long-count",
      "big",
      "cut",
      "extra",
      "zero",
      "other-base",
      "bit-0",
      "last-bit",
      "beyond",
      "n",
      "overflow",
      "first-wins",
    ),
  },
);

const built = fc
  .record({
    base,
    epoch,
    list: pairs,
    truncated: fc.boolean(),
    bitmap: fc.boolean(),
    flaw,
    at: fc.nat(),
    end: fc.oneof(
      { weight: 8, arbitrary: fc.constant(".") },
      fc.constantFrom("", "\0", ".\0", "..", "=", ".\0\0", " "),
    ),
  })
  .map(({ base, epoch, list, truncated, bitmap, flaw, at, end }) => {
    // A bitmap of what is far apart would be long.
    const near = bitmap
      ? list.slice(0, 12).map(([gap, done]) => [gap % 20 || 1, done % 20 || 1])
      : list;
    const flags =
      (bitmap ? 1 : 0) |
      (truncated ? 2 : 0) |
      (epoch === null ? 0 : 4) |
      (flaw === "flags" ? 8 << (at % 5) : 0);
    const parts = [
      Buffer.of(flags),
      varint(BigInt(flaw === "overflow" ? MAX_INTEGER - (at % 20) : base), flaw === "long-base"),
      ...(epoch === null
        ? []
        : [varint(flaw === "big" ? 2_147_483_648n : BigInt(epoch), flaw === "long-epoch")]),
      bitmap ? bitmapOf(near, flaw) : runsOf(near, flaw, at),
    ];
    let content = Buffer.concat(parts);
    if (flaw === "cut") content = content.subarray(0, at % (content.length + 1));
    if (flaw === "extra") content = Buffer.concat([content, Buffer.of(at % 256)]);
    // Several at once: the order of SLC-CMD-008 decides.
    if (flaw === "first-wins")
      content = Buffer.concat([Buffer.of(255), content.subarray(0, 1 + (at % 4))]);
    const committedOffset =
      flaw === "other-base" ? base + 1 : flaw === "overflow" ? MAX_INTEGER - (at % 20) : base;
    return {
      committedOffset: String(Math.min(committedOffset, MAX_INTEGER)),
      metadata: metadataOf(content, flaw === "crc" ? 1 << (at % 31) : 0, end),
    };
  });

/** @param {readonly (readonly number[])[]} list @param {string} flaw @param {number} at */
function runsOf(list, flaw, at) {
  const numbers = list.flat();
  const i = at % numbers.length;
  return Buffer.concat(
    numbers.map((n, j) => {
      if (j !== i) return varint(BigInt(n));
      if (flaw === "zero") return varint(0n);
      if (flaw === "big") return varint(BigInt(MAX_INTEGER) + BigInt(at % 2), at % 3 === 0);
      return varint(BigInt(n), flaw === "long-count");
    }),
  );
}

/** @param {readonly (readonly number[])[]} list @param {string} flaw */
function bitmapOf(list, flaw) {
  const bits = list.flatMap(([gap = 1, done = 1]) => [
    ...Array(gap).fill(false),
    ...Array(done).fill(true),
  ]);
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  const set = (/** @type {number} */ bit) => {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  };
  for (const [bit, done] of bits.entries()) if (done) set(bit);
  if (flaw === "bit-0") set(0);
  if (flaw === "last-bit") bytes[(bits.length - 1) >> 3] = 0;
  if (flaw === "beyond" && bits.length % 8 !== 0) set(bits.length);
  const n = flaw === "n" ? bits.length + 8 : flaw === "zero" ? 0 : bits.length;
  const length = varint(
    flaw === "big" ? BigInt(MAX_INTEGER) + 1n : BigInt(n),
    flaw === "long-count",
  );
  return flaw === "zero" ? length : Buffer.concat([length, bytes]);
}

/** Any content at all under a right checksum: what an encoder with a defect might write. */
const checksummed = fc
  .tuple(
    base,
    fc.oneof(
      anyBytes,
      damaged(
        fc
          .tuple(base, pairs)
          .map(([from, list]) =>
            Buffer.concat([Buffer.of(0), varint(BigInt(from)), runsOf(list, "none", 0)]),
          ),
      ),
    ),
  )
  .map(([committedOffset, content]) => ({
    committedOffset: String(committedOffset),
    metadata: metadataOf(content),
  }));

const damagedText = fc
  .tuple(
    built,
    fc.constantFrom("é", "\0", ".", "=", "+", "/", " ", "\n", "-", "_", "A", "\u{10ffff}"),
    fc.nat(),
    fc.boolean(),
  )
  .map(([{ committedOffset, metadata }, character, at, replaces]) => {
    const i = at % (metadata.length + 1);
    return {
      committedOffset,
      metadata: metadata.slice(0, i) + character + metadata.slice(i + (replaces ? 1 : 0)),
    };
  });

const otherText = fc.oneof(
  fc.constantFrom(
    "",
    "slc1",
    "slc1.",
    "slc1..",
    "slc1.\0",
    "slc1.A.",
    "slc1.AA",
    "slc1.AAAA.",
    "slc1.AAAAAAB",
    "SLC1.AA.",
    "slc2.AA.",
    "\0slc1.",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => `slc1.${text}`),
  fc.stringMatching(/^[A-Za-z0-9_-]{0,16}$/).map((text) => `slc1.${text}.`),
);
/** Around 65535 bytes, by characters and by bytes. Rare, for their size. */
const longText = fc
  .tuple(
    fc.integer({ min: 65_526, max: 65_531 }),
    fc.constantFrom("slc1.", "slc1.é", "abcde"),
    fc.constantFrom("A", "."),
  )
  .map(([length, start, end]) => start + "A".repeat(length - Buffer.byteLength(start) + 4) + end);

export const commitMetadataDecodeInput = fc.oneof(
  { weight: 50, arbitrary: built },
  { weight: 15, arbitrary: checksummed },
  { weight: 15, arbitrary: damagedText },
  { weight: 15, arbitrary: fc.record({ committedOffset: base.map(String), metadata: otherText }) },
  { weight: 1, arbitrary: fc.record({ committedOffset: base.map(String), metadata: longText }) },
);
