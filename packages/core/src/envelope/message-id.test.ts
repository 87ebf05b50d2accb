import { describe, expect, it } from "vitest";
import type { Header, KafkaRecord, OutgoingRecord } from "../port/record.ts";
import { deadLetterRecord } from "./dead-letter.ts";
import { messageIdOf, stampMessage } from "./message-id.ts";

const header = (name: string, value: string): Header => [name, Buffer.from(value)];
const record = (...headers: Header[]): KafkaRecord => ({
  topic: "orders",
  partition: 3,
  offset: 42,
  timestamp: 1_700_000_000_000,
  key: null,
  value: null,
  headers,
});

describe("messageIdOf (SLC-ENV-011)", () => {
  const own = header("sluice-message-id", "0190-abc");
  const source = header("ce_source", "/shop");
  const id = header("ce_id", "e 7");

  it.each<[string, string, Header[]]>([
    ["its own id first", "0190-abc", [source, id, own]],
    ["then the CloudEvents source and id", "/shop\ne 7", [source, id]],
    ["a CloudEvents id alone is none", "c1:orders:3:42", [id]],
    ["then where it was written", "c1:orders:3:42", []],
    [
      "of several own ids the last",
      "b",
      [header("sluice-message-id", "a"), header("sluice-message-id", "b")],
    ],
    ["a null id is none", "c1:orders:3:42", [["sluice-message-id", null]]],
    ["an id with a space is none", "c1:orders:3:42", [header("sluice-message-id", "a b")]],
    ["an empty id is none", "c1:orders:3:42", [header("sluice-message-id", "")]],
    [
      "an id of 129 characters is none",
      "c1:orders:3:42",
      [header("sluice-message-id", "x".repeat(129))],
    ],
  ])("%s: %j", (_, expected, headers) => {
    expect(messageIdOf(record(...headers), "c1")).toBe(expected);
  });

  it("has an empty cluster where it is not known", () => {
    expect(messageIdOf(record())).toBe(":orders:3:42");
  });

  it.each<[string, Header[]]>([
    ["by position", []],
    ["by CloudEvents", [source, id]],
    ["by its own id", [own]],
  ])("stays the same in the dead letter: %s", (_, headers) => {
    const letter = deadLetterRecord({
      record: record(...headers),
      group: "g",
      cause: {
        reason: "manual",
        error: { kind: "unknown", class: "E", message: "" },
        attempts: 1,
        firstFailedAt: 1,
        failedAt: 1,
      },
      target: { topic: "orders.dlq", partition: 0 },
      now: 5,
    });
    const read = { ...letter, offset: 0, timestamp: 5 };
    expect(messageIdOf(read, "c")).toBe(messageIdOf(record(...headers), "c"));
  });
});

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
    expect(messageIdOf({ ...stamped, offset: 1, timestamp: 0 })).toBe("id-1");
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
