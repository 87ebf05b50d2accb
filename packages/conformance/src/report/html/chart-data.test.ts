import { describe, expect, it } from "vitest";
import { sampleHistory } from "../../../test/sample-run.ts";
import { chartData } from "./chart-data.ts";

describe("what the charts show", () => {
  it("is the offset staircase of each partition", () => {
    const { partitions } = chartData(sampleHistory(false));
    expect(partitions.map(({ name }) => name)).toEqual(["in/0", "in/1"]);
    const [head, other] = partitions;
    for (const { begun, settled, committed, end, violations } of [head!, other!]) {
      for (const line of [begun, settled, committed, end]) expect(line.at(-1)![1]).toBe(20);
      expect(violations).toEqual([]);
    }
    // The first record of partition 0 is held: nothing settles in front of it until the end.
    const firstRise = head!.settled.find(([, offset]) => offset > 0)!;
    const firstOfOther = other!.settled.find(([, offset]) => offset > 0)!;
    expect(firstRise[0]).toBeGreaterThan(firstOfOther[0] + 1000);
  });

  it("marks a commit above the settled line", () => {
    const [head, other] = chartData(sampleHistory(true)).partitions;
    expect(head!.violations.map(([, offset]) => offset)).toEqual([8]);
    expect(other!.violations).toEqual([]);
  });

  it("is what each member owned, ran and committed", () => {
    const { members, faults, phases, span } = chartData(sampleHistory(false));
    const [m0] = members;
    expect(members.map(({ name }) => name)).toEqual(["m0", "m1"]);
    expect(m0!.grants).toMatchObject([{ generation: 1, partitions: ["in/0"] }]);
    expect(m0!.grants[0]!.to).toBeLessThan(span);
    expect(m0!.handlers).toHaveLength(20);
    expect(m0!.handlers[0]).toMatchObject({ record: "in/0@0", attempt: 1, result: "ok" });
    expect(m0!.marks.map(({ what }) => what)).toEqual(["started", "stopping", "exited"]);
    expect(faults).toMatchObject([{ name: "broker-sigterm" }]);
    expect(faults[0]!.to - faults[0]!.from).toBeGreaterThan(500);
    expect(phases.map(({ name }) => name)).toEqual(["steady", "inject", "heal", "quiesce"]);
  });

  it("draws a handler that was never answered to the end", () => {
    const cut = sampleHistory(false).filter(
      (event) => !(event.type === "finish" && event.handle === "m0-0"),
    );
    const { members, span } = chartData(cut);
    expect(members[0]!.handlers[0]).toMatchObject({ result: null, to: span });
  });

  it("takes the commit log where the wire was not seen", () => {
    const log = sampleHistory(false).filter(
      ({ type }) => type !== "commit-request" && type !== "commit-answer",
    );
    expect(chartData(log).partitions[0]!.committed.at(-1)![1]).toBe(20);
  });

  it("of nothing is nothing", () => {
    expect(chartData([])).toMatchObject({ partitions: [], members: [], faults: [] });
  });
});
