import { describe, expect, it } from "vitest";
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
