import { expect, test } from "vitest";
import { assignment, at, Drive, record } from "../../test/drive.ts";

const OK = { type: "ok" } as const;
/** A token names the place of its record by what it is modulo this. */
const PLACES = 2 ** 24;

function started(): Drive {
  const drive = new Drive();
  drive.engine.assigned([assignment(0, 1, 0)], 0);
  return drive;
}

test("a record with neither key nor value is held and run like any other", () => {
  const drive = started();
  drive.engine.recordsFetched(at(0, 1), [{ ...record(0, 0), value: null }], 1, 0);
  const [{ token } = { token: -1 }] = drive.taken("dispatch");
  expect(drive.engine.record(token)).toMatchObject({ offset: 0, value: null });
  expect(drive.engine.snapshot(0).held).toMatchObject({ records: 1 });
});

test("a record that says to be larger than 2 GiB counts for that much, and its end gives it all back", () => {
  const drive = started();
  drive.engine.recordsFetched(at(0, 1), [{ ...record(0, 0), size: 2 ** 31 + 5 }], 1, 0);
  expect(drive.engine.snapshot(0).held.bytes).toBe(2 ** 31 - 1);
  drive.engine.handlerFinished(drive.taken("dispatch")[0]!.token, OK, 1, 0);
  expect(drive.engine.snapshot(1).held).toEqual({ records: 0, bytes: 0 });
});

test("the place of a record that has ended is given to the next", () => {
  const drive = started();
  const tokens = [0, 1, 2].map((offset) => {
    drive.engine.recordsFetched(at(0, 1), [record(0, offset)], offset + 1, 0);
    const [{ token } = { token: -1 }] = drive.taken("dispatch");
    drive.engine.handlerFinished(token, OK, 1, 0);
    return token;
  });
  expect(new Set(tokens).size).toBe(3);
  expect(new Set(tokens.map((token) => token % PLACES)).size).toBe(1);
});

test("a token that nobody was given is refused by name", () => {
  expect(() => started().engine.record(99)).toThrow(new RangeError("Work token 99 is not live"));
});
