import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Assignments, type Holding } from "./assignments.ts";
import type { NativeConsumer, NativeOffset } from "./client.ts";
import { Commits } from "./commits.ts";

/** The client's side: what was sent, and its callback. */
class Broker {
  readonly sent: (readonly NativeOffset[])[] = [];
  throws: Error | null = null;

  readonly client = {
    commit: (offsets: readonly NativeOffset[]) => {
      if (this.throws !== null) throw this.throws;
      this.sent.push(offsets);
    },
  } as unknown as NativeConsumer;
}

let broker: Broker;
let assignments: Assignments;
let commits: Commits;
let acknowledged: number;
let held: Holding[];
let mayHaveLeft: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  broker = new Broker();
  assignments = new Assignments();
  acknowledged = 0;
  mayHaveLeft = false;
  commits = new Commits(broker.client, assignments, {
    member: true,
    onAcknowledged: () => {
      acknowledged += 1;
    },
    mayHaveLeft: () => mayHaveLeft,
  });
  held = assignments.begin([0, 1].map((partition) => ({ topic: "t", partition })));
  for (const holding of held) holding.state = "active";
});
afterEach(() => vi.useRealTimers());

const failure = (code: number): Error => Object.assign(new Error(`code ${code}`), { code });
const commit = (partition: number, offset: number): ReturnType<Commits["commit"]> =>
  commits.commit([{ ...at(partition), offset }], 1000);
const at = (partition: number): Holding["id"] => (held[partition] as Holding).id;
const reply = (index: number, code?: number): void => {
  const error = code === undefined ? undefined : failure(code);
  // Only topic, partition and offset come back, and in an order of the client's own.
  const offsets = [...(broker.sent[index] ?? [])].reverse();
  commits.onCallback(
    error,
    offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
  );
};

describe("matching of answers", () => {
  it("each commit has its own, in whatever order they come", async () => {
    const first = commit(0, 5);
    const second = commit(1, 7);
    reply(1, 12);
    reply(0);
    expect((await first)[0]?.error).toBeUndefined();
    expect((await second)[0]?.error?.kind).toBe("metadata-too-large");
    expect(acknowledged).toBe(1);
  });

  it("equal commits have an answer each", async () => {
    const first = commit(0, 5);
    const second = commit(0, 5);
    reply(0);
    await vi.advanceTimersByTimeAsync(0);
    reply(1, -195);
    expect((await first)[0]?.error).toBeUndefined();
    expect((await second)[0]?.error).toMatchObject({ kind: "retriable", outcome: "unknown" });
  });

  it("what the client refuses at once is not waited for", async () => {
    broker.throws = failure(-172);
    expect((await commit(0, 5))[0]?.error).toMatchObject({ code: -172 });
  });

  it("what is open when the client goes is of unknown outcome", async () => {
    const open = commit(0, 5);
    commits.abandon();
    expect((await open)[0]?.error).toMatchObject({ outcome: "unknown" });
  });
});

describe("one commit of a partition at a time", () => {
  const offsetsSent = (): number[] => broker.sent.flatMap((all) => all.map(({ offset }) => offset));

  it("the next one waits until the client is through with the one before", async () => {
    const first = commit(0, 5);
    const second = commit(0, 8);
    await vi.advanceTimersByTimeAsync(900);
    expect(offsetsSent()).toEqual([5]);
    reply(0);
    expect((await first)[0]?.error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(0);
    expect(offsetsSent()).toEqual([5, 8]);
    reply(1);
    expect((await second)[0]?.error).toBeUndefined();
  });

  it("also when the one before has run out of time, until its late answer", async () => {
    const late = commit(0, 5);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await late)[0]?.error).toMatchObject({ outcome: "unknown", kind: "retriable" });
    const second = commit(0, 8);
    await vi.advanceTimersByTimeAsync(500);
    expect(offsetsSent()).toEqual([5]);
    reply(0, -195);
    await vi.advanceTimersByTimeAsync(0);
    expect(offsetsSent()).toEqual([5, 8]);
    reply(1);
    expect((await second)[0]?.error).toBeUndefined();
  });

  it("of those that wait only the latest is sent", async () => {
    const first = commit(0, 5);
    const second = commit(0, 8);
    const third = commit(0, 9);
    reply(0);
    await first;
    expect((await second)[0]?.error).toMatchObject({ kind: "retriable", outcome: "failed" });
    expect(offsetsSent()).toEqual([5, 9]);
    reply(1);
    expect((await third)[0]?.error).toBeUndefined();
  });

  it("what has run out of time before its turn is never sent", async () => {
    void commits.commit([{ ...at(0), offset: 5 }], 5000);
    const second = commit(0, 8);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await second)[0]?.error).toMatchObject({ kind: "retriable", outcome: "failed" });
    expect((await second)[0]?.error?.message).toContain("t-0@8");
    reply(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(offsetsSent()).toEqual([5]);
  });

  it("what its epoch outlives before its turn is fenced", async () => {
    const first = commit(0, 5);
    const second = commit(0, 8);
    (held[0] as Holding).state = "disowned";
    reply(0);
    await first;
    expect((await second)[0]?.error?.kind).toBe("fenced");
    expect(offsetsSent()).toEqual([5]);
  });

  it("another partition does not wait, and of several those that are overtaken stay behind", async () => {
    const first = commit(0, 5);
    const both = commits.commit(
      [0, 1].map((p) => ({ ...at(p), offset: 9 })),
      1000,
    );
    const other = commit(1, 12);
    expect(offsetsSent()).toEqual([5, 12]);
    reply(0);
    reply(1);
    await first;
    await other;
    await vi.advanceTimersByTimeAsync(0);
    expect(broker.sent[2]).toEqual([{ topic: "t", partition: 0, offset: 9 }]);
    reply(2);
    const [stands, overtaken] = await both;
    expect(stands?.error).toBeUndefined();
    expect(overtaken?.error).toMatchObject({ kind: "retriable", outcome: "failed" });
  });

  it("one that would be asked for again gives way to the one that waits", async () => {
    const early = commit(0, 5);
    const later = commit(0, 8);
    reply(0, 27);
    await vi.advanceTimersByTimeAsync(100);
    expect((await early)[0]?.error?.kind).toBe("retriable");
    expect(offsetsSent()).toEqual([5, 8]);
    reply(1);
    expect((await later)[0]?.error).toBeUndefined();
  });
});

