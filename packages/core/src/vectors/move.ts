import { moveRecord } from "../envelope/move.ts";
import type { Move } from "../envelope/move.ts";
import { VectorInputError } from "./errors.ts";
import { VectorInput } from "./input.ts";
import { recordOrRefusal } from "./output.ts";

/** Appendix D.6. */
export function move(input: unknown): Record<string, unknown> {
  const asked = moveOf(new VectorInput(input));
  try {
    return recordOrRefusal(moveRecord(asked));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new VectorInputError("record", error.message);
  }
}

function moveOf(fields: VectorInput): Move {
  const error = fields.object("error");
  const target = fields.object("target");
  const common = {
    record: fields.object("record").record(),
    trusted: fields.boolean("trusted"),
    group: fields.text("group"),
    attempts: fields.integer("attempts", 1, INT32),
    error: {
      kind: error.text("kind"),
      class: error.textOrNull("class"),
      code: error.textOrNull("code"),
      message: error.text("message"),
      stack: error.textOrNull("stack"),
    },
    writeStack: fields.boolean("writeStack"),
    firstFailedAt: fields.decimal("firstFailedAt"),
    failedAt: fields.decimal("failedAt"),
    now: fields.decimal("now"),
    cluster: fields.textOrNull("cluster"),
    partitionCount: fields.integerOrNull("partitionCount", 1, INT32),
    leaderEpoch: fields.integerOrNull("leaderEpoch", 0, INT32),
    target: { topic: target.topic("topic"), partitions: target.integer("partitions", 1, INT32) },
    maxBytes: fields.integer("maxBytes", 0, INT32),
  };
  const kind = fields.oneOf("move", ["retry", "dead-letter"]);
  if (kind === "dead-letter") return { ...common, move: kind, reason: fields.text("reason") };
  const retryAt = fields.decimal("retryAt");
  return { ...common, move: kind, retryAt, retryPolicy: fields.textOrNull("retryPolicy") };
}

const INT32 = 0x7fff_ffff;
