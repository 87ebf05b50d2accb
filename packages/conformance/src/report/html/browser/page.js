/** @import {ChartData} from "../chart-data.ts" */
import { Charts } from "./charts.js";

/*
 * Everything is in the page from the start; this shows one view at a time, led by the address:
 * `#adapters`, `#case/kafkajs/core/hold-head`, and within a case `…:e17` (an event of its prose, by its line in the history) or
 * `…:h/m0-17` (a handler in its timeline). Without it the page is all views one below the other.
 */

/** @type {Map<Element, Charts | null>} */
const mounted = new Map();
/** Where the reader came from, to go back to. */
let lastCell = "";

/** @param {boolean} first the page has just been opened */
async function route(first) {
  const address = decodeURIComponent(location.hash.slice(1));
  const [place, detail] = split(address);
  const target = document.getElementById(address) ?? document.getElementById(place);
  const view = target?.closest(".view") ?? document.querySelector(".view");
  if (!(view instanceof HTMLElement)) return;
  const same = view.hasAttribute("data-current");
  const left = document.querySelector(".view[data-current]");
  for (const other of document.querySelectorAll(".view")) {
    other.toggleAttribute("data-current", other === view);
  }
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.getAttribute("href") === `#${view.dataset["tab"] ?? view.id}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const heading = view.querySelector("h2");
  document.title = `${heading?.textContent?.trim() ?? ""} · Sluice conformance`;
  if (left?.classList.contains("case")) lastCell = left.id;
  if (!same) arrive(view, heading, first);
  const charts = await mount(view);
  if (detail.startsWith("h/")) charts?.showHandler(detail.slice(2));
  else if (target instanceof HTMLElement && target.dataset["t"] !== undefined) {
    const { t, h } = target.dataset;
    if (h === undefined || charts?.showHandler(h) !== true) charts?.pointTo(Number(t));
  }
  if (detail !== "") {
    const figure = view.querySelector(".timeline");
    if (target === null || target === view) figure?.scrollIntoView({ block: "center" });
    else if (!same) target.scrollIntoView({ block: "center" });
    else figure?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {HTMLElement} view
 * @param {HTMLElement | null} heading
 * @param {boolean} first
 */
function arrive(view, heading, first) {
  if (first && location.hash === "") return;
  const cell =
    !view.classList.contains("case") && lastCell !== ""
      ? view.querySelector(`td a[href="#${lastCell}"]`)
      : null;
  if (cell instanceof HTMLElement) {
    cell.focus();
    cell.scrollIntoView({ block: "center" });
    return;
  }
  scrollTo(0, 0);
  heading?.focus({ preventScroll: true });
}

/** @param {string} address @returns {[place: string, detail: string]} */
function split(address) {
  const colon = address.indexOf(":");
  return colon === -1 ? [address, ""] : [address.slice(0, colon), address.slice(colon + 1)];
}

/** Unpacks and draws the charts of a case when it is first shown. @param {HTMLElement} view */
async function mount(view) {
  const place = view.querySelector(".charts");
  if (!(place instanceof HTMLElement)) return null;
  const known = mounted.get(place);
  if (known !== undefined) {
    known?.draw();
    return known;
  }
  const packed = place.querySelector("script")?.textContent ?? "";
  try {
    const data = /** @type {ChartData} */ (JSON.parse(await unpacked(packed)));
    const charts = new Charts(
      place,
      data,
      (handle) => `#${view.id}:h/${encodeURIComponent(handle)}`,
    );
    mounted.set(place, charts);
    return charts;
  } catch (error) {
    place.textContent = `The charts could not be drawn: ${String(error)}`;
    mounted.set(place, null);
    return null;
  }
}

/** @param {string} base64 of gzip @returns {Promise<string>} */
async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

/** @param {HTMLElement} button */
async function copy(button) {
  const source = document.getElementById(button.dataset["copy"] ?? "");
  if (source === null) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
  } catch {
    // Some browsers have no clipboard for a file: what is selected can still be copied.
    getSelection()?.selectAllChildren(source);
    document.execCommand("copy");
  }
  const said = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = said), 2000);
}

/** Arrow keys go from cell to cell of a matrix. @param {KeyboardEvent} event @param {Element} cell */
function step(event, cell) {
  const steps = /** @type {Record<string, [down: number, right: number]>} */ ({
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  });
  const by = steps[event.key];
  const table = cell.closest("table");
  const from = cell.closest("td");
  if (by === undefined || table === null || from === null) return;
  const rows = [...table.querySelectorAll("tbody tr")];
  let row = rows.indexOf(/** @type {Element} */ (from.parentElement));
  let column = from.cellIndex;
  for (;;) {
    row += by[0];
    column += by[1];
    const place = rows[row];
    if (!(place instanceof HTMLTableRowElement) || column < 0) return;
    if (by[1] !== 0 && place.cells[column] === undefined) return;
    const link = place.cells[column]?.querySelector("a");
    if (!link) continue;
    event.preventDefault();
    link.focus();
    return;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (button instanceof HTMLElement) void copy(button);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  const cell = event.target.closest("table.matrix td a");
  if (cell !== null) step(event, cell);
  const open = document.querySelector(".case[data-current]");
  if (event.key === "Escape" && open instanceof HTMLElement) {
    location.hash = open.dataset["tab"] ?? "";
  }
});
addEventListener("hashchange", () => void route(false));
void route(true);
