import type { Consumer, ConsumerEventMap } from "@sluice/runtime";
import { stderrLogger } from "./stderr-logger.ts";
import { say } from "./stdio.ts";

/** What the consumer says about itself: it explains a history, no verdict rests on it. */
export function reportClaims(consumer: Consumer): void {
  for (const ev of ["assigned", "revoking", "revoked", "lost"] as const) {
    consumer.on(ev, ({ partitions }: Ownership) => {
      for (const epoch of new Set(partitions.map((p) => p.epoch))) {
        const of = partitions.filter((p) => p.epoch === epoch);
        say({ ev, epoch: String(epoch), partitions: of.map((p) => [p.topic, p.partition]) });
      }
    });
  }
  consumer.on("deadLetter", ({ topic: t, partition: p, offset, to }) =>
    say({
      ev: "diverted",
      t,
      p,
      o: String(offset),
      to: `${to.topic}-${to.partition}@${to.offset}`,
    }),
  );
  consumer.on("committed", ({ offsets }) => commit(offsets, true));
  consumer.on("commitFailed", ({ offsets }) => commit(offsets, false));
  consumer.on("stalled", ({ topic: t, partition: p, offset, runningMs }) =>
    say({ ev: "stalled", t, p, o: String(offset), ms: runningMs }),
  );
  consumer.on("down", ({ error, willRestart }) => {
    stderrLogger.error(`down: ${error.message}`, { willRestart });
  });
}

interface Ownership {
  readonly partitions: ConsumerEventMap["lost"]["partitions"];
}

function commit(offsets: ConsumerEventMap["committed"]["offsets"], ok: boolean): void {
  say({
    ev: "commit",
    ok,
    offsets: offsets.map(({ topic, partition, offset }) => [topic, partition, String(offset)]),
  });
}
