import type { Order } from "./orders.ts";

/** What the shop has charged. In earnest this would be a database. */
export class Ledger {
  readonly #charged = new Map<string, number[]>();
  readonly #ids = new Set<string>();
  /** Deliveries of an order that had been charged before. */
  repeated = 0;
  /** When the newest order charged was placed; milliseconds since the Unix epoch. */
  newest = 0;

  /** `id` makes a repeated delivery harmless: Kafka redelivers what was not committed. */
  charge(order: Order, id: string): void {
    if (this.#ids.has(id)) {
      this.repeated++;
      return;
    }
    this.#ids.add(id);
    const numbers = this.#charged.get(order.customer) ?? [];
    numbers.push(order.n);
    this.#charged.set(order.customer, numbers);
    this.newest = Math.max(this.newest, order.orderedAt);
  }

  get size(): number {
    return this.#ids.size;
  }

  inOrder(customer: string): boolean {
    const numbers = this.#charged.get(customer) ?? [];
    return numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));
  }
}
