import { describe, expect, it } from "vitest";
import { History } from "../../runner/history.ts";
import { WireView } from "../../runner/wire-view.ts";
import type { Scene } from "../scene.ts";
import { WIRE_MEASURES } from "./wire-measures.ts";

describe("shared", () => {
  it.each([
    ["each has its share", { m0: [0, 1], m1: [2, 3], m2: [4, 5] }, 6],
    ["it does not come out even", { m0: [0, 1], m1: [2], m2: [3] }, 4],
    ["one has none yet", { m0: [0, 1], m1: [2, 3], m2: [] }, 0],
    ["one is still to give up what another gets", { m0: [0, 1], m1: [2, 3], m2: [1, 4] }, 0],
    ["one was told to keep what it will give up", { m0: [0, 1, 2], m1: [3, 4], m2: [5] }, 0],
  ])("when %s", (_, parts: Record<string, number[]>, expected) => {
    const assigned = (member: string): readonly number[] => parts[member] ?? [];
    const scene = { run: { topic: "in", wire: { assigned } } } as unknown as Scene;
    expect(WIRE_MEASURES.shared.read(scene, ["m0", "m1", "m2"], 0)).toBe(expected);
  });
});

describe("fetchedPartitions", () => {
  it("counts each partition of the case's topic once, whoever of them fetches it how often", () => {
    const history = new History(null);
    const scene = { run: { topic: "in", wire: new WireView(history) } } as unknown as Scene;
    const fetched = (member: string, ...of: readonly (readonly [string, number])[]): void => {
      const from = of.map(([topic, partition]) => ({ topic, partition, offset: "40" }));
      history.record({ type: "fetched", member, bytes: 76, from });
    };
    const count = (): number => WIRE_MEASURES.fetchedPartitions.read(scene, ["m0", "m1"], 0);
    // What an answer to the member of the case before may still bring.
    fetched("m0", ["before.in", 3], ["in-2", 4]);
    expect(count()).toBe(0);
    fetched("m0", ["in", 5]);
    expect(count()).toBe(1);
    fetched("m0", ["in", 5], ["in", 0]); // on another connection
    fetched("m1", ["in", 1]);
    fetched("m2", ["in", 2]);
    history.record({ type: "fetched", member: "m1", bytes: 76 });
    expect(count()).toBe(3);
  });
});
