import type { KafkaRecord } from "@sluice/core";
import { encodeCommitMetadata } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { SimProcess } from "../client/sim-process.ts";
import { Random } from "../random.ts";
import { VirtualTime } from "../virtual-time.ts";
import { AssignmentBook } from "./assignment-book.ts";
import type { BookRules } from "./assignment-book.ts";
import { Coverage } from "./coverage.ts";

const AT = { topic: "t", partition: 0, epoch: 1 };

function recordOf(offset: number, key: string | null = null, leaderEpoch = 0): KafkaRecord {
  return {
    topic: "t",
    partition: 0,
    offset,
    leaderEpoch,
    timestamp: 0,
    key: key === null ? null : Buffer.from(key),
    value: null,
    headers: [],
  };
}

function slc1(base: number, settled: readonly number[], leaderEpoch: number | null = 0): string {
  return encodeCommitMetadata({ base, settled, leaderEpoch, maxChars: 4000 }).metadata;
}

/** An assignment that begins at `committed`, with what is done in it. */
function open(
  rules: Partial<BookRules> = {},
  committed: { readonly offset: number; readonly metadata: string } = { offset: 0, metadata: "" },
): {
  readonly problems: string[];
  readonly coverage: Coverage;
  deliver(...records: KafkaRecord[]): void;
  begin(...records: KafkaRecord[]): void;
  settle(...records: KafkaRecord[]): void;
  /** @param isWritten the broker has said so */
  divert(offset: number, isWritten: boolean): void;
  commit(offset: number, metadata?: string): void;
  refuse(offset: number, metadata: string): void;
  revoke(): void;
} {
  const problems: string[] = [];
  const coverage = new Coverage();
  const book = new AssignmentBook(
    { ordering: "key", batch: null, tellsAll: true, ...rules },
    coverage,
    (problem) => problems.push(problem),
  );
  const process = new SimProcess("m", new VirtualTime(0), new Random(1));
  book.assigning(process, [{ ...AT, committed, low: 0, high: 100 }]);
  return {
    problems,
    coverage,
    deliver: (...records) =>
      book.delivered(process, AT, records, (records.at(-1)?.offset ?? -1) + 1),
    begin: (...records) => book.began(process, 1, records),
    settle: (...records) => {
      for (const record of records) {
        book.ended(process, 1, record);
        book.settled(process, 1, record, 5);
      }
    },
    revoke: () => book.revoked(process, [AT]),
    refuse: (offset, metadata) => book.refused(process, { ...AT, offset, metadata }),
    divert: (offset, isWritten) => {
      if (isWritten) book.acknowledged(process, { ...AT, offset });
      book.deadLettered(process, { ...AT, offset }, 5);
    },
    commit: (offset, metadata = "") => book.committing(process, { ...AT, offset, metadata }, 9),
  };
}

describe("a begin", () => {
  it("is right when what comes before it in its lane is settled", () => {
    const [a, b, c] = [recordOf(0, "x"), recordOf(1, "y"), recordOf(2, "x")];
    const { problems, deliver, begin, settle } = open();
    deliver(a, b, c);
    begin(a);
    begin(b);
    settle(a);
    begin(c);
    expect(problems).toEqual([]);
  });

  it("is wrong before the one before it in its lane is settled, running or not", () => {
    const [a, b] = [recordOf(0, "x"), recordOf(1, "x")];
    const { problems, deliver, begin } = open();
    deliver(a, b);
    begin(b);
    expect(problems).toEqual([expect.stringContaining("before 0 of the same lane was settled")]);
  });

  it("is right of several of a lane together, and wrong of too many, or of several lanes", () => {
    const [a, b, c] = [recordOf(0, "x"), recordOf(1, "x"), recordOf(2, "y")];
    const { problems, deliver, begin } = open({ batch: { size: 2, by: "lane" } });
    deliver(a, b, c);
    begin(a, b);
    expect(problems).toEqual([]);
    begin(a, b, c);
    expect(problems).toContainEqual(expect.stringContaining("more than 2"));
    expect(problems).toContainEqual(expect.stringContaining("of more than one lane"));
    expect(problems).toContainEqual(expect.stringContaining("which is running"));
  });

  it("is wrong of what is settled, was restored, or was never delivered", () => {
    const [a, b] = [recordOf(0), recordOf(2)];
    const { problems, deliver, begin, settle } = open({}, { offset: 0, metadata: slc1(0, [2, 3]) });
    deliver(a, b);
    begin(a);
    settle(a);
    expect(problems).toEqual([]);
    begin(a);
    begin(b);
    begin(recordOf(7));
    expect(problems).toEqual([
      expect.stringContaining("settled in this epoch"),
      expect.stringContaining("metadata calls settled"),
      expect.stringContaining("not delivered"),
    ]);
  });

  it("is right, and its settling is due, where a later leader has written another record", () => {
    const fresh = recordOf(2, null, 4);
    const { problems, coverage, deliver, begin, settle, commit } = open(
      {},
      { offset: 0, metadata: slc1(0, [2, 5], 3) },
    );
    deliver(recordOf(1, null, 3), fresh);
    expect(coverage.counts.size).toBe(1);
    begin(fresh);
    expect(problems).toEqual([]);
    commit(3);
    expect(problems).toContainEqual(expect.stringContaining("before 1 was settled"));
    problems.length = 0;
    settle(recordOf(1), fresh);
    commit(3);
    expect(problems).toEqual([]);
  });
});

