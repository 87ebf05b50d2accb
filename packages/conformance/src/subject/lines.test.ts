import { describe, expect, test } from "vitest";
import { LineSplitter, MAX_LINE_BYTES } from "./lines.ts";

function splitter(): {
  push: (text: string | Buffer) => void;
  lines: string[];
  tooLong: number;
  rest: () => string;
} {
  const lines: string[] = [];
  const state = { tooLong: 0 };
  const split = new LineSplitter(
    (line) => lines.push(line),
    () => (state.tooLong += 1),
  );
  return {
    push: (text) => split.push(typeof text === "string" ? Buffer.from(text) : text),
    lines,
    get tooLong() {
      return state.tooLong;
    },
    rest: () => split.remainder,
  };
}

describe("lines of a subject's output", () => {
  test("several in one chunk, and one over several chunks", () => {
    const s = splitter();
    s.push('{"a":1}\n{"b"');
    s.push(":2");
    s.push("}\n\n");
    s.push("tail");
    expect(s.lines).toEqual(['{"a":1}', '{"b":2}']);
    expect(s.rest()).toBe("tail");
  });

  test("a character cut in two by a chunk arrives whole", () => {
    const s = splitter();
    const bytes = Buffer.from("é\n");
    s.push(bytes.subarray(0, 1));
    s.push(bytes.subarray(1));
    expect(s.lines).toEqual(["é"]);
  });

  test("the longest allowed line passes, one byte more ends the stream", () => {
    const s = splitter();
    s.push(`${"x".repeat(MAX_LINE_BYTES)}\n`);
    expect(s.lines[0]?.length).toBe(MAX_LINE_BYTES);
    s.push("y".repeat(MAX_LINE_BYTES));
    expect(s.tooLong).toBe(0);
    s.push("y");
    s.push("\nnothing more\n");
    expect(s.tooLong).toBe(1);
    expect(s.lines.length).toBe(1);
    expect(s.rest()).toBe("");
  });
});
