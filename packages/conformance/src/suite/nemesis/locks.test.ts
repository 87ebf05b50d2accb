import { expect, test } from "vitest";
import { Locks } from "./locks.ts";

const quiet = (): Promise<void> => Promise.resolve();

test("what one has taken the next one gets when it is free", async () => {
  const locks = new Locks();
  const order: string[] = [];
  const first = await locks.take(["broker"], quiet);
  const second = locks.take(["broker"], quiet).then((release) => {
    order.push("second");
    release();
  });
  const other = await locks.take(["process m0"], quiet);
  order.push("other");
  expect(locks.held("broker")).not.toBeNull();
  first();
  await second;
  expect(order).toEqual(["other", "second"]);
  expect(locks.held("broker")).toBeNull();
  other();
});

test("of two that wait, the one that comes late waits again", async () => {
  const locks = new Locks();
  const first = await locks.take(["a"], quiet);
  let inside = 0;
  const enter = async (): Promise<void> => {
    const release = await locks.take(["a"], quiet);
    inside += 1;
    expect(inside).toBe(1);
    await quiet();
    inside -= 1;
    release();
  };
  const both = [enter(), enter()];
  first();
  await Promise.all(both);
});

test("it is not taken before it is quiet", async () => {
  const locks = new Locks();
  let calm = (): void => {};
  const calmed = new Promise<void>((resolve) => (calm = resolve));
  let taken = false;
  const taking = locks.take(["a"], () => calmed).then(() => (taken = true));
  await quiet();
  expect(taken).toBe(false);
  calm();
  await taking;
  expect(taken).toBe(true);
});
