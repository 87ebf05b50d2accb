import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryEvent } from "@sluice/checker";
import { check } from "@sluice/checker";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { writeReport } from "../src/report/write-report.ts";
import type { CaseResult } from "../src/report/run-report.ts";
import { accessibilityProblems, open, startBrowser } from "./browser.ts";
import type { Watched } from "./browser.ts";
import { orderHistory, result, sampleCases, sampleHistory, sampleRun } from "./sample-run.ts";

const FAILED = "#case/rdkafka/core/hold-head";
const REORDERED = "#case/kafkajs/core/hot-key";
const VIEWS = [FAILED, REORDERED, "#matrix", "#adapters", "#mutants", "#run"];

const browser = await startBrowser();

describe.skipIf(browser === null)("the report in a browser", () => {
  const chromium = browser as Browser;
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-page-"));
    const record = (name: string, history: readonly HistoryEvent[]): void => {
      mkdirSync(join(folder, name), { recursive: true });
      const lines = history.map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(join(folder, name, "history.jsonl"), lines.join(""));
    };
    record("cases/rdkafka/core-hold-head", sampleHistory(true));
    record("cases/kafkajs/core-hold-head", sampleHistory(false));
    record("cases/kafkajs/core-hot-key", OVERLAP);
    [file = ""] = writeReport(folder, sampleRun(withEverything()));
  });
  afterEach(async () => {
    for (const context of chromium.contexts()) await context.close();
  });
  afterAll(async () => {
    await chromium.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens it, and waits for the charts where there are some. */
  async function look(options: Parameters<typeof open>[2] = {}): Promise<Watched> {
    const watched = await open(chromium, file, options);
    if (options.hash?.startsWith("#case/") === true) await drawn(watched.page);
    return watched;
  }

  test("opens from a file without a request, an error or a warning", async () => {
    for (const hash of ["", FAILED]) {
      const { page, trouble } = await look({ hash });
      for (const next of VIEWS) {
        expect(await page.locator(".view:visible").count()).toBe(1);
        await go(page, next);
      }
      expect(trouble, hash).toEqual([]);
    }
  });

  test("leads from the matrix to a case and back by keyboard alone", async () => {
    const { page } = await look();
    await page.locator("#matrix").waitFor();
    // The first stop leads past the navigation.
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the results");
    const cell = page.locator('#matrix td a[href="#case/kafkajs/core/hold-head"]');
    await cell.focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate("document.activeElement.hash")).toBe(FAILED);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.locator(`[id="${FAILED.slice(1)}"]`).waitFor();
    expect(await focused(page)).toBe("core/hold-head rdkafka");
    await page.keyboard.press("Escape");
    await page.locator("#matrix").waitFor();
    expect(await page.evaluate("document.activeElement.hash")).toBe(FAILED);
  });

  test("goes back as browsers do", async () => {
    const { page } = await look();
    await page.locator('#matrix td a[href="#case/kafkajs/core/hold-head"]').click();
    await page.locator('[id="case/kafkajs/core/hold-head"]').waitFor();
    await page.goBack();
    await page.locator("#matrix").waitFor();
  });

  test.each([390, 768, 1440])("fits a screen of %d pixels", async (width) => {
    const { page } = await look({ hash: FAILED, width });
    for (const hash of VIEWS) {
      await go(page, hash);
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide, hash).toBeLessThanOrEqual(width);
    }
  });

  test.each(["light", "dark"] as const)(
    "is accessible, %s",
    async (colorScheme) => {
      const { page } = await look({ hash: FAILED, colorScheme });
      for (const hash of VIEWS) {
        await go(page, hash);
        expect(await accessibilityProblems(page), hash).toEqual([]);
      }
    },
    120_000,
  );

  test("is printed dark on light, whatever the screen is", async () => {
    const { page } = await look({ hash: FAILED, colorScheme: "dark" });
    const shade = async (): Promise<string> =>
      await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await shade()).toBe("rgb(21, 24, 27)");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await shade()).toBe("rgb(255, 255, 255)");
  });

  test("lays a member's handlers out by partition, each named", async () => {
    const { page } = await look({ hash: FAILED });
    const names = page.locator(".case[data-current] .lanes .sub-lane-name");
    expect(new Set(await names.allTextContents())).toEqual(new Set(["in/0", "in/1"]));
  });

  test("draws a case when it is looked at, not before", async () => {
    const { page } = await look();
    expect(await page.locator(".charts svg").count()).toBe(0);
    await page.locator(`#matrix td a[href="${FAILED}"]`).click();
    await drawn(page);
    expect(await page.locator(".stair svg").count()).toBe(2);
    expect(await page.locator(".stair .violation").count()).toBe(1);
  });

  test("shows an event of the evidence in the timeline, by a link that can be shared", async () => {
    const { page } = await look({ hash: FAILED });
    const link = page.locator(".case[data-current] .evidence a").first();
    await link.click();
    await page.locator(".case[data-current] .found[visibility=visible]").waitFor();
    expect(await page.locator(".case[data-current] .told").textContent()).toMatch(
      /m0-0: in\/0@0, attempt 1, begun at .*, ok after/,
    );
    const { page: other } = await look({ hash: new URL(page.url()).hash });
    await other.locator(".case[data-current] .found[visibility=visible]").waitFor();
  });

  test("tells by keyboard what was at a time, and zooms", async () => {
    const { page } = await look({ hash: FAILED });
    const timeline = page.locator(".case[data-current] .timeline");
    const told = page.locator(".case[data-current] .told");
    await timeline.focus();
    // A hundred steps are the whole time.
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("Shift+ArrowRight");
    expect(await told.textContent()).toMatch(/^At \d\.\d\d s .*m0: generation 1 \(1 partitions\)/);
    const ticks = async (): Promise<string[]> =>
      await timeline.locator("text.tick", { hasText: / s$/ }).allTextContents();
    const all = await ticks();
    await page.keyboard.press("+");
    const near = await ticks();
    expect(near).not.toEqual(all);
    await page.keyboard.press("0");
    expect(await ticks()).toEqual(all);
  });

  test("tells at the pointer what lies under it, and zooms along a drag", async () => {
    const { page } = await look({ hash: FAILED });
    const lanes = page.locator(".case[data-current] .lanes");
    await lanes.scrollIntoViewIfNeeded();
    const box = (await lanes.boundingBox())!;
    const bar = (await lanes.locator(".grant").first().boundingBox())!;
    await page.mouse.move(bar.x + bar.width / 2, bar.y + bar.height / 2);
    expect(await page.locator(".case[data-current] .tip").textContent()).toMatch(
      /m0: generation 1 from .*: in\/0/,
    );
    const before = await lanes.locator(".axis").count();
    expect(before).toBe(1);
    const first = await lanes.locator("text.tick", { hasText: / s$/ }).first().textContent();
    await page.mouse.move(box.x + box.width * 0.4, bar.y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, bar.y, { steps: 3 });
    await page.mouse.up();
    expect(await lanes.locator("text.tick", { hasText: / s$/ }).first().textContent()).not.toBe(
      first,
    );
  });

  test("shows by the strip of a key which record did not wait, and leads to its handler", async () => {
    const { page } = await look({ hash: REORDERED, width: 390 });
    const strip = page.locator(".case[data-current] .key-strip");
    const bars = strip.locator(".strip-bar");
    const [first, second] = [
      (await bars.nth(0).boundingBox())!,
      (await bars.nth(1).boundingBox())!,
    ];
    expect(second.y).toBeGreaterThan(first.y + first.height);
    expect(second.x).toBeGreaterThan(first.x + 10);
    expect(second.x).toBeLessThan(first.x + first.width - 10);
    expect(await strip.locator(".wrong").count()).toBe(1);
    await strip.locator(".wrong").click();
    await page.locator(".case[data-current] .found[visibility=visible]").waitFor();
    expect(await page.locator(".case[data-current] .told").textContent()).toContain("in/0@1");
  });

  test("copies the command that repeats a case", async () => {
    const { page } = await look({ hash: FAILED });
    const button = page.locator(".case[data-current] .copy");
    await button.click();
    await page.locator(".case[data-current] .copy", { hasText: "Copied" }).waitFor();
  });

  test("without scripts is all there, but for the charts", async () => {
    const context = await chromium.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`file://${file}`);
    expect(await page.locator(".view:visible").count()).toBeGreaterThan(8);
    expect(await page.locator(".no-script:visible").count()).toBe(3);
    expect(await page.locator(".strip-bar:visible").count()).toBe(2);
    expect(
      await page.locator(`[id="${FAILED.slice(1)}"] .evidence li:visible`).count(),
    ).toBeGreaterThan(2);
  });
});

