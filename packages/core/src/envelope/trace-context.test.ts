import { describe, expect, it } from "vitest";
import type { Header } from "../port/record.ts";
import { readEnvelope } from "./envelope.ts";
import type { TraceContext } from "./trace-context.ts";
import { stampTraceId } from "./trace-context.ts";

const id = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const valid = `00-${id}-${parent}-01`;
const header = (name: string, value: string): Header => [name, Buffer.from(value)];
const read = (...headers: Header[]) =>
  readEnvelope({ topic: "t", partition: 0, offset: 0, headers }, { trusted: false });
const traceContextOf = (headers: readonly Header[]): TraceContext | null => read(...headers).trace;
const parse = (traceparent: string) =>
  traceContextOf([header("traceparent", traceparent)])?.traceparent ?? null;
const state = (tracestate: string) =>
  traceContextOf([header("traceparent", valid), header("tracestate", tracestate)])?.tracestate;

describe("traceparent", () => {
  it.each([valid, `00-${id}-${parent}-00`, `00-${id}-${parent}-ff`])("%s is valid", (value) => {
    expect(parse(value)).toBe(value);
  });

  it.each([
    ["", "empty"],
    [`00-${id}-${parent}`, "without flags"],
    [`00-${id.toUpperCase()}-${parent}-01`, "in upper case"],
    [`00-${"0".repeat(32)}-${parent}-01`, "with a trace id of zeros"],
    [`00-${id}-${"0".repeat(16)}-01`, "with a parent id of zeros"],
    [`ff-${id}-${parent}-01`, "of version ff"],
    [`00-${id}-${parent}-01-more`, "of version 00 with more behind"],
    [`01-${id}-${parent}-01more`, "of a later version with more behind that is no field"],
    [` ${valid}`, "with a space"],
    [`00-${id}-${parent}-0g`, "with flags that are not hexadecimal"],
  ])("%s (%s) is refused", (value) => {
    expect(parse(value)).toBeNull();
  });

  it("of a later version only the fields of version 00 count", () => {
    expect(parse(`cc-${id}-${parent}-03-what-the-future-brings`)).toBe(`00-${id}-${parent}-01`);
    expect(parse(`01-${id}-${parent}-02`)).toBe(`00-${id}-${parent}-00`);
  });

  it("of several the last counts", () => {
    const headers = [header("traceparent", "nonsense"), header("traceparent", valid)];
    expect(traceContextOf(headers)?.traceparent).toBe(valid);
    expect(traceContextOf(headers.toReversed())).toBeNull();
  });

  it("the name is lower case, and bytes that are not text are refused", () => {
    expect(traceContextOf([header("Traceparent", valid)])).toBeNull();
    expect(traceContextOf([["traceparent", new Uint8Array([0xff, 0x30])]])).toBeNull();
    expect(traceContextOf([["traceparent", null]])).toBeNull();
  });
});

describe("tracestate", () => {
  it.each([
    ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"],
    ["a=1 ,\tb=2,,", "a=1,b=2"],
    ["fw529a3039@dt=x y", "fw529a3039@dt=x y"],
    ["a=!\"#$%&'()*+-./:;<>?@[]^_`{|}~", "a=!\"#$%&'()*+-./:;<>?@[]^_`{|}~"],
  ])("%j is read as %j", (value, expected) => {
    expect(state(value)).toBe(expected);
  });

  it.each(["", ",", "A=1", "a", "a=", "a=b=c", "a=\u00e9", "a=1,a=2", "=1", "a =1"])(
    "%j makes the whole worthless",
    (value) => {
      expect(state(value)).toBeNull();
    },
  );

  it("does not count without a valid traceparent (SLC-ENV-018)", () => {
    expect(traceContextOf([header("tracestate", "a=1")])).toBeNull();
  });

  it("has at most 32 members", () => {
    const members = Array.from({ length: 33 }, (_, i) => `k${i}=1`);
    expect(state(members.slice(0, 32).join(","))).toBe(members.slice(0, 32).join(","));
    expect(state(members.join(","))).toBeNull();
  });

  it("too long, first loses its members of more than 128 characters and then its last ones", () => {
    const long = `long=${"x".repeat(150)}`;
    const short = Array.from({ length: 8 }, (_, i) => `s${i}=${"y".repeat(80)}`);
    const kept = state([short[0], long, ...short.slice(1)].join(",")) as string;
    expect(kept).toBe(short.slice(0, 6).join(","));
    expect(kept.length).toBeLessThanOrEqual(512);
  });
});

