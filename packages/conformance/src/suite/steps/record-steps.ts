import { assignedSince } from "../measures/wire-measures.ts";
import { sayNumbers } from "../number-set.ts";
import { list, sayNames } from "../scene.ts";
import { matcher, recordMatcher, saySelector } from "../selector.ts";
import { entries, sayOffsets } from "./cluster-steps.ts";
import type { Kinds } from "./step-kind.ts";

export const RECORD_STEPS: Kinds<"expect" | "remember"> = {
  expect: {
    say: ({ expect }) => {
      if ("startsAt" in expect) return `the group's duty begins at ${sayOffsets(expect.startsAt)}`;
      const { partition, offset } = expect.deadLetters;
      const which = [
        ...(offset === undefined ? [] : [`at offset ${sayNumbers(offset)}`]),
        ...(partition === undefined ? [] : [`of partition ${sayNumbers(partition)}`]),
      ];
      return `the records ${which.join(" ")} must become dead letters`;
    },
    perform: (scene, { expect }) => {
      const { run } = scene;
      if ("startsAt" in expect) {
        for (const [partition, offset] of entries(expect.startsAt)) run.startsAt(partition, offset);
        return;
      }
      const doomed = run.produced.filter(recordMatcher(scene, expect.deadLetters));
      for (const { partition, offset } of doomed) run.expectDeadLetter(partition, offset);
    },
  },

  remember: {
    say: ({ remember, handlers, partitions }) => {
      if (handlers !== undefined) {
        return `call the running handlers${saySelector(handlers.held)} "${remember}"`;
      }
      const { assignedTo = "", since } = partitions ?? {};
      const from = since === undefined ? "" : ` since "${since}"`;
      return `call the partitions assigned to ${sayNames(assignedTo)}${from} "${remember}"`;
    },
    perform: (scene, { remember, handlers, partitions }) => {
      if (handlers !== undefined) {
        scene.handlers.set(remember, new Set(scene.run.held(matcher(scene, handlers.held))));
      }
      if (partitions !== undefined) {
        const since = scene.since(partitions.since);
        const found = list(partitions.assignedTo).flatMap((of) => assignedSince(scene, of, since));
        scene.partitions.set(remember, found);
      }
    },
  },
};
