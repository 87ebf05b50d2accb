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

beforeEach(() => {
  vi.useFakeTimers();
  broker = new Broker();
  assignments = new Assignments();
  acknowledged = 0;
  commits = new Commits(broker.client, assignments, {
    member: true,
    onAcknowledged: () => {
      acknowledged += 1;
    },
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

  it("equal commits are answered oldest first", async () => {
    const first = commit(0, 5);
    const second = commit(0, 5);
    reply(0);
    await vi.advanceTimersByTimeAsync(0);
    reply(1, -195);
    expect((await first)[0]?.error).toBeUndefined();
    expect((await second)[0]?.error).toMatchObject({ kind: "retriable", outcome: "unknown" });
  });

  it("a late answer is taken in by the commit it belongs to", async () => {
    const late = commit(0, 5);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await late)[0]?.error).toMatchObject({ outcome: "unknown", kind: "retriable" });
    const second = commit(0, 5);
    // That of the first: the second is still open.
    reply(0, 25);
    let settled = false;
    void second.then(() => {
      settled = true;
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toBe(false);
    reply(1);
    expect((await second)[0]?.error).toBeUndefined();
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

  it("a commit is not sent again after a later one of the same partition", async () => {
    const early = commit(0, 5);
    const later = commit(0, 8);
    reply(0, 27);
    await vi.advanceTimersByTimeAsync(100);
    expect(broker.sent).toHaveLength(2);
    expect((await early)[0]?.error?.kind).toBe("retriable");
    reply(1);
    expect((await later)[0]?.error).toBeUndefined();
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