describe("the length of a tracestate (SLC-ENV-027)", () => {
  const member = (key: string, length: number) => `${key}=${"v".repeat(length - key.length - 1)}`;

  it("of 512 characters is not too long, whatever its members have", () => {
    const three = [member("a", 200), member("b", 200), member("c", 110)];
    expect(three.join(",")).toHaveLength(512);
    expect(state(three.join(","))).toBe(three.join(","));
    expect(state(`${three.join(",")}x`)).toBe(`${three[2]}x`);
  });

  it("is reduced by members of more than 128 characters, and by no more than it takes", () => {
    const short = ["b", "c", "d"].map((key) => member(key, 128));
    expect(state([member("a", 129), ...short].join(","))).toBe(short.join(","));
    const exact = [...short, member("e", 125)];
    expect(exact.join(",")).toHaveLength(512);
    expect(state([member("a", 129), ...exact].join(","))).toBe(exact.join(","));
    expect(state([member("a", 129), ...short, member("e", 126)].join(","))).toBe(short.join(","));
  });
});

describe("what is wrong with a trace context is told (SLC-ENV-021)", () => {
  it.each<[string, Header[], string[]]>([
    ["nothing at all", [], []],
    ["a null traceparent", [["traceparent", null]], []],
    ["a bad traceparent", [header("traceparent", "x")], ["malformed:traceparent"]],
    [
      "a bad tracestate of a good traceparent",
      [header("traceparent", valid), header("tracestate", "A=1")],
      ["malformed:tracestate"],
    ],
    ["a bad tracestate alone", [header("tracestate", "A=1")], []],
    [
      "a tracestate without members",
      [header("traceparent", valid), header("tracestate", " ,\t,")],
      [],
    ],
    ["an empty X-Trace-ID", [header("X-Trace-ID", "")], ["malformed:X-Trace-ID"]],
    [
      "a bad X-Trace-ID beside a good traceparent",
      [header("traceparent", valid), header("X-Trace-ID", "")],
      [],
    ],
  ])("%s", (_, headers, anomalies) => {
    expect(read(...headers).anomalies).toEqual(anomalies);
  });
});

describe("the trace id (SLC-ENV-028)", () => {
  it.each<[string, Header[], string | null]>([
    ["is that of the traceparent", [header("X-Trace-ID", "x"), header("traceparent", valid)], id],
    ["else the X-Trace-ID", [header("X-Trace-ID", "x-1"), header("traceparent", "no")], "x-1"],
    ["has at most 128 characters", [header("X-Trace-ID", "~".repeat(128))], "~".repeat(128)],
    ["of 129 is none", [header("X-Trace-ID", "x".repeat(129))], null],
    ["with a space is none", [header("X-Trace-ID", "a b")], null],
    ["in another spelling is none", [header("x-trace-id", "a")], null],
  ])("%s", (_, headers, expected) => {
    expect(read(...headers).traceId).toBe(expected);
  });
});

describe("stampTraceId (SLC-ENV-029)", () => {
  const parentHeader = header("traceparent", `01-${id}-${parent}-03-more`);
  const stamped = (...headers: Header[]) =>
    stampTraceId(headers).map(([name, value]) => [name, value && Buffer.from(value).toString()]);

  it("appends the trace id of the traceparent", () => {
    expect(stamped(parentHeader, header("a", "1")).slice(1)).toEqual([
      ["a", "1"],
      ["X-Trace-ID", id],
    ]);
  });

  it.each<[string, Header[]]>([
    ["an X-Trace-ID, of whatever form", [header("X-Trace-ID", ""), parentHeader]],
    ["no traceparent", [header("a", "1")]],
    ["a malformed traceparent", [header("traceparent", "x"), ["X-Trace-ID", null]]],
  ])("leaves headers with %s as they are", (_, headers) => {
    expect(stampTraceId(headers)).toBe(headers);
  });

  it("replaces an X-Trace-ID whose last value is null", () => {
    const headers: Header[] = [header("X-Trace-ID", "old"), parentHeader, ["X-Trace-ID", null]];
    expect(stamped(...headers).slice(1)).toEqual([["X-Trace-ID", id]]);
  });
});
