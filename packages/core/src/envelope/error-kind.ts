import { ERROR_KINDS } from "@sluice/spec";
import type { SpecErrorKind } from "@sluice/spec";

/** The kind as this version knows it: `unknown` for any that is not in its table (SLC-REG-001). */
export function errorKindOf(kind: string): SpecErrorKind {
  return ERROR_KINDS.find((each) => each === kind) ?? "unknown";
}
