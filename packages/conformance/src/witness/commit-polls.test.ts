import { describe, expect, test } from "vitest";
import { CommitPolls } from "./commit-polls.ts";
import type { CommitPoll } from "./commit-polls.ts";

type Answer = Awaited<ReturnType<ConstructorParameters<typeof CommitPolls>[0]["fetchOffsets"]>>;
const at = (offset: string): Answer => [
  { topic: "in", partitions: [{ partition: 0, offset, metadata: null }] },
];

/** A coordinator that answers when it is told to, and the polls that it has led to. */
function coordinator(): {
  polls: CommitPolls;
  seen: CommitPoll[];
  asked: () => number;
  answer: (how: Answer | Error) => Promise<void>;
} {
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let asked = 0;
  let clock = 0;
  const seen: CommitPoll[] = [];
  const polls = new CommitPolls(
    {
      fetchOffsets: ({ groupId, topics }) => {
        expect([groupId, topics]).toEqual(["g", ["in"]]);
        asked += 1;
        return new Promise<Answer>((resolve, reject) => waiting.push({ resolve, reject }));
      },
    },
    { group: "g", topic: "in", everyMs: 0 },
    (poll) => seen.push(poll),
    () => (clock += 1),
  );
  const next = async (): Promise<(typeof waiting)[number]> => {
    for (;;) {
      const [one] = waiting.splice(0, 1);
      if (one !== undefined) return one;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    polls,
    seen,
    asked: () => asked,
    answer: async (how) => {
      const { resolve, reject } = await next();
      if (how instanceof Error) reject(how);
      else resolve(how);
    },
  };
}

describe("polls of the committed offsets", () => {
  test("are asked one after the other, and say when they were", async () => {
    const { polls, seen, asked, answer } = coordinator();
    await answer(at("3"));
    await answer(at("5"));
    const closed = polls.close();
    await answer(at("6"));
    await closed;
    expect(seen.map(({ offsets }) => offsets[0]?.offset)).toEqual(["3", "5", "6"]);
    expect(seen.map((poll) => poll.asked)).toEqual([1, 2, 3]);
    expect(asked()).toBe(3);
  });

  test("end with one that was asked when the one before was answered", async () => {
    const { polls, seen, asked, answer } = coordinator();
    const closed = polls.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked()).toBe(1);
    await answer(at("3"));
    await answer(at("4"));
    await closed;
    expect(seen.map(({ offsets }) => offsets[0]?.offset)).toEqual(["3", "4"]);
  });

  test("leave out what is not committed, and what was not answered", async () => {
    const { polls, seen, answer } = coordinator();
    await answer(at("-1"));
    await answer(new Error("no coordinator"));
    const closed = polls.close();
    await answer(at("2"));
    await closed;
    expect(seen.map(({ offsets }) => offsets.length)).toEqual([0, 1]);
  });

  test("fail when the last one is not answered: the end would not be known", async () => {
    const { polls, answer } = coordinator();
    const closed = polls.close();
    const failed = expect(closed).rejects.toThrow("gone");
    await answer(at("2"));
    await answer(new Error("gone"));
    await failed;
  });
});
