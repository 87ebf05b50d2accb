import type { Order } from "./orders.ts";

/** What the shop has charged. In earnest this would be a database. */
export class Ledger {
  readonly #charged = new Map<string, number[]>();
  readonly #ids = new Set<string>();
  /** Deliveries of an order that had been charged before. */
  repeated = 0;

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
  }

  get size(): number {
    return this.#ids.size;
  }

  numbersOf(customer: string): readonly number[] {
    return this.#charged.get(customer) ?? [];
  }

  inOrder(customer: string): boolean {
    return this.numbersOf(customer).every((n, i, all) => i === 0 || n > (all[i - 1] ?? -1));
  }
}