describe("a client that may have left its group", () => {
  beforeEach(() => {
    mayHaveLeft = true;
  });

  it("is given nothing to commit before it is heard, and then everything", async () => {
    const late = commit(0, 5);
    await vi.advanceTimersByTimeAsync(300);
    expect(broker.sent).toEqual([]);
    mayHaveLeft = false;
    await vi.advanceTimersByTimeAsync(100);
    reply(0);
    expect((await late)[0]?.error).toBeUndefined();
  });

  it("is given nothing at all of what turns out to be lost", async () => {
    const late = commit(0, 5);
    await vi.advanceTimersByTimeAsync(50);
    (held[0] as Holding).state = "disowned";
    mayHaveLeft = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect((await late)[0]?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    expect(broker.sent).toEqual([]);
  });

  it("is not waited for past the deadline", async () => {
    const late = commit(0, 5);
    await vi.advanceTimersByTimeAsync(1000);
    const [result] = await late;
    expect(result?.error).toMatchObject({ kind: "retriable", outcome: "failed" });
    expect(result?.error?.message).toContain("t-0@5");
    expect(broker.sent).toEqual([]);
  });
});

describe("the epoch fence", () => {
  it("refuses an epoch that is over, and sends the rest", async () => {
    const pending = commits.commit(
      [
        { ...at(0), epoch: at(0).epoch - 1, offset: 1 },
        { ...at(1), offset: 2 },
      ],
      1000,
    );
    expect(broker.sent[0]).toEqual([{ topic: "t", partition: 1, offset: 2 }]);
    reply(0);
    const [fenced, sent] = await pending;
    expect(fenced?.error).toMatchObject({ kind: "fenced", outcome: "failed" });
    expect(sent?.error).toBeUndefined();
  });

  it("refuses what was disowned and accepts what is being revoked", async () => {
    (held[0] as Holding).state = "disowned";
    (held[1] as Holding).state = "revoking";
    expect((await commit(0, 5))[0]?.error?.kind).toBe("fenced");
    const last = commit(1, 5);
    reply(0);
    expect((await last)[0]?.error).toBeUndefined();
  });

  it("does not credit an answer to the partition's next epoch", async () => {
    const old = commit(0, 5);
    assignments.end(held);
    const [next] = assignments.begin([{ topic: "t", partition: 0 }]);
    reply(0);
    expect((await old)[0]).toMatchObject({ epoch: at(0).epoch, offset: 5 });
    expect(at(0).epoch).not.toBe(next?.epoch);
  });
});

describe("errors", () => {
  it("a mixed one is asked for again, partition by partition", async () => {
    const both = commits.commit(
      [0, 1].map((p) => ({ ...at(p), offset: 9 })),
      1000,
    );
    reply(0, 12);
    await vi.advanceTimersByTimeAsync(0);
    expect(broker.sent[1]).toHaveLength(1);
    reply(1);
    await vi.advanceTimersByTimeAsync(0);
    reply(2, 12);
    const [first, second] = await both;
    expect(first?.error).toBeUndefined();
    expect(second?.error).toMatchObject({ kind: "metadata-too-large", outcome: "failed" });
  });

  it.each([22, 27, 113, 25])("%i is sent again while the partition is still ours", async (code) => {
    const pending = commit(0, 5);
    reply(0, code);
    await vi.advanceTimersByTimeAsync(100);
    expect(broker.sent).toHaveLength(2);
    reply(1);
    expect((await pending)[0]?.error).toBeUndefined();
  });

  it("an unknown member whose partitions are gone meanwhile is fenced", async () => {
    const pending = commit(0, 5);
    reply(0, 25);
    (held[0] as Holding).state = "disowned";
    await vi.advanceTimersByTimeAsync(100);
    expect(broker.sent).toHaveLength(1);
    expect((await pending)[0]?.error?.kind).toBe("fenced");
  });

  it("says what the broker said when time runs out", async () => {
    const pending = commit(0, 5);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      reply(attempt, 27);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect((await pending)[0]?.error).toMatchObject({ kind: "rebalancing", outcome: "failed" });
  });
});
