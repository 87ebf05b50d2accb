import { describe, expect, test } from "vitest";
import { History } from "./history.ts";
import type { FinishResult } from "../subject/protocol.ts";
import { Ledger } from "./ledger.ts";
import type { Work } from "./ledger.ts";

function ledger(): {
  ledger: Ledger;
  history: History;
  answers: string[];
  begin: (offset: number, attempt?: number, member?: string) => void;
} {
  const history = new History(null);
  const answers: string[] = [];
  const answered = ({ handle }: Work, result: FinishResult): void => {
    // What is written to the subject must be in the history already, with its stamp.
    const last = history.events.at(-1);
    expect(last).toMatchObject({ type: "finish", handle, result });
    answers.push(`${handle} ${result}`);
  };
  const it = new Ledger(history, answered, 3);
  const begin = (offset: number, attempt = 1, member = "m0"): void =>
    it.observe(member, {
      ev: "begin",
      h: `${offset}.${attempt}`,
      epoch: "1",
      t: "in",
      p: 0,
      o: String(offset),
      key: "azE=",
      vh: null,
      attempt,
    });
  return { ledger: it, history, answers, begin };
}

describe("the ledger", () => {
  test("ends a handler with ok at once when no rule says otherwise, stamped before the answer", () => {
    const { ledger: it, answers, begin } = ledger();
    begin(5);
    expect(answers).toEqual(["5.1 ok"]);
    expect(it.isOk("in", 0, 5)).toBe(true);
    expect(it.okCount).toBe(1);
  });

  test("asks the newest rule first, and the one before when it has no opinion", () => {
    const { ledger: it, answers, begin } = ledger();
    it.decide(({ offset }) => (offset % 2 === 0 ? "throw" : "skip"));
    it.decide(({ offset }) => (offset === 4 ? "hold" : undefined));
    for (const offset of [3, 4, 6]) begin(offset);
    expect(answers).toEqual(["3.1 skip", "6.1 throw"]);
    expect(it.held().map(({ offset }) => offset)).toEqual([4]);
    expect(it.isOk("in", 0, 6)).toBe(false);
  });

  test("knows which records have failed for good: at once, or in their last attempt", () => {
    const { ledger: it, begin } = ledger();
    const results = ["ok", "skip", "poison", "dead-letter", "throw", "retry"] as const;
    it.decide(({ offset }) => results[offset]);
    const givenUp = (): number[] =>
      results.flatMap((_, i) => (it.isGivenUp("in", 0, i) ? [i] : []));
    for (const offset of results.keys()) begin(offset, 2);
    expect(givenUp()).toEqual([2, 3]);
    for (const offset of results.keys()) begin(offset, 3);
    expect(givenUp()).toEqual([2, 3, 4, 5]);
  });

  test("decides anew when a rule is taken back", () => {
    const { ledger: it, answers, begin } = ledger();
    const rule = it.decide(() => "hold");
    begin(1);
    begin(2);
    expect(answers).toEqual([]);
    rule.release();
    rule.release();
    expect(answers).toEqual(["1.1 ok", "2.1 ok"]);
  });

  test("finishes a handler once, whoever asks again", () => {
    const { ledger: it, history, answers, begin } = ledger();
    it.decide(() => "hold");
    begin(1);
    const [work] = it.held();
    if (work === undefined) throw new Error("nothing held");
    it.finish(work, "poison");
    it.finish(work);
    expect(answers).toEqual(["1.1 poison"]);
    expect(history.events.filter(({ type }) => type === "finish")).toHaveLength(1);
    expect(work.result).toBe("poison");
  });

  test("ends a handler after a while", async () => {
    const { ledger: it, answers, begin } = ledger();
    it.decide(() => ({ afterMs: 5, result: "retry" }));
    begin(1);
    expect(answers).toEqual([]);
    await expect.poll(() => answers).toEqual(["1.1 retry"]);
  });

  test("has no effect on behalf of a member that is gone", async () => {
    const { ledger: it, answers, begin } = ledger();
    it.decide(({ offset }) => (offset === 1 ? { afterMs: 1, result: "ok" } : "hold"));
    begin(1);
    begin(2);
    begin(3, 1, "m1");
    it.forget("m0");
    await new Promise((resolve) => setTimeout(resolve, 20));
    it.finish(it.works[1] as never);
    expect(answers).toEqual([]);
    expect(it.held().map(({ member }) => member)).toEqual(["m1"]);
    expect(it.okCount).toBe(0);
  });

  test("keeps a handler that the subject has given up: it may still be finished", () => {
    const { ledger: it, answers, begin } = ledger();
    it.decide(() => "hold");
    begin(1);
    it.observe("m0", { ev: "dropped", h: "1.1", reason: "revoked" });
    expect(it.held()[0]?.dropped).toBe(true);
    it.finish(it.held()[0] as never);
    expect(answers).toEqual(["1.1 ok"]);
  });
});
