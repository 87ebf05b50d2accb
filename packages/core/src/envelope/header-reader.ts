import {
  FOREIGN_HEADER,
  HEADER,
  HEADER_PREFIX,
  RESERVED_HEADERS,
  RESERVED_PREFIXES,
} from "@sluice/spec";
import type { AnomalyCode } from "@sluice/spec";
import type { Headers } from "../port/record.ts";
import type { Form } from "./forms.ts";
import { readValue } from "./header-values.ts";
import { compareUtf8 } from "./utf8.ts";

/** Whether only movers and replayers may write a header of this name (SLC-SEC-001). */
export function isReserved(name: string): boolean {
  if (!name.startsWith(HEADER_PREFIX)) return false;
  return RESERVED.has(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

const RESERVED: ReadonlySet<string> = new Set(RESERVED_HEADERS);
const DEFINED: ReadonlySet<string> = new Set(Object.values(HEADER));
const FOREIGN: ReadonlySet<string> = new Set(Object.values(FOREIGN_HEADER));

/**
 * Reads the headers of one record by form, and notes what is wrong with them. Of several headers of
 * one name the last counts (SLC-ENV-002), and a null value is an absent header (SLC-ENV-005).
 */
export class HeaderReader {
  readonly #values = new Map<string, Uint8Array | null>();
  readonly #anomalies = new Set<string>();

  /** @param trusted whether reserved headers count, or are forged (SLC-SEC-001) */
  constructor(headers: Headers, trusted: boolean) {
    const repeated = new Set<string>();
    const values = this.#values;
    for (const [name, value] of headers) {
      if (!name.startsWith(HEADER_PREFIX) && !FOREIGN.has(name)) continue;
      if (values.has(name) && DEFINED.has(name)) repeated.add(name);
      values.set(name, value);
    }
    if (!trusted) this.#dropForged(repeated);
    for (const name of repeated) this.note("repeated", name);
  }

  /** What the header says; null when it is absent or malformed. */
  read<T>(name: string, form: Form<T>): T | null {
    const value = this.#values.get(name) ?? null;
    if (value === null) return null;
    const said = readValue(value, form);
    if (said === null) this.note("malformed", name);
    return said;
  }

  /**
   * A counter: 0 when absent. A malformed one has reached its greatest value, or one damaged byte
   * would let a record go round for ever (SLC-ENV-007).
   */
  counter(name: string, form: Form<number>, greatest: number): number {
    return this.read(name, form) ?? (this.isThere(name) ? greatest : 0);
  }

  isThere(name: string): boolean {
    return (this.#values.get(name) ?? null) !== null;
  }

  note(code: AnomalyCode, name: string): void {
    this.#anomalies.add(`${code}:${name}`);
  }

  /** Each once, in ascending order of their bytes (SLC-ENV-021). */
  get anomalies(): readonly string[] {
    return this.#anomalies.size === 0 ? NONE : [...this.#anomalies].sort(compareUtf8);
  }

  #dropForged(repeated: Set<string>): void {
    for (const [name, value] of this.#values) {
      if (!isReserved(name)) continue;
      this.#values.delete(name);
      if (value === null) continue;
      this.note("forged", name);
      // A forged header has no other anomaly.
      repeated.delete(name);
    }
  }
}

const NONE: readonly string[] = [];