describe("a commit", () => {
  it("is wrong before what lies below it is settled", () => {
    const [a, b] = [recordOf(0), recordOf(1)];
    const { problems, deliver, settle, commit } = open();
    deliver(a, b);
    settle(b);
    commit(2);
    expect(problems).toEqual([expect.stringContaining("before 0 was settled")]);
  });

  it("may pass what its dead letter has settled, when that is written", () => {
    const { problems, deliver, divert, commit } = open();
    deliver(recordOf(0), recordOf(1));
    divert(0, true);
    commit(1);
    expect(problems).toEqual([]);
    divert(1, false);
    expect(problems).toEqual([expect.stringContaining("settled t-0@1 without its dead letter")]);
  });

  it("tells exactly what is settled above it", () => {
    const records = [0, 1, 2, 5].map((offset) => recordOf(offset));
    const { problems, deliver, settle, commit } = open();
    deliver(...records);
    settle(records[1]!, records[3]!);
    commit(0, slc1(0, [1, 2, 3, 6]));
    expect(problems).toEqual([]);
    commit(0, slc1(0, [1, 3, 5, 6]));
    expect(problems).toEqual([expect.stringContaining("calls 2 settled")]);
    problems.length = 0;
    commit(0, slc1(0, [1, 2]));
    expect(problems).toEqual([expect.stringContaining("leaves out that 5 is settled")]);
    problems.length = 0;
    commit(0, slc1(0, [1, 2, 5, 7]));
    expect(problems).toEqual([expect.stringContaining("calls 6 settled, which was never fetched")]);
  });

  it("tells what was restored and has not been fetched again", () => {
    const first = recordOf(0);
    const restored = { offset: 0, metadata: slc1(0, [4, 9], 2) };
    const { problems, deliver, settle, commit } = open({}, restored);
    deliver(first);
    settle(first);
    commit(1, slc1(1, [4, 9], 2));
    expect(problems).toEqual([]);
    commit(1, "");
    expect(problems).toEqual([expect.stringContaining("leaves out 4 to 8, restored")]);
  });

  it("names the leader epoch of what it tells, no earlier and no later one", () => {
    const records = [recordOf(0, null, 1), recordOf(1, null, 2)];
    const { problems, deliver, settle, commit } = open();
    deliver(...records);
    settle(records[1]!);
    commit(0, slc1(0, [1, 2], 2));
    expect(problems).toEqual([]);
    for (const wrong of [1, 3, null]) commit(0, slc1(0, [1, 2], wrong));
    expect(problems).toHaveLength(3);
  });

  it("names the leader epoch of what was restored, where it tells that", () => {
    const first = recordOf(0, null, 1);
    const { problems, deliver, settle, commit } = open(
      {},
      { offset: 0, metadata: slc1(0, [4, 9], 3) },
    );
    deliver(first);
    settle(first);
    commit(1, slc1(1, [4, 9], 3));
    expect(problems).toEqual([]);
    commit(1, slc1(1, [4, 9], 1));
    expect(problems).toEqual([expect.stringContaining("the leader epoch 1, not 3")]);
  });

  it("is shorter than what was refused", () => {
    const { problems, deliver, settle, commit, refuse } = open({ tellsAll: false });
    deliver(recordOf(0), recordOf(1));
    settle(recordOf(1));
    const metadata = slc1(0, [1, 2]);
    refuse(0, metadata);
    commit(0, "");
    expect(problems).toEqual([]);
    commit(0, metadata);
    expect(problems).toEqual([expect.stringContaining("no shorter than what was refused")]);
  });

  it("is due before a partition goes that began where nothing was committed", () => {
    const kept = open({}, { offset: 500, metadata: "" });
    kept.commit(0);
    kept.revoke();
    expect(kept.problems).toEqual([]);
    const { problems, revoke } = open({}, { offset: 500, metadata: "" });
    revoke();
    expect(problems).toEqual([expect.stringContaining("left an offset outside the log")]);
  });

  it("may leave out what there is no room for", () => {
    const [a, b] = [recordOf(0), recordOf(1)];
    const { problems, deliver, settle, commit } = open({ tellsAll: false });
    deliver(a, b);
    settle(b);
    commit(0);
    expect(problems).toEqual([]);
  });
});
