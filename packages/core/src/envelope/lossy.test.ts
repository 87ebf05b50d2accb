import { expect, it } from "vitest";
import type { Header } from "../port/record.ts";
import { losesHeaders } from "./lossy.ts";

const whole = { headerOrder: true, emptyHeader: true, nullHeader: true };
const h = (name: string, ...bytes: number[]): Header => [name, Uint8Array.from(bytes)];

it.each<[string, Partial<typeof whole>, Header[], boolean]>([
  ["nothing", {}, [["a", null], h("b"), ["a", null]], false],
  ["null values", { nullHeader: false }, [h("a", 1), ["b", null]], true],
  ["null values, and there is none", { nullHeader: false }, [h("a", 1), h("b")], false],
  ["empty values", { emptyHeader: false }, [h("a", 1), h("b")], true],
  ["empty values, and there is none", { emptyHeader: false }, [h("a", 1), ["b", null]], false],
  ["places, and a name comes again", { headerOrder: false }, [h("a"), h("b"), h("a")], true],
  ["places, and one name is all there is", { headerOrder: false }, [h("a"), h("a")], false],
  ["places, and no name comes again", { headerOrder: false }, [h("a"), h("b")], false],
])("a client that cannot keep %s (SLC-DLQ-009)", (_, lacks, headers, lossy) => {
  expect(losesHeaders(headers, { ...whole, ...lacks })).toBe(lossy);
});
