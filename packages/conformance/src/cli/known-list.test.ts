import { describe, expect, test } from "vitest";
import { COLUMNS } from "./columns.ts";
import {
  checkSubjects,
  committedList,
  KnownListError,
  knownOf,
  knownOfOurs,
  parseKnownList,
} from "./known-list.ts";
import type { KnownLine, NamedLists } from "./known-list.ts";
import { runnableIds } from "./options.ts";

const CASES = ["core/hold-head", "core/hot-key", "group/zombie"];

function failing(text: string): KnownLine[] {
  return parseKnownList("failing", text, "f.txt", CASES);
}

function flaky(text: string): KnownLine[] {
  return parseKnownList("flaky", text, "l.txt", CASES);
}

describe("a line", () => {
  test("has a pattern and a reason, and says where it stands", () => {
    expect(failing("# of us\n\n  core/*\tissue 17: it  sleeps \r\n")).toEqual([
      {
        list: "failing",
        pattern: "core/*",
        subjects: null,
        reason: "issue 17: it  sleeps",
        at: "f.txt:3",
      },
    ]);
  });

  test("means every case that its pattern matches as a whole", () => {
    const lines = failing("core/* issue 17");
    expect(knownOf(lines, "core/hot-key", "s")).toEqual({ list: "failing", reason: "issue 17" });
    expect(knownOf(lines, "group/zombie", "s")).toBeUndefined();
    expect(() => failing("hot issue 17")).toThrow(KnownListError);
  });

  test("may mean one subject only", () => {
    const lines = failing("**@rdkafka/* issue 17");
    expect(knownOf(lines, "core/hot-key", "rdkafka/eager")?.reason).toBe("issue 17");
    expect(knownOf(lines, "core/hot-key", "rdkafka")).toBeUndefined();
    expect(() => checkSubjects(lines, ["rdkafka", "rdkafka/eager"])).not.toThrow();
    expect(() => checkSubjects(lines, ["kafkajs"])).toThrow(
      "f.txt:1: no subject matches @rdkafka/*; there are kafkajs.",
    );
  });

  test("of one list must not contradict the other", () => {
    const lines = [...failing("core/* a"), ...flaky("**/hot-key b")];
    expect(knownOf(lines, "core/hold-head", "s")?.list).toBe("failing");
    expect(() => knownOf(lines, "core/hot-key", "s")).toThrow(
      "core/hot-key (s) is known to be failing at f.txt:1 and flaky at l.txt:1: one of them is wrong.",
    );
  });
});

describe("the committed lists", () => {
  test("can be used", () => {
    const lines = knownOfOurs({}, (list) => committedList(list, runnableIds()));
    expect(() => checkSubjects(lines, Object.keys(COLUMNS))).not.toThrow();
  });

  test("are in force, each until one of its own kind is named", () => {
    const committed = { failing: failing("core/* ours"), flaky: flaky("group/* ours") };
    const named = { failing: failing("core/* mine"), flaky: flaky("group/* mine") };
    const known = (lists: NamedLists): KnownLine[] => knownOfOurs(lists, (list) => committed[list]);
    expect(known({})).toEqual([...committed.failing, ...committed.flaky]);
    expect(known({ flaky: named.flaky })).toEqual([...committed.failing, ...named.flaky]);
    expect(known({ failing: named.failing })).toEqual([...named.failing, ...committed.flaky]);
    expect(known(named)).toEqual([...named.failing, ...named.flaky]);
    expect(known({ failing: [] })).toEqual(committed.flaky);
  });
});
