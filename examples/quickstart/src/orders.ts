import type { Message } from "@sluice/runtime";

export interface Order {
  readonly customer: string;
  /** Counts from 0 for each customer: the order that must be kept. */
  readonly n: number;
  readonly amount: number;
  /** Fails the first two attempts, as when a payment provider is in trouble. */
  readonly flaky: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly orderedAt: number;
}

export const CUSTOMERS: readonly string[] = [
  "ada",
  "ben",
  "cyd",
  "dot",
  "eve",
  "fay",
  "gus",
  "hal",
  "ivy",
  "jon",
  "kit",
  "lou",
];

/** The `i`th order of the shop: its customers order in turn. A few are not orders at all. */
export function makeOrder(topic: string, i: number): Message {
  const customer = CUSTOMERS[i % CUSTOMERS.length] ?? "nobody";
  // An id of our own, so that an order sent again is known to be the same.
  const headers = { "sluice-message-id": `order-${i}` };
  if (isPoisonous(i)) return { topic, key: customer, value: "{ this is not an order", headers };
  const order: Order = {
    customer,
    n: Math.floor(i / CUSTOMERS.length),
    amount: 10 + (i % 90),
    flaky: i % 29 === 7,
    orderedAt: Date.now(),
  };
  return { topic, key: customer, value: JSON.stringify(order), headers };
}

export function isPoisonous(i: number): boolean {
  return i % 53 === 17;
}

/** @throws SyntaxError for what is not an order */
export function readOrder(value: Uint8Array | null): Order {
  return JSON.parse(Buffer.from(value ?? []).toString("utf8")) as Order;
}
