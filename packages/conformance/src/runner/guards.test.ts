import type { GuardEvent } from "@sluice/checker";
import { describe, expect, test } from "vitest";
import type { GuardedRun } from "./guards.ts";
import { commonGuards } from "./guards.ts";
import { History } from "./history.ts";
import type { Unstamped } from "./history.ts";

const record = { topic: "in", partition: 0, offset: "0", key: "azE=", valueHash: "djE=" };
const steady = { type: "phase", phase: "steady" } as const;
const quiesce = { type: "phase", phase: "quiesce" } as const;
const visible: Unstamped = { type: "visible", ...record, headers: [], timestamp: 1 };
const begin: Unstamped = {
  type: "begin",
  ...record,
  member: "m0",
  handle: "1",
  epoch: "1",
  attempt: 1,
};
const committed: Unstamped = {
  type: "committed",
  topic: "in",
  partition: 0,
  offset: "1",
  metadata: "",
  seq: 1,
};
const whole: Unstamped[] = [
  steady,
  { type: "produced", ...record },
  begin,
  committed,
  quiesce,
  visible,
];

interface Options {
  readonly witnesses?: boolean;
  readonly faults?: readonly string[];
  readonly members?: readonly string[];
  readonly unread?: readonly string[];
}

/** Guards by name, after the events given. */
function guards(events: readonly Unstamped[], options: Options = {}): Map<string, GuardEvent> {
  const history = new History(null);
  for (const event of events) history.record(event);
  const run: GuardedRun = {
    history,
    produced: { length: events.filter(({ type }) => type === "produced").length },
    members: (options.members ?? ["m0"]).map((name) => ({ name })),
    cluster: {
      can: {
        proxy: options.witnesses ?? true,
        brokerFaults: true,
        failover: false,
        diskFull: false,
        commitLog: options.witnesses ?? true,
        transactions: true,
        sasl: false,
      },
    },
    guard: (...[guard, met, detail, kind]: Parameters<GuardedRun["guard"]>) =>
      void history.record({ type: "guard", guard, met, detail, kind: kind ?? "environment" }),
  };
  commonGuards(run, { faults: options.faults ?? [] }, options.unread ?? []);
  return new Map(
    history.events.flatMap((event) => (event.type === "guard" ? [[event.guard, event]] : [])),
  );
}

const unmet = (found: ReadonlyMap<string, GuardEvent>): string[] =>
  [...found.values()].filter(({ met }) => !met).map(({ guard, kind }) => `${guard} ${kind}`);

const fault = (state: "injected" | "observed" | "healed"): Unstamped => ({
  type: "fault",
  fault: "cut",
  state,
});
const phase = (name: "inject" | "impact" | "heal"): Unstamped => ({ type: "phase", phase: name });

describe("the guards common to all cases", () => {
  test("are met by a run that was whole", () => {
    const found = guards(whole);
    expect(unmet(found)).toEqual([]);
    expect([...found.keys()]).toEqual(["G0", "G1", "G2", "G6"]);
  });

  test("G2: where only polls tell what is committed, one must have shown something of the group's", () => {
    const committed = { topic: "in", partition: 0, offset: "1", metadata: null };
    const polled = (offsets: object[], own?: true): Unstamped[] =>
      whole.map((event) =>
        event.type === "committed"
          ? ({ type: "polled", asked: 0, offsets, ...(own ? { own } : {}) } as Unstamped)
          : event,
      );
    const unmetOf = (events: Unstamped[]): string[] => unmet(guards(events, { witnesses: false }));
    expect(unmetOf(polled([committed]))).toEqual([]);
    expect(unmetOf(polled([]))).toEqual(["G2 subject"]);
    expect(unmetOf(polled([committed], true))).toEqual(["G2 subject"]);
  });

  test.each([
    ["is missing", whole.filter((event) => event !== visible)],
    ["has another value", [...whole.slice(0, -1), { ...visible, valueHash: "djI=" }]],
    ["was never produced", whole.filter(({ type }) => type !== "produced")],
  ])("G0: a workload record that %s is the broker's matter", (_, events) => {
    expect(unmet(guards(events))).toEqual(["G0 environment"]);
  });

  test("G0: what the case itself has deleted is not missed", () => {
    const deleted: Unstamped = {
      type: "log-range",
      topic: "in",
      partition: 0,
      start: "1",
      end: "1",
    };
    expect(unmet(guards([...whole.slice(0, -1), deleted]))).toEqual([]);
  });

  test("G1: a member that began nothing is named and has failed", () => {
    const found = guards(whole, { members: ["m0", "m1"] });
    expect(unmet(found)).toEqual(["G1 subject"]);
    expect(found.get("G1")?.detail).toBe("began no record: m1");
    expect(unmet(guards(whole, { members: [] }))).toEqual(["G1 subject"]);
  });

  test("G1: nor is it accused of finding nothing to take over from a member whose kill never acted", () => {
    const faults = ["SIGKILL m0"];
    const fault = (state: "injected" | "observed"): Unstamped => ({
      ...{ type: "fault", fault: "SIGKILL m0" },
      state,
    });
    const [first, ...rest] = whole;
    const kindOf = (...states: ("injected" | "observed")[]): string | undefined =>
      guards([first!, ...states.map(fault), ...rest], { members: ["m0", "m1"], faults }).get("G1")
        ?.kind;
    expect(kindOf("injected")).toBe("environment");
    expect(kindOf("injected", "observed")).toBe("subject");
  });

  test("G2: a commit that the runner wrote itself does not count, an accepted one does", () => {
    const own = whole.map((event) => (event === committed ? { ...committed, own: true } : event));
    expect(unmet(guards(own))).toEqual(["G2 subject"]);
    const answer = (error: number): Unstamped => ({
      type: "commit-answer",
      member: "m0",
      id: "1",
      forwarded: true,
      results: [{ topic: "in", partition: 0, error }],
    });
    const rest = whole.filter((event) => event !== committed);
    expect(unmet(guards([...rest, answer(25)]))).toEqual(["G2 subject"]);
    expect(unmet(guards([...rest, answer(0)]))).toEqual([]);
  });

  test("G3: a fault must have been seen by a witness, not only ordered", () => {
    const between = (events: Unstamped[]): Unstamped[] => [steady, ...events, ...whole.slice(1)];
    const seen = [
      phase("inject"),
      fault("injected"),
      fault("observed"),
      phase("impact"),
      fault("healed"),
      phase("heal"),
    ];
    expect(unmet(guards(between(seen), { faults: ["cut"] }))).toEqual([]);
    const ordered = guards(between(seen.filter((event) => event !== seen[2])), { faults: ["cut"] });
    expect(unmet(ordered)).toEqual(["G3 cut environment"]);
    expect(ordered.get("G3 cut")?.detail).toMatch(/no witness saw its effect/);
    expect(guards(whole, { faults: ["cut"] }).get("G3 cut")?.detail).toBe("never injected");
  });

  test("G6: every phase, in order", () => {
    expect(unmet(guards(whole.filter((event) => event !== quiesce)))).toEqual(["G6 environment"]);
    const disordered = [steady, phase("impact"), phase("inject"), phase("heal"), ...whole.slice(1)];
    const found = guards(disordered, { faults: ["cut"] });
    expect(found.get("G6")).toMatchObject({ met: false, detail: "phase impact is missing" });
  });

  test("frames that could not be read are a blind spot", () => {
    const found = guards(whole, { unread: ["response of API 14 v5: short", "another"] });
    expect(unmet(found)).toEqual(["wire environment"]);
    expect(found.get("wire")?.detail).toMatch(/^2 frames could not be read, first: response/);
  });
});
