import type { Case } from "../runner/case.ts";
import type { Work } from "../runner/ledger.ts";

const SESSIONS = 3;

export const slowHandler: Case = {
  id: "core/slow-handler",
  level: "L1",
  title: "one handler takes three times the session timeout",
  about:
    "Heartbeats do not wait for handlers: the member keeps its generation and its partitions, the " +
    "other records flow, and only the slow record's partition waits to be committed.",
  needs: ["broker", "proxy"],
  invariants: [
    ...["P1", "P1s", "P3", "K1", "N1", "X1", "D2"],
    ...["V1", "V2", "V3", "V5", "V6"],
  ] as Case["invariants"],
  faults: [],
  duplicates: "none",
  settings: { sessionTimeoutMs: 3_000 },
  run: async (c) => {
    const slow = (work: Work): boolean => work.partition === 0 && work.offset === 5;
    const hold = c.hold(slow);
    await c.start("m0");
    await c.untilHeld("the slow handler runs", 1, slow);
    const since = c.now;
    const generation = c.wire.generation("m0");
    const span = SESSIONS * c.sessionMs;
    await c.until(`${span} ms pass`, () => c.now - since >= span, { withinMs: span + 10_000 });
    const wanted = Math.floor(span / 2_000);
    const beats = c.wire.heartbeats("m0", since);
    c.guard(
      "heartbeats during the hold",
      beats >= wanted,
      `${beats} in ${span} ms, wanted ${wanted}`,
      c.wire.seen("m0") ? "subject" : "environment",
    );
    c.guard(
      "generation is unchanged",
      c.wire.generation("m0") === generation,
      `${generation} before, ${c.wire.generation("m0")} after`,
      c.wire.seen("m0") ? "subject" : "environment",
    );
    c.guard("the handler was held", c.held(slow).length === 1, `${c.held(slow).length} held`);
    hold.release();
  },
};
