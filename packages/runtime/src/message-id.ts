import { randomFillSync } from "node:crypto";

/** A UUID version 7 (RFC 9562): ids made later sort later, to the millisecond. */
export function uuidv7(): string {
  if (next === POOL.length) {
    randomFillSync(POOL);
    next = 0;
  }
  const random = POOL.subarray(next, (next += 10)).toString("hex");
  const time = Date.now().toString(16).padStart(12, "0");
  // The version takes the first 4 of 80 random bits, the variant the 17th and 18th.
  const variant = "89ab"[parseInt(random.charAt(4), 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(1, 4)}-${variant}${random.slice(5, 8)}-${random.slice(8)}`;
}

/** Randomness is fetched for many ids at a time: each call costs a microsecond. */
const POOL = Buffer.alloc(10 * 256);
let next = POOL.length;
