import type { GateSight } from "../../drawn/gate-draw.ts";
import type { Names, NumberSet } from "../case-file.ts";
import { contains, sayNumbers } from "../number-set.ts";
import { list, sayNames } from "../scene.ts";
import type { Measures } from "./measure.ts";

interface EndedOf {
  readonly member: Names;
  /** A signal's name. */
  readonly by?: string;
}

interface OtherMeasures {
  readonly committed: NumberSet | "all";
  readonly takeovers: "all";
  readonly brokersDown: "all";
  readonly claimed: Names;
  readonly ended: EndedOf;
  readonly killedAtWork: Names;
  readonly negativeHashes: "all";
  readonly oddCounts: "all";
  readonly drawn: GateSight;
}

/** Commit log, processes, what members say, and the vectors. */
export const OTHER_MEASURES: Measures<OtherMeasures> = {
  committed: {
    say: (of) =>
      `as the lowest committed offset of ${of === "all" ? "all partitions" : `partition ${sayNumbers(of)}`}`,
    read: ({ run }, of) => {
      const wanted = Array.from({ length: run.partitions }, (_, p) => p).filter(
        (partition) => of === "all" || contains(of, partition),
      );
      return Math.min(...wanted.map((partition) => run.committed(partition)));
    },
    inPartition: (_, partition) => partition,
  },
  takeovers: {
    say: () => "takeovers by another broker",
    read: ({ takeovers }) => takeovers,
    blame: () => "environment",
  },
  brokersDown: {
    say: () => "brokers down",
    read: ({ brokersDown }) => brokersDown.size,
    blame: () => "environment",
  },
  claimed: {
    since: "may",
    say: (of) => `partitions that ${sayNames(of)} says it was assigned`,
    read: ({ run }, of, since) => {
      const members = new Set(list(of));
      return run.history.events.flatMap((e) =>
        e.type === "claim" && e.claim === "assigned" && members.has(e.member) && e.t >= since
          ? (e.partitions ?? [])
          : [],
      ).length;
    },
  },
  ended: {
    since: "may",
    say: ({ member, by }) =>
      `processes of ${sayNames(member)} ended${by === undefined ? "" : ` by ${by}`}`,
    read: ({ run }, { member, by }, since) => {
      const members = new Set(list(member));
      return run.history.events.filter(
        (e) =>
          e.type === "member" &&
          e.state === "exited" &&
          e.t >= since &&
          members.has(e.member) &&
          (by === undefined || e.signal === by),
      ).length;
    },
  },
  killedAtWork: {
    since: "may",
    say: (of) => `processes of ${sayNames(of)} killed while their handlers ran`,
    read: ({ run }, of, since) => {
      const members = new Set(list(of));
      return run.history.events.filter(
        (e) =>
          e.type === "member" &&
          e.state === "killed" &&
          e.t >= since &&
          members.has(e.member) &&
          run.ledger.works.some(
            ({ member, begunAt, finishedAt, dropped }) =>
              member === e.member && begunAt < e.t && !dropped && (finishedAt ?? Infinity) > e.t,
          ),
      ).length;
    },
    blame: () => "environment",
  },
  negativeHashes: {
    unit: "%",
    say: () => "of the hashes negative",
    read: ({ vectors }) => {
      const hashed = vectors.filter(
        ({ input, expect }) => input["partitioner"] === "murmur2" && expect["hash"] !== null,
      );
      const negative = hashed.filter(({ expect }) => Number(expect["hash"]) < 0);
      return hashed.length === 0 ? 0 : (100 * negative.length) / hashed.length;
    },
  },
  drawn: {
    say: (sight) => `traces drawn that came to: ${sight}`,
    read: ({ drawn }, sight) => drawn.get(sight) ?? 0,
    blame: () => "environment",
  },
  oddCounts: {
    say: () => "numbers of partitions that are no power of two",
    read: ({ vectors }) => {
      const counts = vectors.flatMap(({ input }) => (input["counts"] ?? []) as readonly number[]);
      return new Set(counts.filter((count) => (count & (count - 1)) !== 0)).size;
    },
  },
};
