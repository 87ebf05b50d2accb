import { LIMIT, PARTITIONERS } from "@sluice/spec";
import { replayId } from "../envelope/forms.ts";
import { planReplay } from "../envelope/replay.ts";
import type { ReplayDestination } from "../envelope/replay.ts";
import { VectorInput } from "./input.ts";
import { recordOrRefusal } from "./output.ts";

/** Appendix D.7. */
export function replayPlan(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const plan = planReplay({
    record: fields.object("record").record(),
    replayId: fields.matching("replayId", replayId, "a replay id"),
    now: fields.decimal("now"),
    maxReplays: fields.integer("maxReplays", 0, LIMIT.replayCount),
    destination: fields.isNull("destination") ? null : fields.topic("destination"),
    destinations: fields.list("destinations", destinationOf),
  });
  return recordOrRefusal(plan);
}

function destinationOf(item: unknown, path: string): ReplayDestination {
  const fields = new VectorInput(item, path);
  return {
    topic: fields.topic("topic"),
    partitions: fields.integer("partitions", 1, LIMIT.partitionCount),
    partitioner: fields.oneOf("partitioner", PARTITIONERS),
  };
}
