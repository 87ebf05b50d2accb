import { describe, expect, test } from "vitest";
import { accepted, assignment, at, Drive, record, refused } from "../../test/drive.ts";
import { decodeCommitMetadata } from "../metadata/decode-commit-metadata.ts";
import { encodeCommitMetadata } from "../metadata/encode-commit-metadata.ts";
import type { CommitOffset } from "../port/consumer-port.ts";
import type { KafkaRecord } from "../port/record.ts";

const OK = { type: "ok" } as const;
const ON = { commitMetadataChars: 4000, commitIntervalMs: 1_000 };

/** Knows the token of each record whose handler was started. */
class Owner extends Drive {
  readonly running = new Map<number, number>();

  override dispatch(token: number): void {
    super.dispatch(token);
    this.running.set(this.engine.record(token).offset, token);
  }
}

/** Partition 0 in epoch 1 from a commit that says so much. */
function restarted(
  committed: number,
  settled: readonly number[],
  { leaderEpoch = null, ...config }: { leaderEpoch?: number | null } & object = {},
): Owner {
  const { metadata } = encodeCommitMetadata({ base: committed, settled, leaderEpoch });
  return assigned(committed, metadata, config);
}

function assigned(committed: number, metadata: string, config: object = {}): Owner {
  const drive = new Owner({ ...ON, ...config });
  const partition = { ...assignment(0, 1), committed: { offset: committed, metadata } };
  drive.engine.assigned([partition], 0);
  return drive;
}

/** Fetches the offsets, each with a key of its own, and answers what is dispatched, as offsets. */
function fetch(drive: Drive, offsets: readonly number[], leaderEpoch?: number): number[] {
  const records = offsets.map((offset): KafkaRecord => ({
    ...record(0, offset, `k${offset}`),
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  }));
  drive.engine.recordsFetched(at(0, 1), records, offsets.at(-1)! + 1, 0);
  return drive.taken("dispatch").map(({ token }) => drive.engine.record(token).offset);
}

function finish(owner: Owner, offset: number, now = 0): void {
  owner.engine.handlerFinished(owner.running.get(offset)!, OK, now, 0);
}

function commitAt(drive: Drive, now: number): CommitOffset {
  drive.take();
  drive.engine.timerFired(now);
  const [commit] = drive.taken("commit");
  drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), now);
  return commit!.offsets[0]!;
}

const told = ({ offset, metadata = "" }: CommitOffset) => decodeCommitMetadata(metadata, offset);

