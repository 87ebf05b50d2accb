import { describe, expect, it } from "vitest";
import { topicPrefix } from "./topic-prefix.ts";

describe("the topics' common prefix", () => {
  it.each([
    [["run.case.7.in"], "run.case.7.in.dlq", "run.case.7."],
    [["run.case.7.in"], null, "run.case.7."],
    [["run.a.in", "run.b.in"], null, "run."],
    [["in"], "in.dlq", ""],
    [["a.in", "b.in"], null, ""],
    [[".in"], null, "."],
    [[], null, ""],
  ])("of %j and %j is %j", (names, deadLetterTopic, prefix) => {
    const topics = Object.fromEntries(names.map((name) => [name, 1]));
    expect(topicPrefix({ topics, deadLetterTopic })).toBe(prefix);
  });
});
