import { PortError } from "@sluice/core";
import { expect, it } from "vitest";

import type { ClientModule, ListedOffset, NativeConsumer } from "./client.ts";
import { OffsetReader } from "./offset-reader.ts";

const t0 = { topic: "t", partition: 0 };

/** Reads what the client lists as the offset of t-0. */
function reading(offset: number): Promise<unknown> {
  const listOffsets = (
    _: unknown,
    __: unknown,
    done: (error: null, listed: readonly ListedOffset[]) => void,
  ): void => done(null, [{ ...t0, offset }]);
  const module = {
    AdminClient: { createFrom: () => ({ listOffsets }) },
    OffsetSpec: { EARLIEST: { timestamp: -2 }, LATEST: { timestamp: -1 } },
  } as unknown as ClientModule;
  const reader = new OffsetReader(module, {} as NativeConsumer, "read_committed");
  return reader.watermarks([t0], 1000);
}

it("reads an offset", async () => {
  expect(await reading(7)).toEqual([{ ...t0, low: 7, end: 7 }]);
});

it("an offset past 2^53-1 is an error that stays", async () => {
  const error = await reading(2 ** 53).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortError);
  expect(error).toMatchObject({ kind: "fatal" });
});

it("the offset that the client makes up for a partition without a leader is worth another try", async () => {
  const error = await reading(-1001).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(PortError);
});
