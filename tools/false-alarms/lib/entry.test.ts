import { expect, it } from "vitest";
import { markdown, summary } from "./docs.mjs";
import { entryOf } from "./entry.mjs";

const header = {
  type: "header",
  report: 1,
  startedAt: "2026-01-02T03:04:05.000Z",
  seed: 7,
} as const;
const footer = { type: "footer", ms: 61_240 } as const;
const cell = (name: string, outcome: string, more: object = {}): object => ({
  type: "case",
  case: name,
  subject: "kafkajs",
  outcome,
  judgement: { summary: `${outcome} by P1` },
  ...more,
});
const about = { commit: "abc1234", level: "L2", cores: 2, load: [3.04, 5.26] } as const;

/** Only what the log reads of a run. */
const read = (...cases: object[]): ReturnType<typeof entryOf> =>
  entryOf({ header, cases, footer } as unknown as Parameters<typeof entryOf>[0], about);

it("takes down what was neither passed, skipped nor known", () => {
  const entry = read(
    cell("core/a", "pass"),
    cell("core/b", "fail"),
    cell("core/c", "unknown"),
    cell("core/d", "error", { judgement: null, reason: "it hung" }),
    cell("core/e", "skipped", { judgement: null, reason: "no disk" }),
    cell("core/f", "fail", { known: { list: "failing", reason: "#1" } }),
    cell("core/g", "fail", { known: { list: "flaky", reason: "#2" } }),
  );
  expect(entry).toEqual({
    at: "2026-01-02T03:04:05.000Z",
    commit: "abc1234",
    seed: 7,
    level: "L2",
    cores: 2,
    load: [3, 5.3],
    seconds: 61.2,
    ran: 4,
    pass: 1,
    skipped: 1,
    known: 2,
    cells: [
      { cell: "core/b (kafkajs)", outcome: "fail", why: "fail by P1" },
      { cell: "core/c (kafkajs)", outcome: "unknown", why: "unknown by P1" },
      { cell: "core/d (kafkajs)", outcome: "error", why: "it hung" },
    ],
  });
});

it("calls a pass of what is listed as failing an alarm", () => {
  const known = { list: "failing", reason: "#1" };
  const entry = read(cell("core/a", "pass", { known }));
  expect(entry.pass).toBe(0);
  expect(entry.cells).toEqual([
    {
      cell: "core/a (kafkajs)",
      outcome: "fail",
      why: expect.stringMatching(/expected to fail.*#1/),
    },
  ]);
});

it("counts, and shows every judgement", async () => {
  const first = read(cell("core/a", "pass"), cell("core/b", "unknown"));
  const second = read(cell("core/b", "fail"), cell("core/c", "pass"));
  const [alarm] = second.cells;
  const log = [
    first,
    { ...second, cells: [{ ...alarm!, judged: "false alarm: V2 counts from…" }] },
  ];
  expect(summary(log)).toBe(
    "2 runs, 4 cells: 1 false alarm, 1 unknown (25.00 %), 1 not judged yet",
  );
  const page = await markdown(log);
  expect(page).toContain("false alarm: V2 counts from…");
  expect(page).toContain("**not judged yet**");
});