describe("a commit", () => {
  test("tells what is settled above its offset, gaps included (SLC-CMD-003, SLC-GAT-002)", () => {
    const drive = assigned(0, "");
    fetch(drive, [0, 1, 2, 7, 8]);
    finish(drive, 2);
    finish(drive, 8);
    const commit = commitAt(drive, 1_000);
    expect(commit.offset).toBe(0);
    expect(told(commit)).toMatchObject({ settled: [2, 7, 8, 9], rejected: null });
  });

  test("goes out when more is settled, though the frontier stays", () => {
    const drive = assigned(0, "");
    fetch(drive, [0, 1, 2]);
    finish(drive, 1);
    expect(told(commitAt(drive, 1_000)).settled).toEqual([1, 2]);
    drive.engine.timerFired(5_000);
    expect(drive.taken("commit")).toEqual([]);
    finish(drive, 2, 5_000);
    expect(told(commitAt(drive, 6_000)).settled).toEqual([1, 3]);
  });

  test("has no metadata when nothing above is settled, or when it is switched off", () => {
    const drive = assigned(0, "");
    fetch(drive, [0, 1]);
    finish(drive, 0);
    expect(commitAt(drive, 1_000)).toEqual({ ...at(0, 1), offset: 1 });

    const off = assigned(0, "", { commitMetadataChars: 0 });
    fetch(off, [0, 1, 2]);
    finish(off, 1);
    finish(off, 0);
    expect(commitAt(off, 1_000)).toEqual({ ...at(0, 1), offset: 2 });
  });

  test("tells no gap before a record is settled: no leader epoch vouches for it (SLC-CMD-011)", () => {
    const drive = new Owner({ ...ON, startAt: "latest" });
    drive.engine.assigned([assignment(0, 1, null, { high: 100 })], 0);
    // 101 is a transaction's marker.
    const records = [{ ...record(0, 100, "k"), leaderEpoch: 4 }];
    drive.engine.recordsFetched(at(0, 1), records, 102, 0);
    expect(commitAt(drive, 1_000)).toEqual({ ...at(0, 1), offset: 100 });
  });

  test("tells the highest leader epoch of what is settled, and none when one is unknown (SLC-CMD-006)", () => {
    const drive = assigned(0, "");
    fetch(drive, [0, 1], 4);
    fetch(drive, [2, 3], 6);
    finish(drive, 1);
    expect(told(commitAt(drive, 1_000)).leaderEpoch).toBe(4);
    finish(drive, 3, 1_000);
    expect(told(commitAt(drive, 2_000)).leaderEpoch).toBe(6);
    fetch(drive, [4, 5]);
    finish(drive, 5, 2_000);
    expect(told(commitAt(drive, 3_000)).leaderEpoch).toBe(null);
  });

  test("claims a leader epoch again once the records that told none are not above it (SLC-CMD-006)", () => {
    const drive = assigned(0, "");
    // 1 is of before the broker was upgraded.
    fetch(drive, [0], 4);
    fetch(drive, [1]);
    fetch(drive, [2, 3, 4], 6);
    finish(drive, 3);
    // 1 is above, and not settled.
    expect(told(commitAt(drive, 1_000)).leaderEpoch).toBe(6);
    finish(drive, 1, 1_000);
    expect(told(commitAt(drive, 2_000)).leaderEpoch).toBe(null);
    finish(drive, 0, 2_000);
    expect(commitAt(drive, 3_000).offset).toBe(2);
    finish(drive, 2, 3_000);
    expect(commitAt(drive, 4_000)).toEqual({ ...at(0, 1), offset: 4 });
    fetch(drive, [5, 6], 6);
    finish(drive, 6, 4_000);
    expect(told(commitAt(drive, 5_000))).toMatchObject({ settled: [6, 7], leaderEpoch: 6 });
  });

  test("claims the epoch of the highest settled record, not of one that is only fetched", () => {
    const drive = assigned(0, "");
    fetch(drive, [0, 1], 4);
    fetch(drive, [2], 9);
    finish(drive, 1);
    expect(told(commitAt(drive, 1_000)).leaderEpoch).toBe(4);
  });
});

