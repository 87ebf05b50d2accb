import type { Message } from "@sluice/runtime";

export interface Order {
  readonly customer: string;
  /** Counts from 0 for each customer: the order that must be kept. */
  readonly n: number;
  readonly amount: number;
  /** Fails the first two attempts, as a payment provider in trouble. */
  readonly flaky: boolean;
}

export interface Batch {
  readonly messages: readonly Message[];
  readonly customers: readonly string[];
  /** How many can never be handled. */
  readonly poisonous: number;
}

/** Orders of twelve customers in turn; some are flaky, a few are not even orders. */
export function makeOrders(topic: string, count: number): Batch {
  const customers = [
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
  let poisonous = 0;
  const messages = Array.from({ length: count }, (_, i): Message => {
    const customer = customers[i % customers.length] ?? "nobody";
    const key = customer;
    if (i % 53 === 17) {
      poisonous++;
      return { topic, key, value: "{ this is not an order" };
    }
    const n = Math.floor(i / customers.length);
    const order: Order = { customer, n, amount: 10 + (i % 90), flaky: i % 29 === 7 };
    return { topic, key, value: JSON.stringify(order) };
  });
  return { messages, customers, poisonous };
}

/** @throws SyntaxError for what is not an order */
export function readOrder(value: Uint8Array | null): Order {
  return JSON.parse(Buffer.from(value ?? []).toString("utf8")) as Order;
}
