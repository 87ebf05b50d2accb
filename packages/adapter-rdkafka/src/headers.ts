import type { Header, Headers } from "@sluice/core";

import type { NativeHeader } from "./client.ts";
import { toNativeBytes } from "./values.ts";

const NONE: Headers = Object.freeze([]);

/** The client gives one object per header, in log order, with a null value read as an empty one. */
export function fromNativeHeaders(headers: readonly NativeHeader[] | undefined): Headers {
  if (headers === undefined || headers.length === 0) return NONE;
  const list: Header[] = [];
  for (const header of headers) {
    for (const name in header) list.push([name, header[name] ?? null]);
  }
  return list;
}

/**
 * One object per header, since the client drops all but the first key of each. It cannot write null
 * either (cap `nullHeader`, trap T20): such a value goes out empty, and `onLossy` hears of it.
 */
export function toNativeHeaders(headers: Headers, onLossy: (name: string) => void): NativeHeader[] {
  return headers.map(([name, value]) => {
    if (value === null) onLossy(name);
    const bytes = toNativeBytes(value ?? new Uint8Array(0)) as Uint8Array;
    // Defined rather than assigned: a header may be called `__proto__`.
    return Object.defineProperty({}, name, { value: bytes, enumerable: true }) as NativeHeader;
  });
}
