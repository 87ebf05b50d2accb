import { expect, it } from "vitest";
import { forEachAdapter, rigFor } from "../harness/adapters.ts";
import { awaitUntil } from "../harness/await-until.ts";

forEachAdapter("an assignment", (tested) => {
  const rig = rigFor(tested);

  it("delivers a partition's records in order from the start that was answered", async () => {
    const { member, witness } = await rig();
    const topic = await witness.topic("in-order");
    await witness.produce(topic, ["a", "b", "c", "d"]);
    const { events } = await member({
      topics: [topic],
      group: witness.name("g"),
      answers: { assigned: () => [1] },
    });
    await awaitUntil("three records", () => events.values().length === 3);
    expect(events.values()).toEqual(["b", "c", "d"]);
    expect(events.position()).toBe(4);
  });
});
