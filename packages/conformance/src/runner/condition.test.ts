import { describe, expect, test } from "vitest";
import { condition, Unmet } from "./condition.ts";
import { History } from "./history.ts";

const options = { withinMs: 2_000, blame: "subject" } as const;

describe("waiting for a condition", () => {
  test("ends with the event that makes it true", async () => {
    const history = new History(null);
    const waiting = condition(
      history,
      "two phases",
      () => history.events.filter(({ type }) => type === "phase").length === 2,
      options,
    );
    history.record({ type: "phase", phase: "steady" });
    history.record({ type: "phase", phase: "quiesce" });
    await waiting;
  });

  test("sees what depends on time alone", async () => {
    const start = performance.now();
    await condition(new History(null), "time", () => performance.now() - start > 40, options);
    expect(performance.now() - start).toBeGreaterThan(40);
  });

  test("names what was not met and how far it got", async () => {
    const unmet = condition(new History(null), "all finished", () => false, {
      withinMs: 30,
      blame: "environment",
      progress: () => "3 of 9",
    });
    await expect(unmet).rejects.toMatchObject({
      name: "Unmet",
      condition: "all finished",
      blame: "environment",
      message: "all finished: not within 0.0 s (3 of 9)",
    });
  });

  test("gives up at once when nothing can come any more", async () => {
    const start = performance.now();
    const unmet = condition(new History(null), "begun", () => false, {
      ...options,
      hopeless: () => "m0 exited with code 1",
    });
    await expect(unmet).rejects.toBeInstanceOf(Unmet);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test("passes on what the predicate throws", async () => {
    const history = new History(null);
    let broken = false;
    const waiting = condition(
      history,
      "x",
      () => {
        if (broken) throw new TypeError("defect");
        return false;
      },
      options,
    );
    broken = true;
    await expect(waiting).rejects.toBeInstanceOf(TypeError);
  });
});

describe("the history", () => {
  test("never goes back in time, whatever the clock does", () => {
    const clock = [5, 3.123456, 9];
    const history = new History(null, () => clock.shift() ?? 0);
    for (let i = 0; i < 4; i++) history.record({ type: "phase", phase: "steady" });
    expect(history.events.map(({ t }) => t)).toEqual([5, 5, 9, 9]);
  });
});