/** Record 1 begins while record 0 runs. */
const OVERLAP = orderHistory(2, [{ begin: 0 }, { begin: 1 }, { finish: 1 }, { finish: 0 }]);

/** Outcomes of every kind, known and mutant ones too. */
function withEverything(): CaseResult[] {
  const [passed, failed, ...others] = sampleCases();
  const history = "cases/kafkajs/core-hold-head/history.jsonl";
  const { judgement: broken } = failed!;
  return [
    { ...passed!, artefacts: [{ kind: "history", path: history }] },
    failed!,
    ...others,
    result("group/leave-drain", "rdkafka", "fail", {
      judgement: check(sampleHistory(true)),
      known: { list: "failing", reason: "the client commits what it does not own: issue 17" },
    }),
    result("core/hot-key", "kafkajs", "fail", {
      judgement: check(OVERLAP),
      artefacts: [{ kind: "history", path: "cases/kafkajs/core-hot-key/history.jsonl" }],
    }),
    result("core/hold-head", "mutant/commits-highest", "fail", {
      judgement: broken,
      expectation: { outcome: "fail", invariants: ["P1", "P1s"], met: true },
    }),
    result("core/hold-head", "mutant/off-by-one", "pass", {
      expectation: { outcome: "fail", invariants: ["P2"], met: false, detail: "not caught by P2" },
    }),
  ];
}

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = "${hash}"`);
  await page.locator(`[id="${hash.slice(1)}"]:visible`).waitFor();
}

async function drawn(page: Page): Promise<void> {
  await page.locator(".case[data-current] .timeline svg").waitFor();
}

async function focused(page: Page): Promise<unknown> {
  return await page.evaluate("document.activeElement.textContent.trim()");
}
