// @ts-check
// Damages inputs of decoders at random, within the domain of Appendix D: values are any bytes, names are
// well-formed UTF-8, texts have no lone surrogates.
import { resealed } from "../../crosscheck/lib/generate/commit-metadata.mjs";

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {[name: string, value: string | null]} HexHeader */
/** @typedef {any} Json */

/** @param {Json} input @param {Json} other another input of the same operation @param {Random} random */
export function mutated(input, other, random) {
  const edits = 1 + random.below(6);
  if (typeof input.metadata === "string") {
    return { ...input, metadata: mutatedMetadata(input.metadata, edits, random) };
  }
  if (input.record === undefined) {
    return { ...input, headers: mutatedHeaders(input.headers, other.headers, edits, random) };
  }
  const headers = mutatedHeaders(input.record.headers, other.record.headers, edits, random);
  return { ...input, record: { ...input.record, headers } };
}

/** @param {readonly HexHeader[]} headers @param {readonly HexHeader[]} others @param {number} edits @param {Random} random */
function mutatedHeaders(headers, others, edits, random) {
  const list = [...headers];
  for (let edit = 0; edit < edits; edit++) {
    const at = random.below(list.length + 1);
    const here = list[at];
    if (here === undefined) {
      const donor = others[random.below(others.length + 1)] ?? ["68", "00"];
      list.push(donor);
      continue;
    }
    const [name, value] = here;
    switch (random.below(8)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(random.below(list.length), 0, here);
        break;
      case 2:
        list[at] = [name, null];
        break;
      case 3:
        list[at] = [name, others[random.below(others.length + 1)]?.[1] ?? ""];
        break;
      case 4:
        // Names stay well-formed: one more letter from those that occur in them.
        list[at] = [name + random.one(["2d", "61", "7a", "5f", "2e", "c3a9"]), value];
        break;
      default:
        list[at] = [name, mutatedBytes(Buffer.from(value ?? "", "hex"), random).toString("hex")];
    }
  }
  return list;
}

/** @param {string} metadata @param {number} edits @param {Random} random */
function mutatedMetadata(metadata, edits, random) {
  if (random.below(3) > 0) {
    const payload = Buffer.from(metadata.slice(5), "base64url");
    /** @type {Buffer} */
    let content = payload.subarray(0, Math.max(0, payload.length - 4));
    for (let edit = 0; edit < edits; edit++) content = mutatedBytes(content, random);
    return resealed(content);
  }
  const characters = Array.from(metadata);
  for (let edit = 0; edit < edits; edit++) {
    const character = random.one(["A", "_", "-", ".", "\0", "=", "é", "\u{10ffff}", "s", " "]);
    characters.splice(random.below(characters.length + 1), random.below(2), character);
  }
  return characters.join("");
}

/** @param {Buffer} bytes @param {Random} random @returns {Buffer} */
function mutatedBytes(bytes, random) {
  const at = random.below(bytes.length + 1);
  const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
  const byte = random.below(256);
  switch (random.below(7)) {
    case 0:
      return Buffer.concat([before, Buffer.of(byte), rest]);
    case 1:
      return Buffer.concat([before, rest.subarray(1 + random.below(4))]);
    case 2:
      return Buffer.concat([
        before,
        Buffer.of((rest[0] ?? 0) ^ (1 << (byte & 7))),
        rest.subarray(1),
      ]);
    case 3:
      return Buffer.concat([
        before,
        Buffer.of(...(INTERESTING[byte % INTERESTING.length] ?? [])),
        rest,
      ]);
    case 4:
      return Buffer.concat([bytes, rest]).subarray(0, MAX_BYTES);
    case 5:
      return Buffer.from(before);
    default:
      return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
  }
}

/** Sequences that decoders trip over: broken UTF-8, separators, ends of integers. */
const INTERESTING = [
  [0],
  [0x80],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [...Buffer.from("9007199254740992")],
  [...Buffer.from(",")],
  [...Buffer.from('"')],
  [...Buffer.from('{"dropped":')],
  [...Buffer.from("-")],
];
/** A value doubles, but not without end. */
const MAX_BYTES = 20_000;
