import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { simulate } from "../test/group-simulation.ts";
import type { Bug } from "../test/group-simulation.ts";
import { check } from "./check.ts";
import type { HistoryEvent, InvariantId } from "./history.ts";

// Thousands of histories: seconds on an idle machine, more on a loaded one.
vi.setConfig({ testTimeout: 60_000 });

describe("check never throws", () => {
  it("on any JSON", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (lines) => {
        const judgement = check(lines as unknown as HistoryEvent[]);
        expect(judgement.verdict).toBe("unknown");
      }),
    );
  });

  it("on a history from which a field, a line or an order was changed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...canned),
        fc.array(fc.record({ at: fc.nat(), field: fc.nat(), value: fc.jsonValue() }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.constantFrom("field", "line", "swap"),
        (history, changes, kind) => {
          const events = history.map((event) => ({ ...event })) as Record<string, unknown>[];
          for (const { at, field, value } of changes) {
            const i = at % events.length;
            const event = events[i]!;
            if (kind === "line") events.splice(i, 1);
            else if (kind === "swap") [events[i], events[0]] = [events[0]!, event];
            else event[Object.keys(event)[field % Object.keys(event).length]!] = value;
            if (events.length === 0) break;
          }
          const judgement = check(events as unknown as HistoryEvent[]);
          expect(["pass", "fail", "unknown"]).toContain(judgement.verdict);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("a simulated group whose channels all have delays of their own", () => {
  it("is never failed while its members are right", () => {
    const examined = new Map<InvariantId, number>();
    fc.assert(
      fc.property(choices, (numbers) => {
        const judgement = check(simulate(chooser(numbers), null));
        for (const { id, examined: seen } of judgement.invariants) {
          examined.set(id, (examined.get(id) ?? 0) + seen);
        }
        const failed = judgement.invariants.filter(({ verdict }) => verdict === "fail");
        expect(failed, JSON.stringify(failed, null, 1)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    // Partition vectors and progress during a fault have no place in this world.
    const blind = [...examined].filter(([, count]) => count < 200).map(([id]) => id);
    expect(blind).toEqual(["H1", "V4"]);
  });

  const bites: readonly (readonly [Bug, readonly InvariantId[]])[] = [
    ["commits-highest", ["P1", "P1s"]],
    ["commits-one-short", ["P2", "V2", "V5"]],
    ["no-key-lock", ["K1"]],
    ["no-epoch-fence", ["P5"]],
    ["marks-dropped-done", ["P1", "P1s"]],
    ["commits-before-divert", ["Q3", "P1s"]],
    ["retries-poison", ["T1"]],
    ["runs-twice", ["D1", "D2"]],
    ["wrong-key", ["X1"]],
    ["ignores-committed", ["D1"]],
    ["dispatches-after-leaving", ["P5"]],
    ["commits-what-it-lost", ["P4"]],
    ["too-many-at-once", ["B1"]],
    ["never-starts", ["V1"]],
  ];
  it.each(bites)("is failed when a member %s, by %s", (bug, ids) => {
    const caught = new Set<InvariantId>();
    fc.assert(
      fc.property(choices, (numbers) => {
        for (const { id, verdict } of check(simulate(chooser(numbers), bug)).invariants) {
          if (verdict === "fail") caught.add(id);
        }
      }),
      { numRuns: 100 },
    );
    expect([...caught]).toEqual(expect.arrayContaining([...ids]));
  });
});

const choices = fc.array(fc.nat(5039), { minLength: 64, maxLength: 64, size: "max" });

/** A long stream of choices from a short list: each number seeds a stretch of them. */
function chooser(numbers: readonly number[]): (n: number) => number {
  let i = 0;
  let state = 1;
  return (n) => {
    if (i % 16 === 0) state = (state * 31 + numbers[(i / 16) % numbers.length]!) >>> 0;
    i += 1;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
}

const folder = new URL("../histories/", import.meta.url);
const canned = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".jsonl"))
  .map((file) =>
    readFileSync(new URL(file, folder), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as HistoryEvent),
  );
