import type { HistoryEvent } from "@sluice/checker";
import { describe, expect, it } from "vitest";
import { sampleHistory } from "../../../test/sample-run.ts";
import { chartData } from "./chart-data.ts";

const add = (history: readonly HistoryEvent[], ...events: object[]): HistoryEvent[] => {
  const t = history.at(-1)!.t;
  return [...history, ...events.map((event, i) => ({ t: t + i + 1, ...event }) as HistoryEvent)];
};

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
    const { members, phases, span } = chartData(sampleHistory(false));
    const [m0, m1] = members;
    expect(members.map(({ name }) => name)).toEqual(["m0", "m1"]);
    expect(m0!.grants).toMatchObject([{ generation: 1, partitions: ["in/0"] }]);
    expect(m0!.grants[0]!.to).toBeLessThan(span);
    expect(m0!.handlers).toHaveLength(20);
    expect(m0!.handlers[0]).toMatchObject({ record: "in/0@0", attempt: 1, result: "ok" });
    expect(m0!.marks.map(({ what }) => what)).toEqual(["started", "stopping", "exited"]);
    expect(m1!.commits.map(({ offsets, fate }) => [offsets, fate])).toEqual([
      ["in/1 5", "accepted"],
      ["in/1 10", "accepted"],
      ["in/1 15", "accepted"],
      ["in/1 20", "accepted"],
    ]);
    expect(phases.map(({ name }) => name)).toEqual(["steady", "inject", "heal", "quiesce"]);
  });

  it("is each fault from its injection to its end, and when it was seen", () => {
    const [fault] = chartData(sampleHistory(false)).faults;
    expect(fault).toMatchObject({ name: "broker-sigterm", detail: "broker 1" });
    expect(fault!.seen! - fault!.from).toBe(200);
    expect(fault!.to - fault!.seen!).toBe(400);
    const unhealed = sampleHistory(false).filter(
      (event) => !(event.type === "fault" && event.state === "healed"),
    );
    const { faults, span } = chartData(unhealed);
    expect(faults[0]!.to).toBe(span);
  });

  it("tells commits that were refused, lost or never answered apart", () => {
    const at = { topic: "in", partition: 0 };
    const request = (id: string): object => ({
      type: "commit-request",
      member: "m0",
      memberId: "m0-id",
      generation: 1,
      id,
      version: 5,
      offsets: [{ ...at, offset: "20", metadata: "" }],
    });
    const answer = (id: string, forwarded: boolean, error: number): object => ({
      type: "commit-answer",
      member: "m0",
      id,
      forwarded,
      results: [{ ...at, error }],
    });
    const history = add(
      sampleHistory(false),
      ...[request("a"), answer("a", true, 22), request("b"), answer("b", false, 0), request("c")],
    );
    const { commits } = chartData(history).members[0]!;
    expect(commits.slice(-3).map(({ fate }) => fate)).toEqual(["refused", "lost", "unanswered"]);
  });

  it("has the frames that were withheld, on the history's clock", () => {
    const history = sampleHistory(false);
    const frame = {
      t: history[0]!.t + 50,
      until: history[0]!.t + 350,
      fate: "late",
      member: "m0",
      direction: "response",
      api: "OffsetCommit v5",
      node: 1,
      connection: 3,
      correlationId: 9,
    } as const;
    const { members, span } = chartData(history, [frame, { ...frame, until: null, fate: "lost" }]);
    expect(members[0]!.withheld).toEqual([
      { from: 50, to: 350, fate: "late", what: "OffsetCommit v5 answer" },
      { from: 50, to: span, fate: "lost", what: "OffsetCommit v5 answer" },
    ]);
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

describe("charts with less detail", () => {
  it("keep the longest handlers and all that did not end ok, and say how many are left out", () => {
    const failing = sampleHistory(false).map((event) =>
      event.type === "finish" && event.handle === "m0-5"
        ? ({ ...event, result: "retry" } as const)
        : event,
    );
    const { members, omitted } = chartData(failing, [], { points: Infinity, handlers: 2 });
    // m0-0 is held for seconds.
    expect(members[0]!.handlers.map(({ handle }) => handle)).toEqual(["m0-0", "m0-5"]);
    expect(members[0]!.ran).toBe(20);
    expect(omitted).toContainEqual(expect.stringMatching(/^m0: 2 of 20 handlers are drawn/));
    expect(chartData(failing).omitted).toEqual([]);
  });

  it("keep each line's end and every step down", () => {
    const back = [{ type: "committed", topic: "in", partition: 1, offset: "3", own: true }];
    const full = sampleHistory(false);
    const middle = full.findIndex((event) => event.type === "phase" && event.phase === "heal");
    const regressed = back.map((event) => ({ t: full[middle]!.t, ...event }) as HistoryEvent);
    const history = full.toSpliced(middle, 0, ...regressed);
    const { partitions, omitted } = chartData(history, [], { points: 4, handlers: Infinity });
    const [, other] = partitions;
    expect(other!.begun.length).toBeLessThan(20);
    expect(other!.begun.at(-1)![1]).toBe(20);
    const offsets = other!.committed.map(([, offset]) => offset);
    expect(offsets).toContain(3);
    expect(offsets[offsets.indexOf(3) - 1]).toBe(10);
    expect(omitted).toContainEqual(expect.stringMatching(/^2 of 2 partitions: .* every \d+ ms/));
  });
});
