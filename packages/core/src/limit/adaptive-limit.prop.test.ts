import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaptiveLimit } from "./adaptive-limit.ts";
import type { AdaptiveConcurrency } from "./adaptive-limit.ts";

/**
 * Something that works on `capacity` calls at once, each in `serviceMs`, and slows all down in
 * proportion beyond that. Always as many calls as the limit allows.
 */
class Service {
  capacity: number;
  serviceMs: number;
  readonly limit: AdaptiveLimit;
  now = 0;
  #random: number;
  #calls: { startedAt: number; endsAt: number }[] = [];

  constructor(config: AdaptiveConcurrency, capacity: number, serviceMs: number, seed: number) {
    this.limit = new AdaptiveLimit(config);
    this.capacity = capacity;
    this.serviceMs = serviceMs;
    this.#random = seed;
  }

  /** Runs for so many service times; the mean limit and the share of what the capacity can do. */
  run(serviceTimes: number): { limit: number; utilisation: number } {
    const began = this.now;
    const until = began + serviceTimes * this.serviceMs;
    let done = 0;
    let area = 0;
    while (this.now < until) {
      while (this.#calls.length < this.limit.limit) this.#call();
      const before = this.now;
      area += this.limit.limit * (this.#end() - before);
      done++;
    }
    const span = this.now - began;
    return {
      limit: area / span,
      utilisation: (done * this.serviceMs) / (span * this.capacity),
    };
  }

  #call(): void {
    const load = Math.max(1, (this.#calls.length + 1) / this.capacity);
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    // From half to one and a half.
    const spread = 0.5 + this.#random / 2 ** 32;
    this.#calls.push({ startedAt: this.now, endsAt: this.now + this.serviceMs * load * spread });
  }

  #end(): number {
    let first = 0;
    for (let each = 1; each < this.#calls.length; each++) {
      if (this.#calls[each]!.endsAt < this.#calls[first]!.endsAt) first = each;
    }
    const running = this.#calls.length;
    const [{ startedAt, endsAt }] = this.#calls.splice(first, 1) as [
      { startedAt: number; endsAt: number },
    ];
    this.now = Math.max(this.now, endsAt);
    this.limit.finished(startedAt, this.now, running);
    return this.now;
  }
}

const capacities = fc.integer({ min: 4, max: 80 });
const serviceTimes = fc.integer({ min: 3, max: 300 });
const config = (policy: AdaptiveConcurrency["policy"]): AdaptiveConcurrency => ({
  ...{ min: 1, max: 1_000, policy },
});

function settles(service: Service, most: number): void {
  const { limit, utilisation } = service.run(400);
  const of = `a limit of ${limit.toFixed(1)} for a capacity of ${service.capacity}`;
  expect(limit, of).toBeGreaterThan(service.capacity * 0.9);
  expect(limit, of).toBeLessThan(service.capacity * most + 5);
  expect(utilisation, of).toBeGreaterThan(0.85);
}

test("gradient settles near what the service can do at once, and finds it again when that halves or doubles, or when each call takes twice as long", () => {
  fc.assert(
    fc.property(
      capacities,
      serviceTimes,
      fc.nat(0xffff_ffff),
      fc.constantFrom("slower", "less", "more", "overloaded"),
      (least, serviceMs, seed, then) => {
        // A small one is through few windows while it is overloaded.
        const capacity = then === "overloaded" ? least + 24 : least;
        const service = new Service(config("gradient"), capacity, serviceMs, seed);
        service.run(300);
        settles(service, 1.7);
        const before = service.limit.limit;
        if (then === "slower") service.serviceMs *= 2;
        if (then === "less") service.capacity = Math.ceil(capacity / 2);
        if (then === "more") service.capacity *= 2;
        if (then === "overloaded") {
          // It gives way within a few windows, before anything is known of why.
          service.capacity = capacity / 8;
          service.run(120);
          expect(service.limit.limit).toBeLessThan(before * 0.75);
          service.capacity = capacity;
        }
        service.run(600);
        settles(service, 1.7);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

test("aimd keeps latency within about twice that without load", () => {
  fc.assert(
    fc.property(capacities, serviceTimes, fc.nat(0xffff_ffff), (capacity, serviceMs, seed) => {
      const service = new Service(config("aimd"), capacity, serviceMs, seed);
      service.run(300);
      settles(service, 2.4);
      service.capacity = Math.ceil(capacity / 2);
      service.run(600);
      settles(service, 2.4);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test("it stays within its bounds, whatever it is told", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.nat(50),
      fc.constantFrom("gradient" as const, "aimd" as const),
      fc.array(fc.tuple(fc.nat(500), fc.nat(2_000), fc.nat(100)), {
        minLength: 100,
        maxLength: 2_000,
        size: "max",
      }),
      (min, more, policy, calls) => {
        const limit = new AdaptiveLimit({ min, max: min + more, policy });
        let now = 0;
        for (const [gap, latency, running] of calls) {
          now += gap;
          limit.finished(now - latency, now, running);
          if (limit.limit >= min && limit.limit <= min + more && limit.limit % 1 === 0) continue;
          throw new Error(`a limit of ${limit.limit}`);
        }
      },
    ),
    { numRuns: 100 },
  );
}, 60_000);
