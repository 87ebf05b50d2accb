import { describe, expect, test } from "vitest";
import { readVectors } from "../runner/vector-file.ts";
import { drawGateTrace, GATE_SIGHTS } from "./gate-draw.ts";
import { GateModel } from "./gate-model.ts";
import type { GateEvent } from "./gate-model.ts";

describe("the model of a gate", () => {
  test("answers every vector of the specification as it is written there", () => {
    const { tests } = readVectors("gate_trace");
    for (const { tcId, input, expect: expected } of tests) {
      const model = new GateModel();
      const steps = (input["events"] as readonly GateEvent[]).map((event) => {
        model.perform(event);
        return model.step();
      });
      expect({ steps }, `tcId ${tcId}`).toEqual(expected);
    }
    expect(tests.length).toBeGreaterThan(50);
  });
});

describe("a trace that is drawn", () => {
  const traces = Array.from({ length: 500 }, (_, i) => drawGateTrace(1000 + i, 60));

  test("is the same for the same seed, and not for another", () => {
    expect(drawGateTrace(7, 40).events).toEqual(drawGateTrace(7, 40).events);
    expect(drawGateTrace(7, 40).events).not.toEqual(drawGateTrace(8, 40).events);
    expect(drawGateTrace(7, 40).events).toHaveLength(40);
  });

  test("is one that a log can show: offsets ascend, and stay exact", () => {
    for (const { events } of traces) {
      let position = Number.NaN;
      for (const event of events) {
        if (event.type === "assigned") position = Number(event.position);
        if (event.type !== "fetched") continue;
        const bounds = [position - 1, ...event.offsets.map(Number), Number(event.position)];
        expect(bounds).toEqual([...new Set(bounds)].sort((a, b) => a - b));
        expect(Number.isSafeInteger(bounds.at(-1))).toBe(true);
        position = Number(event.position);
      }
    }
  });

  test.each(GATE_SIGHTS)("comes now and then to: %s", (sight) => {
    const reached = traces.filter(({ sights }) => sights.has(sight)).length;
    expect(reached).toBeGreaterThan(20);
    expect(reached).toBeLessThan(traces.length);
  });
});
