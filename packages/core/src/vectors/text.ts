import { boundText as bound, neutralise } from "../envelope/error-text.ts";
import { stampTraceId as stamp } from "../envelope/trace-context.ts";
import { encodeUtf8 } from "../envelope/utf8.ts";
import { utf8Of, VectorInput } from "./input.ts";
import { headerList, hex } from "./output.ts";

/** Appendix D.4. */
export function boundText(input: unknown): Record<string, unknown> {
  const fields = new VectorInput(input);
  const text = utf8Of(fields.raw("text"), fields.pathOf("text"));
  const maxBytes = fields.integer("maxBytes", 3, 0x7fff_ffff);
  const safe = fields.boolean("neutralise") ? neutralise(text) : text;
  return { text: hex(encodeUtf8(bound(safe, maxBytes))) };
}

/** Appendix D.12. */
export function stampTraceId(input: unknown): Record<string, unknown> {
  return { headers: headerList(stamp(new VectorInput(input).headers("headers"))) };
}
