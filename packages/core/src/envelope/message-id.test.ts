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
});

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
