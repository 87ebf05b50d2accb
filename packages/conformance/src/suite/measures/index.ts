import type { Measure } from "./measure.ts";
import { LEDGER_MEASURES } from "./ledger-measures.ts";
import { OTHER_MEASURES } from "./other-measures.ts";
import { WIRE_MEASURES } from "./wire-measures.ts";

/** All measures by name. Their arguments are what the schema says, which reading a file has proved. */
export const MEASURES: Readonly<Record<string, Measure<unknown>>> = {
  ...LEDGER_MEASURES,
  ...WIRE_MEASURES,
  ...OTHER_MEASURES,
} as unknown as Readonly<Record<string, Measure<unknown>>>;
