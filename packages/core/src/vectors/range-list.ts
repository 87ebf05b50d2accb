import type { OffsetRanges } from "../gate/offset-ranges.ts";

/** As Appendix D has ranges: `[["from", "to"], …]`. */
export function rangeList(ranges: OffsetRanges): [from: string, to: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    pairs.push([String(ranges[index]), String(ranges[index + 1])]);
  }
  return pairs;
}
