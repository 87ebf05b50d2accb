import type { Caps } from "../port/caps.ts";
import type { Headers } from "../port/record.ts";

/**
 * Whether a client changes a value or a place when these headers are moved with it (SLC-DLQ-009). One
 * that keeps no order groups the values of a name, already when it reads: then every name that
 * occurs again beside others counts, for where it stood cannot be seen any more.
 */
export function losesHeaders(
  headers: Headers,
  caps: Pick<Caps, "headerOrder" | "emptyHeader" | "nullHeader">,
): boolean {
  const { headerOrder, emptyHeader, nullHeader } = caps;
  if (!nullHeader && headers.some(([, value]) => value === null)) return true;
  if (!emptyHeader && headers.some(([, value]) => value?.length === 0)) return true;
  if (headerOrder) return false;
  const names = new Set(headers.map(([name]) => name));
  return names.size > 1 && names.size < headers.length;
}
