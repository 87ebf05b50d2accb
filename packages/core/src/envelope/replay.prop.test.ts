import { HEADER, LIMIT, PARTITIONERS, REPLAY_REFUSALS, REPLAY_REMOVES } from "@sluice/spec";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { readEnvelope } from "./envelope.ts";
import { planReplay } from "./replay.ts";
import type { ReplayRequest } from "./replay.ts";
import { expectReached } from "../../test/reached.ts";
import { anyRecord } from "../../test/envelope-arbitraries.ts";

const request: fc.Arbitrary<ReplayRequest> = fc.record({
  record: anyRecord,
  replayId: fc.stringMatching(/^[!-~]{1,64}$/),
  now: fc.nat(Number.MAX_SAFE_INTEGER),
  maxReplays: fc.oneof(fc.nat(6), fc.constant(2_147_483_647)),
  destination: fc.option(fc.constantFrom("orders", "elsewhere", "orders.again")),
  destinations: fc.uniqueArray(
    fc.record({
      topic: fc.constantFrom("orders", "orders.again", "orders.dlq"),
      partitions: fc.integer({ min: 1, max: 12 }),
      partitioner: fc.constantFrom(...PARTITIONERS),
    }),
    { selector: ({ topic }) => topic },
  ),
});

// Seconds where nothing else runs; machines that test much at once take longer.
vi.setConfig({ testTimeout: 60_000 });

it("every dead letter has a plan or a reason against it (SLC-CNV-002, SLC-RPL-001)", () => {
  const answers = new Map<string | null, number>([null, ...REPLAY_REFUSALS].map((of) => [of, 0]));
  fc.assert(
    fc.property(request, (r) => {
      const { record: written, refused } = planReplay(r);
      answers.set(refused, answers.get(refused)! + 1);
      return answers.get(refused)! > 0 && (written === null) === (refused !== null);
    }),
    { numRuns: 10_000 },
  );
  expectReached(Object.fromEntries(answers), 0);
});

it("a replay is the dead letter, its attempts anew (SLC-RPL-007, SLC-RPL-008, SLC-RPL-010)", () => {
  let planned = 0;
  fc.assert(
    fc.property(request, (r) => {
      const { record: written } = planReplay(r);
      if (written === null) return;
      planned++;
      expect(written.key).toBe(r.record.key);
      expect(written.value).toBe(r.record.value);
      expect(written.timestamp).toBe(r.now);
      expect(r.destinations.map(({ topic }) => topic)).toContain(written.topic);
      const mine: readonly string[] = [
        ...[HEADER.spec, HEADER.replayId, HEADER.replayCount],
        ...[HEADER.replayedAt, HEADER.replayedFrom, HEADER.hops],
      ];
      const gone: readonly string[] = [...mine, ...REPLAY_REMOVES];
      const kept = r.record.headers.filter(([name]) => !gone.includes(name));
      // The very same: comparing bytes ten thousand times takes minutes.
      expect(kept.every((header, i) => written.headers[i] === header)).toBe(true);
      expect(written.headers.slice(kept.length).map(([name]) => name)).toEqual(mine);

      const letter = readEnvelope(r.record, { trusted: true });
      const replay = readEnvelope({ ...written, offset: 0 }, { trusted: true });
      expect(replay).toMatchObject({
        ...{ disposition: "moved", replayId: r.replayId, replayedAt: r.now },
        ...{ replayCount: letter.replayCount + 1, hops: letter.hops + 1 },
        ...{ retryCount: 0, errorKind: null, dlqReason: null, group: null },
        ...{ origin: letter.origin, history: letter.history, truncated: letter.truncated },
        ...{ trace: letter.trace, firstFailedAt: letter.firstFailedAt },
      });
      const { topic, partition, offset } = r.record;
      expect(replay.replayedFrom).toEqual({ topic, partition, offset });
      expect(letter.replayCount).toBeLessThan(r.maxReplays ?? LIMIT.replays);
      expect(letter.hops).toBeLessThan(LIMIT.hops);
    }),
    { numRuns: 2000 },
  );
  expectReached({ planned }, 100);
});
