import { describe, expect, it } from "vitest";
import type { Header, OutgoingRecord } from "../port/record.ts";
import { stampMessage } from "./message-id.ts";

const header = (name: string, value: string): Header => [name, Buffer.from(value)];

describe("stampMessage", () => {
  const outgoing = (...headers: Header[]): OutgoingRecord => ({
    topic: "orders",
    partition: 0,
    key: null,
    value: new Uint8Array(),
    headers,
  });

  it("adds the id behind the caller's headers", () => {
    const stamped = stampMessage(outgoing(header("a", "1")), "id-1");
    expect(stamped.headers).toEqual([header("a", "1"), ["sluice-message-id", bytes("id-1")]]);
  });

  it("keeps an id that the caller has set", () => {
    const record = outgoing(header("sluice-message-id", "mine"));
    expect(stampMessage(record, "id-1")).toBe(record);
  });

  it("replaces a null id", () => {
    const stamped = stampMessage(outgoing(["sluice-message-id", null]), "id-1");
    expect(stamped.headers).toEqual([["sluice-message-id", bytes("id-1")]]);
  });

  it.each(["", "a b", "é", "x".repeat(129), "a\n"])("refuses the id %j (SLC-ENV-015)", (id) => {
    expect(() => stampMessage(outgoing(), id)).toThrow("sluice-message-id must be 1 to 128");
    expect(() => stampMessage(outgoing(header("sluice-message-id", id)), "ok")).toThrow(RangeError);
  });

  it.each<[string, string, Header[]]>([
    ['"a b"', "a b", []],
    [`"${"x".repeat(60)}"`, "x".repeat(129), []],
    ["the one in the record", "ok", [header("sluice-message-id", "a b")]],
  ])("says that %s is refused, of a long one the beginning", (which, id, headers) => {
    expect(() => stampMessage(outgoing(...headers), id)).toThrow(
      new RangeError(
        `sluice-message-id must be 1 to 128 printable ASCII characters without spaces; ${which} is not`,
      ),
    );
  });
});

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
