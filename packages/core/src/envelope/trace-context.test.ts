import { describe, expect, it } from "vitest";
import type { Header } from "../port/record.ts";
import { traceContextOf } from "./trace-context.ts";

const id = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const valid = `00-${id}-${parent}-01`;
const header = (name: string, value: string): Header => [name, Buffer.from(value)];
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
