import { expect, test } from "vitest";
import { assignment } from "../../test/drive.ts";
import { Assignment } from "./assignment.ts";
import { RetryQuota } from "./retry-quota.ts";

const START = { offset: 0, outOfRange: false, commitAtOnce: false };
const assigned = (partition: number): Assignment =>
  new Assignment(assignment(partition, 1, 0), partition, START, false);

test("below the quota nothing is closed, from the first record on", () => {
  const [quota, one] = [new RetryQuota(2), assigned(0)];
  expect(quota.update(0, () => [])).toEqual([]);
  const fresh = new RetryQuota(2);
  fresh.waits(one);
  expect([fresh.update(1, () => [one]), one.pausedFor.retries]).toEqual([[], false]);
});

test("a quota that is used up stays so until a tenth is free", () => {
  const [quota, one] = [new RetryQuota(10), assigned(0)];
  expect([quota.update(10, () => [one]), one.pausedFor.retries]).toEqual([[one], true]);
  expect([quota.update(10, () => [one]), one.pausedFor.retries]).toEqual([[], true]);
  expect([quota.update(9, () => [one]), one.pausedFor.retries]).toEqual([[one], false]);
  expect(quota.update(9, () => [one])).toEqual([]);
});

test("an assignment is told of once, however many of its records wait", () => {
  const [quota, one, other] = [new RetryQuota(1), assigned(0), assigned(1)];
  quota.update(1, () => [one]);
  quota.waits(one);
  quota.waits(other);
  quota.waits(other);
  expect(quota.update(4, () => [])).toEqual([other]);
});

test("one that has been given up meanwhile is not told of", () => {
  const [quota, one, other] = [new RetryQuota(1), assigned(0), assigned(1)];
  quota.update(1, () => [one, other]);
  one.open = false;
  expect(quota.update(0, () => [])).toEqual([other]);
});

test("it is off without a limit", () => {
  expect([new RetryQuota(Infinity).isOn, new RetryQuota(1).isOn]).toEqual([false, true]);
});
