import { expect, it } from "vitest";
import { FailedAttempts } from "./failed-attempts.ts";

const AT = { topic: "t", partition: 0, offset: 4 };

/** Which attempts may be next. */
function next(attempts: FailedAttempts): readonly number[] {
  return [1, 2, 3, 4].filter((attempt) => attempts.objection(AT, attempt) === null);
}

function failed(times: number, maxAttempts = 9): FailedAttempts {
  const attempts = new FailedAttempts(maxAttempts);
  for (let attempt = 1; attempt <= times; attempt++) {
    attempts.made(AT, attempt);
    attempts.failed(AT, attempt);
  }
  return attempts;
}

it("counts on, and no further than attempts were made", () => {
  expect(next(failed(0))).toEqual([1]);
  expect(next(failed(2))).toEqual([3]);
  expect(failed(2).objection(AT, 1)).toBe("attempt 1 of t-0@4 after 2 had failed there");
});

it("leaves open whether one counts that came back when its partition had gone", () => {
  const attempts = failed(1);
  attempts.made(AT, 2);
  expect(next(attempts)).toEqual([2, 3]);
});

it("grants the last attempt again, when its dead letter was not written", () => {
  expect(next(failed(3, 3))).toEqual([3]);
});

it("begins anew with what was settled, and with what lies below a commit, there alone", () => {
  const settled = failed(2);
  settled.settled(AT);
  expect(next(settled)).toContain(1);
  const attempts = failed(2);
  attempts.forgetBelow({ ...AT, partition: 1, offset: 9 });
  attempts.forgetBelow(AT);
  expect(next(attempts)).toEqual([3]);
  attempts.forgetBelow({ ...AT, offset: 5 });
  expect(next(attempts)).toContain(1);
});
