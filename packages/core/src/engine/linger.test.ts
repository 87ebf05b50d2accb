import { describe, expect, test } from "vitest";
import { assignment, at, Drive, error, record } from "../../test/drive.ts";
import type { EngineConfig } from "./engine.ts";

const OK = { type: "ok" } as const;
const STALL_MS = 1_000_000;

/** An engine with batches of two that wait 100 ms, and one partition of epoch 1 from offset 0. */
function lingering(by: "lane" | "partition", config: Partial<EngineConfig> = {}, lingerMs = 100) {
  const batch = { size: 2, lingerMs, by };
  const drive = new Drive({ stallAfterMs: STALL_MS, ...config, batch });
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  const fetch = (offset: number, key: string, now: number, partition = 0, epoch = 1): void =>
    drive.engine.recordsFetched(
      at(partition, epoch),
      [record(partition, offset, key)],
      offset + 1,
      now,
    );
  /** Tokens and offsets of the batches that went out since the last call. */
  const begun = () =>
    drive.taken("dispatchBatch").map(({ tokens }) => ({
      token: tokens[0]!,
      offsets: tokens.map((token) => drive.engine.record(token).offset),
    }));
  const offsets = (): number[][] => begun().map((each) => each.offsets);
  return { drive, engine: drive.engine, fetch, begun, offsets };
}

describe("the timer of what waits for company", () => {
  test("is set to the earliest of those that still wait when one has waited long enough", () => {
    const { drive, engine, fetch, offsets } = lingering("lane");
    fetch(0, "a", 0);
    fetch(1, "b", 30);
    fetch(2, "c", 60);
    engine.timerFired(100);
    expect([offsets(), drive.timerAt]).toEqual([[[0]], 130]);
    engine.timerFired(130);
    expect([offsets(), drive.timerAt]).toEqual([[[1]], 160]);
  });

  test("is no longer set when nothing waits", () => {
    const { drive, fetch, offsets } = lingering("partition");
    fetch(0, "a", 0);
    expect(drive.timerAt).toBe(100);
    fetch(1, "b", 50);
    expect(offsets()).toEqual([[0, 1]]);
    // All that is left is to tell of a handler that never ends.
    expect(drive.timerAt).toBe(50 + STALL_MS);
  });
});

test("what the broker delivers again changes nothing for those that wait", () => {
  const { engine, fetch, offsets } = lingering("partition");
  fetch(0, "a", 0);
  fetch(0, "a", 10);
  expect(offsets()).toEqual([]);
  expect(engine.snapshot(10).ignored.staleRecords).toBe(1);
  engine.timerFired(100);
  expect(offsets()).toEqual([[0]]);
});

test("nor does an offset that no log gets to", () => {
  const { engine, fetch, offsets } = lingering("partition");
  fetch(0, "a", 0);
  engine.recordsFetched(at(0, 1), [record(0, 2 ** 60, "a")], 1, 10);
  expect(offsets()).toEqual([]);
  expect(engine.snapshot(10).ignored.unsafeOffsets).toBe(1);
});

test("by partition, too, a hole that waits for company is filled when the drain begins", () => {
  const { engine, fetch, begun, offsets } = lingering("partition", {}, 60_000);
  fetch(0, "a", 0);
  fetch(1, "b", 0);
  const retry = { type: "retry", afterMs: 5, error: error() } as const;
  engine.batchFinished(begun()[0]!.token, [retry, OK], 10, 0);
  engine.timerFired(15);
  expect(offsets()).toEqual([]);
  engine.revoked(1, [at(0, 1)], 10_000, 20);
  expect(offsets()).toEqual([[0]]);
});

describe("the drain of an epoch that is over", () => {
  /**
   * Partitions 0 and 1 are revoked while 1 runs a batch; then 0 is lost and comes back in epoch 2, where
   * a record waits for company.
   */
  function drainBesideNewEpoch(by: "lane" | "partition") {
    const all = lingering(by, {}, 60_000);
    const { engine, fetch, begun } = all;
    engine.assigned([assignment(1, 1, 0)], 0);
    fetch(0, "a", 0, 1);
    fetch(1, "a", 0, 1);
    const [{ token } = { token: -1 }] = begun();
    engine.revoked(1, [at(0, 1), at(1, 1)], 1_000, 0);
    engine.lost([at(0, 1)], 1);
    engine.assigned([assignment(0, 2, 0)], 2);
    fetch(0, "a", 3, 0, 2);
    expect(begun()).toEqual([]);
    return { ...all, token };
  }

  test.each(["lane", "partition"] as const)(
    "by %s: hurries nothing of the next when it stops handlers, nor when it ends",
    (by) => {
      const { drive, engine, offsets } = drainBesideNewEpoch(by);
      engine.timerFired(750);
      expect(drive.effects.filter(({ type }) => type === "abort")).toHaveLength(1);
      expect(offsets()).toEqual([]);
      engine.timerFired(1_000);
      expect(offsets()).toEqual([]);
    },
  );

  test("takes the next away from nobody when it ends", () => {
    const { drive, engine, fetch, token, offsets } = drainBesideNewEpoch("partition");
    engine.batchFinished(token, [OK, OK], 10, 0);
    for (const { id, offsets: sent } of drive.taken("commit")) {
      engine.commitAnswered(
        id,
        sent.map((offset) => ({ ...offset })),
        20,
      );
    }
    expect(drive.taken("released")).toEqual([{ type: "released", revocation: 1 }]);
    expect(engine.snapshot(20).partitions).toMatchObject([{ partition: 0, epoch: 2, held: 1 }]);
    fetch(1, "a", 30, 0, 2);
    expect(offsets()).toEqual([[0, 1]]);
  });
});