describe("an assignment", () => {
  test("handles nothing again that an earlier owner has settled", () => {
    const drive = restarted(10, [12, 14, 20, 21]);
    expect(fetch(drive, [10, 11, 12, 13, 14])).toEqual([10, 11, 14]);
    expect(fetch(drive, [19, 20, 21])).toEqual([19, 21]);
    expect(drive.engine.snapshot(0).totals).toMatchObject({ fetched: 8, restored: 3 });
  });

  test("still knows what it has restored and not yet fetched when it commits", () => {
    const drive = restarted(10, [12, 14, 20, 30]);
    fetch(drive, [10, 11]);
    finish(drive, 10);
    const commit = commitAt(drive, 1_000);
    expect(commit.offset).toBe(11);
    expect(told(commit).settled).toEqual([12, 14, 20, 30]);
  });

  test("whose frontier reaches what is restored keeps all of that but the base", () => {
    // Records 10 and 11 are settled; 12 to 19 were before, and are not fetched yet.
    const drive = restarted(10, [12, 20]);
    fetch(drive, [10, 11]);
    finish(drive, 10);
    finish(drive, 11);
    const commit = commitAt(drive, 1_000);
    expect([commit.offset, told(commit).settled]).toEqual([12, [13, 20]]);
  });

  test("joins what it has settled with what it restored", () => {
    const drive = restarted(10, [12, 14]);
    fetch(drive, [10, 11]);
    finish(drive, 11);
    expect(told(commitAt(drive, 1_000)).settled).toEqual([11, 14]);
  });

  test("takes records of a later leader epoch for new ones (SLC-CMD-011)", () => {
    const drive = restarted(10, [11, 20], { leaderEpoch: 3 });
    expect(fetch(drive, [10, 11], 3)).toEqual([10]);
    expect(fetch(drive, [12], 4)).toEqual([12]);
    // Epochs do not fall along a log; nothing of the old log comes after the new.
    expect(fetch(drive, [13], 3)).toEqual([13]);
    finish(drive, 13);
    expect(told(commitAt(drive, 1_000)).settled).toEqual([11, 12, 13, 14]);
  });

  test("claims no leader epoch for what was restored without one", () => {
    const drive = restarted(10, [12, 14]);
    fetch(drive, [10, 11], 7);
    finish(drive, 11);
    expect(told(commitAt(drive, 1_000)).leaderEpoch).toBe(null);
  });

  test.each([
    ["of another system", "bgABAAE=", "foreign"],
    ["that is damaged", "slc1.AGQBAdoNZsA.", "checksum"],
    ["of another offset", "slc1.AGQBAdoNZsI.", "base"],
  ])("counts metadata %s, says so once, and handles everything", (_, metadata, reason) => {
    const drive = assigned(10, metadata);
    expect(drive.notices("metadata-rejected")).toEqual([
      { type: "metadata-rejected", partition: at(0, 1), committed: 10, reason },
    ]);
    expect(drive.engine.snapshot(0).ignored.rejectedMetadata).toBe(1);
    expect(fetch(drive, [10, 11, 12])).toEqual([10, 11, 12]);
  });

  test("that cannot start at the committed offset ignores its metadata", () => {
    const { metadata } = encodeCommitMetadata({ base: 5, settled: [60, 70], leaderEpoch: null });
    const drive = new Drive(ON);
    const partition = { ...assignment(0, 1, 5, { low: 50 }), committed: { offset: 5, metadata } };
    expect(drive.engine.assigned([partition], 0)).toEqual([50]);
    expect(fetch(drive, [60])).toEqual([60]);
  });
});

