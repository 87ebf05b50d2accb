import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { ensureChromium } from "../../../tools/chromium/ensure.mjs";

const REQUIRED = process.env["SLUICE_REQUIRE_CHROMIUM"] === "1";

/** Starts a headless Chromium; null, with the reason told, where there is none and none is demanded. */
export async function startBrowser(): Promise<Browser | null> {
  const { path, reason } = ensureChromium({ log: (line) => process.stderr.write(`${line}\n`) });
  if (path === null) {
    if (REQUIRED) throw new Error(`SLUICE_REQUIRE_CHROMIUM is set, but ${reason}`);
    process.stderr.write(`NOT TESTED: the report in a browser: ${reason}\n`);
    return null;
  }
  // Root may not use Chromium's sandbox, and a container often cannot; nothing foreign is opened.
  return await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
}

/** A page, and everything that went wrong on it. */
export interface Watched {
  readonly page: Page;
  /** Errors on the console, exceptions, and requests to anywhere but the file itself. */
  readonly trouble: readonly string[];
}

/** @param file opened as `file://`, as a reader would */
export async function open(
  browser: Browser,
  file: string,
  options: {
    readonly hash?: string;
    readonly width?: number;
    readonly colorScheme?: "light" | "dark";
  } = {},
): Promise<Watched> {
  const { hash = "", width = 1440, colorScheme = "light" } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const trouble: string[] = [];
  const address = pathToFileURL(file).href;
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) trouble.push(`request to ${request.url()}`);
  });
  await page.goto(address + hash);
  return { page, trouble };
}

/** Serious findings of axe-core, as `rule: elements`. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  // By the debugger, not by the page: its own content policy would rightly refuse the script.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
  });
  await session.send("Runtime.evaluate", { contextId, expression: `${axe.source};0` });
  const { result } = await session.send("Runtime.evaluate", {
    contextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.map(({ target, failureSummary }) => target.join(" ") + " (" + failureSummary + ")").slice(0, 5).join("; ")))`,
  });
  if (!Array.isArray(result.value)) throw new Error(`axe-core did not run: ${result.description}`);
  return result.value as readonly string[];
}
