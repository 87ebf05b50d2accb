/** @import {ChartData} from "../chart-data.ts" */
import { readout, staircase } from "./staircase.js";
import { findHandler, layout, timeline, under } from "./timeline.js";
import { escaped, seconds, tellHandler } from "./words.js";

const COLUMN = 360;
const NARROWEST_MS = 5;

/**
 * The charts of one case in an element: one time axis for all, a cursor that tells what was, and
 * zoom by buttons, keys or a drag along the timeline.
 */
export class Charts {
  /** @type {readonly [number, number]} */
  #shown;
  /** @type {number | null} */
  #cursor = null;
  /** @type {string | null} */
  #found = null;
  #width = 0;
  /** @type {{ x: (t: number) => number, svg: SVGElement }[]} */
  #drawn = [];
  /** @type {(x: number) => number} */
  #time = (x) => x;

  /**
   * @param {HTMLElement} root
   * @param {ChartData} data
   * @param {(handle: string) => string} linkTo address of a handler on this page
   */
  constructor(root, data, linkTo) {
    this.data = data;
    this.linkTo = linkTo;
    this.layout = layout(data);
    this.#shown = [0, data.span];
    root.innerHTML = frame(data);
    this.lanes = element(root, ".lanes");
    this.stairs = element(root, ".stairs");
    this.told = element(root, ".told");
    this.tip = element(root, ".tip");
    this.figure = element(root, ".timeline");
    const notes = [...data.omitted, ...this.layout.notes];
    element(root, ".notes").textContent = notes.join(". ");
    for (const button of root.querySelectorAll("button[data-do]")) {
      button.addEventListener("click", () => this.#act(button.getAttribute("data-do") ?? ""));
    }
    this.figure.addEventListener("keydown", (event) => this.#key(event));
    this.#watchPointer();
    new ResizeObserver(() => {
      if (root.clientWidth > 0 && root.clientWidth !== this.#width) this.draw();
    }).observe(root);
    this.root = root;
    this.draw();
  }

  draw() {
    const width = this.root.clientWidth;
    if (width === 0) return;
    this.#width = width;
    this.#drawn = [];
    const lanes = timeline(this.data, this.layout, this.#shown, width);
    this.lanes.innerHTML = lanes.svg;
    this.#drawn.push({ x: lanes.x, svg: element(this.lanes, "svg") });
    this.#time = lanes.time;
    const columns = Math.max(1, Math.floor(width / COLUMN));
    const each = Math.floor((width - (columns - 1) * 16) / columns);
    this.stairs.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    this.data.partitions.forEach((partition, i) => {
      const place = this.stairs.children[i]?.querySelector(".plot");
      if (!place) return;
      const drawn = staircase(this.data, partition, this.#shown, each);
      place.innerHTML = drawn.svg;
      this.#drawn.push({ x: drawn.x, svg: element(place, "svg") });
    });
    this.#place();
  }

  /** Moves the cursor there, into view if need be. @param {number} t */
  pointTo(t) {
    this.#found = null;
    this.#cursor = Math.min(Math.max(t, 0), this.data.span);
    if (t < this.#shown[0] || t > this.#shown[1]) this.#show([0, this.data.span]);
    else this.#place();
  }

  /** Shows one handler, near enough to be seen. @param {string} handle @returns {boolean} */
  showHandler(handle) {
    const found = findHandler(this.layout, handle);
    if (found === null) return false;
    const { from, to } = found.handler;
    const around = Math.max((to - from) * 2, this.data.span / 20);
    this.#cursor = from;
    this.#found = handle;
    this.#show([from - around, to + around]);
    return true;
  }

  /** @param {string} what */
  #act(what) {
    const [from, to] = this.#shown;
    const middle = this.#cursor ?? (from + to) / 2;
    const half = (to - from) / 2;
    switch (what) {
      case "in":
        return this.#show([middle - half / 2, middle + half / 2]);
      case "out":
        return this.#show([middle - half * 2, middle + half * 2]);
      case "all":
        return this.#show([0, this.data.span]);
      case "earlier":
        return this.#show([from - half, to - half]);
      case "later":
        return this.#show([from + half, to + half]);
      default:
    }
  }

  /** @param {readonly [number, number]} range */
  #show([from, to]) {
    const span = Math.min(Math.max(to - from, NARROWEST_MS), this.data.span);
    const start = Math.min(Math.max(from, 0), this.data.span - span);
    this.#shown = [start, start + span];
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = this.#shown;
    const step = ((to - from) / 100) * (event.shiftKey ? 10 : 1);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.#move(-step),
      ArrowRight: () => this.#move(step),
      "+": () => this.#act("in"),
      "=": () => this.#act("in"),
      "-": () => this.#act("out"),
      0: () => this.#act("all"),
    };
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  /** @param {number} by */
  #move(by) {
    const [from, to] = this.#shown;
    this.#cursor = Math.min(Math.max((this.#cursor ?? from) + by, 0), this.data.span);
    const half = (to - from) / 2;
    if (this.#cursor < from) this.#show([from - half, to - half]);
    else if (this.#cursor > to) this.#show([from + half, to + half]);
    else this.#place();
  }

  #watchPointer() {
    /** @type {number | null} */
    let pressed = null;
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.lanes.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    this.lanes.addEventListener("pointermove", (event) => {
      const { x, y } = at(event);
      const t = this.#time(x);
      if (pressed !== null) this.#select(pressed, x);
      if (t < this.#shown[0] || t > this.#shown[1]) return;
      this.#cursor = t;
      this.#place();
      this.#tell(x, y, t);
    });
    this.lanes.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.lanes.addEventListener("pointerdown", (event) => {
      // A finger scrolls the page; zooming has buttons.
      if (event.pointerType === "touch" || event.button !== 0) return;
      pressed = at(event).x;
      this.lanes.setPointerCapture(event.pointerId);
    });
    this.lanes.addEventListener("pointerup", (event) => {
      const { x, y } = at(event);
      const from = pressed;
      pressed = null;
      if (from !== null && Math.abs(x - from) > 6) {
        this.#show([this.#time(Math.min(from, x)), this.#time(Math.max(from, x))]);
        return;
      }
      const { handler } = this.#under(y, this.#time(x));
      if (handler === null) return;
      this.#found = handler.handle;
      history.replaceState(null, "", this.linkTo(handler.handle));
      this.#place();
    });
    this.stairs.addEventListener("pointermove", (event) => {
      const plot = /** @type {Element} */ (event.target).closest(".plot");
      const i = [...this.stairs.querySelectorAll(".plot")].indexOf(/** @type {Element} */ (plot));
      const partition = this.data.partitions[i];
      if (plot === null || partition === undefined) return;
      const width = plot.clientWidth;
      const { time } = staircase(this.data, partition, this.#shown, width);
      const t = time(event.clientX - plot.getBoundingClientRect().left);
      if (t < this.#shown[0] || t > this.#shown[1]) return;
      this.#cursor = t;
      this.#place();
    });
  }

  /** @param {number} y @param {number} t */
  #under(y, t) {
    const msPerPixel = (this.#shown[1] - this.#shown[0]) / this.#width;
    return under(this.data, this.layout, t, y, msPerPixel);
  }

  /** @param {number} x @param {number} y @param {number} t */
  #tell(x, y, t) {
    const { words } = this.#under(y, t);
    this.tip.hidden = words.length === 0;
    if (words.length === 0) return;
    this.tip.innerHTML = words.map((line) => `<div>${escaped(line)}</div>`).join("");
    const room = this.#width - this.tip.offsetWidth - 4;
    this.tip.style.left = `${Math.max(0, Math.min(x + 12, room))}px`;
    this.tip.style.top = `${y + 18}px`;
  }

  /** @param {number} from @param {number} to */
  #select(from, to) {
    const rect = element(this.lanes, ".selection");
    rect.setAttribute("x", String(Math.min(from, to)));
    rect.setAttribute("width", String(Math.abs(to - from)));
    rect.setAttribute("visibility", "visible");
  }

  /** Cursor, found handler and what they say; nothing is drawn again. */
  #place() {
    const t = this.#cursor;
    for (const { x, svg } of this.#drawn) {
      const line = element(svg, ".cursor");
      const visible = t !== null && t >= this.#shown[0] && t <= this.#shown[1];
      line.setAttribute("visibility", visible ? "visible" : "hidden");
      if (visible) line.setAttribute("transform", `translate(${x(t)} 0)`);
    }
    const found = this.#found === null ? null : findHandler(this.layout, this.#found);
    const mark = element(this.lanes, ".found");
    mark.setAttribute("visibility", found === null ? "hidden" : "visible");
    if (found !== null && this.#drawn[0]) {
      const { x } = this.#drawn[0];
      const from = x(Math.max(found.handler.from, this.#shown[0]));
      const to = x(Math.min(found.handler.to, this.#shown[1]));
      mark.setAttribute("x", String(from - 3));
      mark.setAttribute("y", String(found.y - 3));
      mark.setAttribute("width", String(Math.max(1, to - from) + 6));
      mark.setAttribute("height", String(found.height + 6));
    }
    this.told.textContent = t === null ? HINT : this.#sentence(t, found?.handler ?? null);
    this.data.partitions.forEach((partition, i) => {
      const place = this.stairs.children[i]?.querySelector(".values");
      if (place) place.textContent = readout(partition, t);
    });
  }

  /** @param {number} t @param {import("../member-track.ts").HandlerData | null} found */
  #sentence(t, found) {
    const { faults, members } = this.data;
    const going = faults.filter(({ from, to }) => t >= from && t <= to).map(({ name }) => name);
    const each = members.map(({ name, grants, handlers }) => {
      const grant = grants.findLast(({ from, to }) => t >= from && t < to);
      const running = handlers.filter(({ from, to }) => t >= from && t < to);
      const some = running
        .slice(0, 3)
        .map(({ record }) => record)
        .join(", ");
      const owns =
        grant === undefined
          ? "owns nothing"
          : `generation ${grant.generation} (${grant.partitions.length} partitions)`;
      const runs =
        running.length === 0
          ? "runs nothing"
          : `runs ${running.length}: ${some}${running.length > 3 ? " …" : ""}`;
      return `${name}: ${owns}, ${runs}`;
    });
    return [
      `At ${seconds(t)}${going.length > 0 ? `, during ${going.join(" and ")}` : ""}`,
      ...each,
      ...(found === null ? [] : [tellHandler(found)]),
    ].join(" · ");
  }
}

const HINT =
  "Point at the timeline, or focus it and use the arrow keys, to read what was at a time; drag along it to zoom.";

/** @param {ChartData} data @returns {string} */
function frame(data) {
  const stairs = data.partitions.map(
    ({ name }) =>
      `<figure class="stair"><figcaption><strong>${escaped(name)}</strong> <span class="values"></span></figcaption><div class="plot"></div></figure>`,
  );
  const button = (
    /** @type {string} */ action,
    /** @type {string} */ sign,
    /** @type {string} */ name,
  ) =>
    `<button type="button" data-do="${action}" aria-label="${name}" title="${name}">${sign}</button>`;
  return `<div class="tools" role="group" aria-label="Part of the time that is shown">
      ${button("in", "+", "Zoom in")}${button("out", "−", "Zoom out")}${button("earlier", "←", "Earlier")}${button("later", "→", "Later")}${button("all", "All", "Show all of the time")}
    </div>
    <h4>Members over time</h4>
    <div class="timeline" tabindex="0" role="group" aria-label="Members over time; the arrow keys move the cursor, + and - zoom, 0 shows all">
      <div class="lanes"></div><div class="tip" hidden></div>
    </div>
    <p class="told" role="status"></p>
    <p class="notes"></p>
    ${stairs.length > 0 ? `<h4>Offsets over time</h4>` : ""}
    <div class="stairs">${stairs.join("")}</div>`;
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} within
 * @param {string} selector
 * @returns {T}
 */
function element(within, selector) {
  return /** @type {T} */ (within.querySelector(selector));
}
