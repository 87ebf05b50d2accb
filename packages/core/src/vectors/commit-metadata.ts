import { LIMIT } from "@sluice/spec";
import { decodeCommitMetadata } from "../metadata/decode-commit-metadata.ts";
import { encodeCommitMetadata } from "../metadata/encode-commit-metadata.ts";
import type { OffsetRanges } from "../gate/offset-ranges.ts";
import { VectorInputError } from "./errors.ts";
import { decimalOf, VectorInput } from "./input.ts";
import { rangeList } from "./range-list.ts";

/** Appendix D.9. */
export function commitMetadataEncode(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const request = {
    base: fields.decimal("base"),
    settled: fields.list("settled", rangeOf).flat(),
    leaderEpoch: fields.integerOrNull("leaderEpoch", 0, LIMIT.leaderEpoch),
    maxChars: fields.integer("maxChars"),
  };
  try {
    return { ...encodeCommitMetadata(request) };
  } catch (error) {
    // Ranges that touch, do not ascend, or do not lie above the base.
    if (error instanceof RangeError) throw new VectorInputError("settled", error.message);
    throw error;
  }
}

/** Appendix D.9. */
export function commitMetadataDecode(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const committedOffset = fields.decimal("committedOffset");
  const decoded = decodeCommitMetadata(fields.text("metadata"), committedOffset);
  return { ...decoded, settled: rangeList(decoded.settled) };
}

function rangeOf(item: unknown, path: string): OffsetRanges {
  if (!Array.isArray(item) || item.length !== 2) {
    throw new VectorInputError(path, 'expected ["from", "to"]');
  }
  const [from, to] = item as readonly unknown[];
  return [decimalOf(from, `${path}[0]`), endOf(to, `${path}[1]`)];
}

/** Not included, so that it may be one more than an offset can be. */
function endOf(value: unknown, path: string): number {
  return value === String(2 ** 53) ? 2 ** 53 : decimalOf(value, path);
}
