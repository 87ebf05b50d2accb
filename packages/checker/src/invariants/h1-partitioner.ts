import type { Invariant } from "../invariant.ts";

/** The expected partitions were computed by the Java client; here answers are compared with them. */
export const h1: Invariant = {
  id: "H1",
  rule: "A key goes to the partition that the Java client's default partitioner chooses.",
  needs: [],
  liveness: false,
  judge(model, findings) {
    for (const [index, event] of model.events.entries()) {
      if (event.type !== "vector" || event.suite !== "partitioner") continue;
      findings.examined();
      if (event.actual === event.expected) continue;
      findings.violation(
        [index],
        () => `vector ${event.id}: partition ${event.actual} for ${event.expected}`,
      );
    }
  },
};