describe("metadata that grows", () => {
  const offsets = Array.from({ length: 90 }, (_, index) => index);

  test("stops the intake before it is full, and lets it go on when it has shrunk", () => {
    const drive = assigned(0, "", { commitMetadataChars: 40, concurrency: 100 });
    fetch(drive, offsets);
    for (const offset of offsets) if (offset % 3 === 1) finish(drive, offset);
    drive.engine.timerFired(1_000);
    const effects = drive.take();
    expect(effects).toContainEqual({
      type: "pause",
      partitions: [{ topic: "orders", partition: 0 }],
    });
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual(["metadata"]);
    const commit = effects.find((effect) => effect.type === "commit")!;
    drive.engine.commitAnswered(commit.id, accepted(commit.offsets), 1_000);
    for (const offset of offsets) if (offset % 3 !== 1) finish(drive, offset, 1_000);
    drive.engine.timerFired(2_000);
    expect(drive.taken("resume")).toHaveLength(1);
  });

  test("does not stop the intake of what it tells itself: fetching that makes it shorter", () => {
    const ranges = offsets.flatMap((offset) =>
      offset % 2 === 0 ? [] : [offset * 3, offset * 3 + 1],
    );
    const { metadata } = encodeCommitMetadata({ base: 0, settled: ranges, leaderEpoch: null });
    const drive = assigned(0, metadata, { commitMetadataChars: metadata.length });
    fetch(drive, [0, 1, 2]);
    finish(drive, 1);
    drive.engine.timerFired(1_000);
    expect(drive.taken("pause")).toEqual([]);
  });

  test("too large for the broker is sent again at once and shorter (SLC-CMD-005)", () => {
    const drive = assigned(0, "", { concurrency: 100 });
    const far = offsets.map((offset) => offset * 1_000);
    fetch(drive, far);
    for (const offset of far) if (offset % 2_000 !== 0) finish(drive, offset);
    drive.engine.timerFired(1_000);
    let [commit] = drive.taken("commit");
    const lengths = [commit!.offsets[0]!.metadata!.length];
    while (lengths.at(-1)! > 0) {
      drive.engine.commitAnswered(
        commit!.id,
        refused(commit!.offsets, "metadata-too-large"),
        1_000,
      );
      [commit] = drive.taken("commit");
      lengths.push(commit!.offsets[0]!.metadata?.length ?? 0);
    }
    expect(lengths.length).toBeGreaterThan(2);
    for (let i = 1; i < lengths.length; i++) {
      expect(lengths[i]!).toBeLessThanOrEqual(lengths[i - 1]! / 2);
    }
    drive.engine.commitAnswered(commit!.id, accepted(commit!.offsets), 1_000);
    // The intake is open again, and a commit of the same offset once more would say nothing.
    expect(drive.engine.snapshot(0).partitions[0]!.pausedFor).toEqual([]);
    finish(drive, 2_000, 1_000);
    drive.engine.timerFired(3_000);
    expect(drive.taken("commit")).toEqual([]);
    // With none left, a refusal is not the metadata's fault: it waits for the interval like any other
    // failure, or the broker would be asked without end.
    finish(drive, 0, 3_000);
    drive.engine.timerFired(4_000);
    [commit] = drive.taken("commit");
    drive.engine.commitAnswered(commit!.id, refused(commit!.offsets, "metadata-too-large"), 4_000);
    expect(drive.taken("commit")).toEqual([]);
    drive.engine.timerFired(5_000);
    expect(drive.taken("commit")).toHaveLength(1);
  });

  test("too large in many partitions of one answer halves the budget once", () => {
    const partitions = Array.from({ length: 12 }, (_, index) => index);
    const drive = new Owner({ ...ON, concurrency: 2_000 });
    drive.engine.assigned(
      partitions.map((partition) => assignment(partition, 1, 0)),
      0,
    );
    for (const partition of partitions) {
      const records = offsets.map((offset) => record(partition, offset * 1_000, `k${offset}`));
      drive.engine.recordsFetched(at(partition, 1), records, 90_000, 0);
      for (const { token } of drive.taken("dispatch")) {
        if (drive.engine.record(token).offset % 2_000 === 0) continue;
        drive.engine.handlerFinished(token, OK, 0, 0);
      }
    }
    drive.engine.timerFired(1_000);
    const [commit] = drive.taken("commit");
    expect(commit!.offsets).toHaveLength(12);
    const shortest = Math.min(...commit!.offsets.map(({ metadata }) => metadata!.length));
    drive.engine.commitAnswered(commit!.id, refused(commit!.offsets, "metadata-too-large"), 1_000);
    const [again] = drive.taken("commit");
    for (const offset of again!.offsets) {
      expect(told(offset)).toMatchObject({ truncated: true, rejected: null });
      // All that fits into half: one range more takes fewer than 8 characters.
      expect(offset.metadata!.length).toBeLessThanOrEqual(shortest / 2);
      expect(offset.metadata!.length).toBeGreaterThan(shortest / 2 - 8);
    }
  });
});

test("a drain begins nothing: the next owner is told what is done", () => {
  const drive = assigned(0, "", { concurrency: 2 });
  // 0 and 1 run; 2 waits. 1 ends, and without metadata nothing would be above a hole yet.
  fetch(drive, [0, 1, 2, 3]);
  drive.engine.revoked(1, [at(0, 1)], 20_000, 0);
  finish(drive, 1);
  expect(drive.taken("dispatch")).toEqual([]);
  finish(drive, 0);
  const [commit] = drive.taken("commit");
  expect(commit!.offsets[0]).toMatchObject({ offset: 2 });
});
