import { expect, test } from "vitest";
import { assignment, Drive } from "../../test/drive.ts";
import { LaneScheduler } from "../lane/lane-scheduler.ts";
import { Assignment } from "./assignment.ts";
import { Intake } from "./intake.ts";

test("what joins before anything was held is not closed for the budget", () => {
  const budget = { records: 1, bytes: 1_000 };
  const lanes = new LaneScheduler({ ordering: "key", concurrency: 1, budget, seed: 1 });
  const intake = new Intake(lanes, new Drive());
  const start = { offset: 0, outOfRange: false, commitAtOnce: false };
  const first = new Assignment(assignment(0, 1, 0), 0, start, false);
  intake.joined(first);
  expect([first.pausedFor.budget, first.shouldPause]).toEqual([false, false]);
});
