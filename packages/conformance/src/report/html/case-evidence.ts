import type { InvariantResult, ToldEvent } from "@sluice/checker";
import type { KeyStripData } from "./key-strip-data.ts";

/** What a case's history gives to its page. */
export interface Evidence {
  /** Packed chart data; null: there is nothing to draw. */
  readonly charts: string | null;
  readonly tell: (indices: readonly number[]) => readonly LinkedEvent[];
  /** The keys whose order an invariant saw broken. */
  readonly strips: (result: InvariantResult) => readonly KeyStripData[];
  /** What could not be shown, and why. */
  readonly note: string | null;
}

export interface LinkedEvent extends ToldEvent {
  /** Of the handler that it is about. */
  readonly handle: string | null;
}
