import type { Case } from "../runner/case.ts";
import type { GroupMode } from "../runner/subject-under-test.ts";
import { GROUP_MODES } from "../runner/subject-under-test.ts";

/** One way to run an adapter of ours, a column of the matrix. */
export interface Column {
  readonly adapter: "kafkajs" | "rdkafka";
  readonly mode: GroupMode;
  /** Which cases it runs when it was not asked for by name. */
  readonly covers: (definition: Case) => boolean;
  /** Why it does not run the others. */
  readonly only?: string;
}

/** By the name that `--adapter` takes. */
export const COLUMNS: Readonly<Record<string, Column>> = {
  kafkajs: { adapter: "kafkajs", mode: GROUP_MODES.eager, covers: () => true },
  rdkafka: { adapter: "rdkafka", mode: GROUP_MODES.consumer, covers: () => true },
  "rdkafka/cooperative": {
    adapter: "rdkafka",
    mode: GROUP_MODES.cooperative,
    covers: ({ id }) => id.startsWith("group/"),
    only: "run for group/* only: the protocols differ in how partitions move",
  },
  // What moves is what differs between the protocols: one smoke of the oldest.
  "rdkafka/eager": {
    adapter: "rdkafka",
    mode: GROUP_MODES.eager,
    covers: ({ id }) => id === "group/join-midflight",
    only: "run for group/join-midflight only: a smoke test of the oldest protocol",
  },
};

/** Names of the columns to run: a family name stands for all of its columns. */
export function columnsFor(names: readonly string[]): string[] {
  if (names.length === 0) return Object.keys(COLUMNS);
  return Object.keys(COLUMNS).filter((name) =>
    names.some((wanted) => name === wanted || name.startsWith(`${wanted}/`)),
  );
}
