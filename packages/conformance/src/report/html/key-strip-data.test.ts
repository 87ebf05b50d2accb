import { check } from "@sluice/checker";
import type { HistoryEvent } from "@sluice/checker";
import { describe, expect, it } from "vitest";
import { orderHistory } from "../../../test/sample-run.ts";
import { keyStrips } from "./key-strip-data.ts";
import type { KeyStripData } from "./key-strip-data.ts";

function stripsOf(history: readonly HistoryEvent[], id: "K1" | "K2"): readonly KeyStripData[] {
  const result = check(history).invariants.find((invariant) => invariant.id === id)!;
  return keyStrips(history, result);
}

const inTurn = [0, 1, 2].flatMap((o) => [{ begin: o }, { finish: o }]);

describe("the strip of a key", () => {
  it("is there only where the order was broken", () => {
    expect(stripsOf(orderHistory(3, inTurn), "K1")).toEqual([]);
  });

  it("shows a record that begins while the one before it runs", () => {
    const [strip] = stripsOf(
      orderHistory(3, [{ begin: 0 }, { begin: 1 }, { finish: 1 }, { finish: 0 }]),
      "K1",
    );
    // Steps of 10 ms; an eighth of the 30 ms that all takes around it, as far as there is history.
    expect(strip).toMatchObject({ lane: "key a of in/0", broken: 20, from: 6.3, to: 40 });
    expect(strip!.rows.map(({ record }) => record)).toEqual(["@0", "@1", "@2"]);
    const [first, second, third] = strip!.rows;
    expect(first!.bars).toMatchObject([{ from: 10, to: 40, wrong: false }]);
    expect(second!.bars).toMatchObject([{ from: 20, to: 30, wrong: true, result: "ok" }]);
    expect(third!.bars).toEqual([]);
  });

  it("shows a record that comes after one behind it", () => {
    const [strip] = stripsOf(
      orderHistory(2, [{ begin: 1 }, { finish: 1 }, { begin: 0 }, { finish: 0 }]),
      "K1",
    );
    expect(strip!.broken).toBe(30);
    expect(strip!.rows.map(({ bars }) => bars.map(({ wrong }) => wrong))).toEqual([
      [true],
      [false],
    ]);
  });

  it("holds the turn of a record that is tried again, between its attempts too", () => {
    const [strip] = stripsOf(
      orderHistory(2, [
        ...[{ begin: 0 }, { finish: 0, result: "retry" } as const],
        ...[{ begin: 1 }, { finish: 1 }],
        ...[{ begin: 0, attempt: 2 }, { finish: 0 }],
      ]),
      "K1",
    );
    const [first, second] = strip!.rows;
    expect(first!.turn).toEqual([10, 60]);
    expect(first!.bars.map(({ attempt }) => attempt)).toEqual([1, 2]);
    // No bar lies over another: that it was not its turn is seen by the turn alone.
    expect(second!.bars).toMatchObject([{ from: 30, to: 40, wrong: true }]);
  });

  it("shows what was left out, as a row without a bar", () => {
    const [strip] = stripsOf(orderHistory(3, [{ begin: 0 }, { finish: 0 }, { begin: 2 }]), "K2");
    expect(strip!.rows.map(({ record, bars }) => [record, bars.length])).toEqual([
      ["@0", 1],
      ["@1", 0],
      ["@2", 1],
    ]);
    expect(strip!.rows[1]!.turn).toBe(null);
    expect(strip!.rows[2]!.bars[0]).toMatchObject({ wrong: true, to: null });
  });

  it("accuses the record that went past another, though that came later", () => {
    const [strip] = stripsOf(
      orderHistory(3, [...inTurn.slice(0, 2), { begin: 2 }, { finish: 2 }, { begin: 1 }]),
      "K2",
    );
    const wrong = strip!.rows.filter(({ bars }) => bars.some((bar) => bar.wrong));
    expect(wrong.map(({ record }) => record)).toEqual(["@2"]);
    expect(strip!.broken).toBe(30);
  });

  it("has other keys only where all of a partition is in order", () => {
    const [header, ...events] = orderHistory(3, [{ begin: 0 }, { begin: 2 }]);
    const other = events.map((event) =>
      event.type === "visible" && event.offset === "1" ? { ...event, key: "Yg==" } : event,
    );
    const rowsOf = (ordering: "key" | "partition"): readonly string[] => {
      const [strip] = stripsOf([{ ...header!, ordering } as HistoryEvent, ...other], "K1");
      return [strip!.lane, ...strip!.rows.map(({ record }) => record)];
    };
    expect(rowsOf("key")).toEqual(["key a of in/0", "@0", "@2"]);
    expect(rowsOf("partition")).toEqual(["in/0", "@0", "@1", "@2"]);
  });

  it("tells apart what another member ran, which is judged by itself", () => {
    const [strip] = stripsOf(
      orderHistory(2, [
        { begin: 0, member: "m1" },
        ...[{ begin: 0 }, { begin: 1 }, { finish: 0 }, { finish: 1 }],
        { finish: 0, member: "m1" },
      ]),
      "K1",
    );
    expect(strip!.rows[0]!.bars).toMatchObject([
      { member: "m1", nth: 0, elsewhere: true, wrong: false },
      { member: "m0", nth: 1, elsewhere: false, wrong: false },
    ]);
    expect(strip!.rows[0]!.turn).toEqual([20, 40]);
  });

  it("of many records has those at the fault, and says how many lie between", () => {
    const behind = Array.from({ length: 40 }, (_, o) => [{ begin: o + 1 }, { finish: o + 1 }]);
    const [strip] = stripsOf(orderHistory(60, [...behind.flat(), { begin: 0 }]), "K1");
    const rows = strip!.rows.map(({ record, leftOut }) => [record, leftOut]);
    // 40 is the furthest that had begun when 0 came.
    expect(rows).toEqual([
      ["@0", 0],
      ["@1", 0],
      ["@39", 37],
      ["@40", 0],
      ["@41", 0],
    ]);
  });

  it("is one for each of three keys at most", () => {
    const [header, ...events] = orderHistory(2, [{ begin: 0 }, { begin: 1 }]);
    // Each in a partition of its own.
    const partitions = [0, 1, 2, 3].map((partition) =>
      events.map((event): HistoryEvent => {
        if (event.type === "begin") {
          return { ...event, partition, handle: `m0-${partition}-${event.offset}` };
        }
        return event.type === "visible" ? { ...event, partition } : event;
      }),
    );
    const begins = partitions
      .flatMap((of) => of.filter(({ type }) => type === "begin"))
      .sort((a, b) => a.t - b.t);
    const others = partitions.flatMap((of) => of.filter(({ type }) => type === "visible"));
    const end = events.find(({ type }) => type === "phase")!;
    const four = { ...header!, topics: { in: 4 } } as HistoryEvent;
    const strips = stripsOf([four, ...begins, end, ...others], "K1");
    expect(strips.map(({ lane }) => lane)).toEqual([
      "key a of in/0",
      "key a of in/1",
      "key a of in/2",
    ]);
  });
});
