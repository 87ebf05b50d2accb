import { readEnvelope } from "../envelope/envelope.ts";
import type { Origin } from "../envelope/origin.ts";
import { VectorInput } from "./input.ts";
import { decimalOrNull } from "./output.ts";

/** Appendix D.5. */
export function envelopeDecode(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const record = { ...fields.position(), headers: fields.headers("headers") };
  const { trace, ...envelope } = readEnvelope(record, {
    trusted: fields.boolean("trusted"),
    cluster: fields.textOrNull("cluster"),
    idHeader: fields.boolean("idHeader"),
  });
  return {
    ...envelope,
    wireVersion: decimalOrNull(envelope.wireVersion),
    messageVersion: decimalOrNull(envelope.messageVersion),
    origin: originOf(envelope.origin),
    retryAt: decimalOrNull(envelope.retryAt),
    firstFailedAt: decimalOrNull(envelope.firstFailedAt),
    failedAt: decimalOrNull(envelope.failedAt),
    history:
      envelope.history?.map((item) =>
        "dropped" in item ? item : { ...item, at: String(item.at) },
      ) ?? null,
    replayedAt: decimalOrNull(envelope.replayedAt),
    replayedFrom: withDecimalOffset(envelope.replayedFrom),
    traceparent: trace?.traceparent ?? null,
    tracestate: trace?.tracestate ?? null,
  };
}

function originOf(origin: Origin | null): Record<string, unknown> | null {
  if (origin === null) return null;
  return { ...withDecimalOffset(origin), timestamp: String(origin.timestamp) };
}

function withDecimalOffset(at: { readonly offset: number } | null): Record<string, unknown> | null {
  return at === null ? null : { ...at, offset: String(at.offset) };
}
