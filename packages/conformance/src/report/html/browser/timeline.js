/** @import {ChartData} from "../chart-data.ts" */
/** @import {CommitData, GrantData, HandlerData, MemberData, WithheldData} from "../member-track.ts" */
import { MAX_LANES, subLanes } from "./lanes.js";
import { scale } from "./scale.js";
import { timeAxis } from "./staircase.js";
import { escaped, tellCommit, tellGrant, tellHandler, tellWithheld } from "./words.js";

const RIGHT = 8;
const LABEL = 15;
const STRIP = 17;
const COMMITS = 13;
const FRAMES = 11;
const GAP = 14;
const BOTTOM = 20;
/** How near the pointer has to come to what has no width. */
const NEAR = 4;

/**
 * Where each member's rows are; the same at every zoom.
 *
 * @typedef {object} Row
 * @property {MemberData} member
 * @property {import("./lanes.js").SubLanes[]} groups
 * @property {number[]} yOf where each handler's bar begins
 * @property {number} lane height of a bar and what is below it
 * @property {number} crowded
 * @property {number} top of the assignments
 * @property {number} commits
 * @property {number} frames
 * @property {number} handlers
 * @property {number} bottom
 */

/** @typedef {{ rows: Row[], labels: number, top: number, height: number, notes: string[] }} Layout */

/** @param {ChartData} data @returns {Layout} */
export function layout(data) {
  const labels = data.faults.length;
  let top = LABEL * (labels + 1) + 6;
  const first = top;
  const rows = data.members.map((member) => {
    const commits = top + STRIP + 1;
    const frames = commits + COMMITS;
    const handlers = frames + (member.withheld.length > 0 ? FRAMES : 0);
    const lanes = subLanes(member.handlers, handlers);
    const row = { member, ...lanes, top, commits, frames, handlers };
    top = lanes.bottom + GAP;
    return row;
  });
  const notes = rows
    .filter(({ crowded }) => crowded > 0)
    .map(
      ({ member, crowded }) =>
        `${member.name}: more than ${MAX_LANES} handlers of a partition at a time; ${crowded} lie over others on the last lane`,
    );
  return { rows, labels, top: first, height: top - GAP + BOTTOM + 4, notes };
}

/**
 * Members over time: what each owned, its handlers, commits and frames, and what happened to it.
 *
 * @param {ChartData} data
 * @param {Layout} where
 * @param {readonly [number, number]} shown
 * @param {number} width
 * @returns {{ svg: string, x: (t: number) => number, time: (x: number) => number }}
 */
export function timeline(data, where, shown, width) {
  const names = where.rows.flatMap(({ groups }) => groups.map(({ partition }) => partition.length));
  const left =
    Math.max(...data.members.map(({ name }) => name.length * 8), ...names.map((n) => n * 6), 16) +
    10;
  const x = scale(shown[0], shown[1], left, width - RIGHT);
  const time = scale(left, width - RIGHT, shown[0], shown[1]);
  const view = new View(shown, x, left, width - RIGHT);
  const bottom = where.height - BOTTOM;
  const svg = [
    DEFINITIONS,
    ...data.faults.map((fault, i) => faultBand(fault, i, view, bottom)),
    phases(data, view, bottom),
    ...where.rows.map((row) => memberRow(row, view, left)),
    `<path class="axis" d="M${left} ${bottom}H${width - RIGHT}"/>`,
    timeAxis(shown, x, where.height - 5, width),
    `<rect class="found" visibility="hidden" rx="2"/>`,
    `<rect class="selection" y="0" height="${bottom}" visibility="hidden"/>`,
    `<path class="cursor" d="M0 ${LABEL}V${bottom}" visibility="hidden"/>`,
  ].join("");
  return {
    svg: `<svg width="${width}" height="${where.height}" role="img" aria-label="${escaped(summary(data))}">${svg}</svg>`,
    x,
    time,
  };
}

/** The part of the time that is shown, and its place on the screen. */
class View {
  /**
   * @param {readonly [number, number]} shown
   * @param {(t: number) => number} x
   * @param {number} left
   * @param {number} right
   */
  constructor(shown, x, left, right) {
    this.shown = shown;
    this.x = x;
    this.left = left;
    this.right = right;
  }

  /** @param {number} from @param {number} to @returns {boolean} */
  has(from, to) {
    return to >= this.shown[0] && from <= this.shown[1];
  }

  /** @param {number} t @returns {number} */
  at(t) {
    return this.x(Math.min(Math.max(t, this.shown[0]), this.shown[1]));
  }

  /** @param {number} from @param {number} to @param {number} least @returns {[x: number, width: number]} */
  span(from, to, least) {
    const start = this.at(from);
    return [start, Math.max(least, Math.round((this.at(to) - start) * 10) / 10)];
  }
}

/**
 * @param {ChartData["faults"][number]} fault
 * @param {number} i
 * @param {View} view
 * @param {number} bottom
 * @returns {string}
 */
function faultBand({ from, to, seen, name }, i, view, bottom) {
  if (!view.has(from, to)) return "";
  const [start, width] = view.span(from, to, 2);
  const top = LABEL * (i + 1);
  const label = fitted(`⚡ ${name}`, view.right - view.left);
  // The name stands at the start of its band, or ends at the right edge where it would not fit.
  const room = view.right - start - 4;
  const anchor = label.length * CHARACTER > room ? "end" : "start";
  const mark =
    seen !== null && view.has(seen, seen)
      ? `<path class="seen" d="M${view.x(seen)} ${top + LABEL}V${bottom}"/>`
      : "";
  return (
    `<rect class="fault" x="${start}" y="${top}" width="${width}" height="${bottom - top}"/>` +
    `<path class="fault-edge" d="M${start} ${top}V${bottom}"/>${mark}` +
    `<text class="fault-name ${anchor}" x="${anchor === "end" ? view.right - 2 : start + 4}" y="${top + 11}">${escaped(label)}</text>`
  );
}

/** Phase names along the top, left out where they would collide. */
function phases(
  /** @type {ChartData} */ data,
  /** @type {View} */ view,
  /** @type {number} */ bottom,
) {
  let free = 0;
  return data.phases
    .map(({ t, name }, i) => {
      const until = data.phases[i + 1]?.t ?? data.span;
      if (!view.has(t, until)) return "";
      const at = view.at(t);
      const line = view.has(t, t) ? `<path class="phase" d="M${at} 2V${bottom}"/>` : "";
      if (at < free || at + name.length * CHARACTER > view.right + 4) return line;
      free = at + name.length * CHARACTER + 10;
      return `${line}<text class="tick" x="${at + 3}" y="11">${escaped(name)}</text>`;
    })
    .join("");
}

/** @param {Row} row @param {View} view @param {number} left @returns {string} */
function memberRow({ member, groups, yOf, lane, top, commits, frames }, view, left) {
  const parts = [`<text class="member" x="0" y="${top + 13}">${escaped(member.name)}</text>`];
  member.grants.forEach((grant, i) => parts.push(grantBar(grant, i, view, top)));
  for (const { t, what } of member.marks) {
    if (view.has(t, t)) parts.push(lifeMark(what, view.x(t), top));
  }
  parts.push(commitMarks(member.commits, view, commits));
  for (const frame of member.withheld) {
    if (view.has(frame.from, frame.to)) parts.push(withheldBar(frame, view, frames));
  }
  for (const { partition, top: y, height } of groups) {
    parts.push(
      `<path class="sub-lane" d="M${left} ${y + height + 0.5}H${view.right}"/>` +
        `<text class="sub-lane-name" x="${left - 4}" y="${y + height / 2 + 3}">${escaped(partition)}</text>`,
    );
  }
  parts.push(handlerBars(member.handlers, yOf, lane, view));
  return `<g>${parts.join("")}</g>`;
}

/** @param {GrantData} grant @param {number} i @param {View} view @param {number} top @returns {string} */
function grantBar({ from, to, generation, partitions }, i, view, top) {
  if (!view.has(from, to)) return "";
  const [start, width] = view.span(from, to, 1);
  const kind = partitions.length === 0 ? "empty" : i % 2 === 0 ? "even" : "odd";
  const words = [
    `gen ${generation}: ${partitions.join(" ") || "nothing"}`,
    `gen ${generation}: ${partitions.length} partitions`,
    `gen ${generation}`,
    `${generation}`,
  ];
  const text = words.find((candidate) => candidate.length * CHARACTER + 8 <= width);
  return (
    `<rect class="grant ${kind}" x="${start}" y="${top}" width="${width}" height="${STRIP}"/>` +
    (text === undefined
      ? ""
      : `<text class="grant-text" x="${start + 4}" y="${top + 12.5}">${escaped(text)}</text>`)
  );
}

/** @param {string} what @param {number} x @param {number} top @returns {string} */
function lifeMark(what, x, top) {
  const y = top + STRIP / 2;
  switch (what) {
    case "started":
      return `<path class="mark started" d="M${x} ${y - 5}l7 5l-7 5z"/>`;
    case "stopping":
      return `<path class="mark stopping" d="M${x - 4} ${y - 4}h8v8h-8z"/>`;
    case "killed":
    case "exited":
      return `<path class="mark ${what}" d="M${x - 5} ${y - 5}l10 10m0-10l-10 10"/>`;
    default:
      return "";
  }
}

/** @param {readonly CommitData[]} commits @param {View} view @param {number} top @returns {string} */
function commitMarks(commits, view, top) {
  const middle = top + COMMITS / 2;
  /** @type {Record<CommitData["fate"], string>} */
  const paths = { accepted: "", refused: "", lost: "", unanswered: "" };
  for (const { t, fate } of commits) {
    if (!view.has(t, t)) continue;
    const x = view.x(t);
    paths[fate] += {
      accepted: `M${x} ${top + 1}v${COMMITS - 3}`,
      refused: `M${x - 3} ${middle - 3}h6v6h-6z`,
      lost: `M${x - 4} ${middle - 4}l8 8m0-8l-8 8`,
      unanswered: `M${x - 4} ${middle}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`,
    }[fate];
  }
  return Object.entries(paths)
    .map(([fate, d]) => (d === "" ? "" : `<path class="commit ${fate}" d="${d}"/>`))
    .join("");
}

/** @param {WithheldData} frame @param {View} view @param {number} top @returns {string} */
function withheldBar({ from, to, fate }, view, top) {
  const [start, width] = view.span(from, to, 3);
  const cross = view.has(to, to) && fate === "lost" ? crossAt(start + width, top + 4.5) : "";
  return `<rect class="withheld ${fate}" x="${start}" y="${top + 1}" width="${width}" height="7"/>${cross}`;
}

/** @param {number} x @param {number} y @returns {string} */
function crossAt(x, y) {
  return `<path class="withheld-end" d="M${x - 3.5} ${y - 3.5}l7 7m0-7l-7 7"/>`;
}

/**
 * One path for each way in which a handler can end: thousands of elements would be slow.
 *
 * @param {readonly HandlerData[]} handlers
 * @param {readonly number[]} yOf
 * @param {number} lane
 * @param {View} view
 * @returns {string}
 */
function handlerBars(handlers, yOf, lane, view) {
  /** @type {Map<string, string[]>} */
  const paths = new Map();
  handlers.forEach(({ from, to, result }, i) => {
    if (!view.has(from, to)) return;
    const [start, width] = view.span(from, to, 1);
    const kind = KINDS[result ?? "held"] ?? "failed";
    const list = paths.get(kind) ?? [];
    list.push(`M${start} ${yOf[i]}h${width}v${lane - 1}h-${width}z`);
    paths.set(kind, list);
  });
  return [...paths]
    .map(([kind, d]) => `<path class="handler ${kind}" d="${d.join("")}"/>`)
    .join("");
}

/** @type {Readonly<Record<string, string>>} */
const KINDS = {
  ok: "ok",
  skip: "ok",
  retry: "again",
  throw: "again",
  poison: "failed",
  "dead-letter": "failed",
  held: "held",
};

/**
 * What lies under the pointer, in words; the handler too, for a link to it.
 *
 * @param {ChartData} data
 * @param {Layout} where
 * @param {number} t
 * @param {number} y
 * @param {number} msPerPixel
 * @returns {{ words: string[], handler: HandlerData | null }}
 */
export function under(data, where, t, y, msPerPixel) {
  const slack = NEAR * msPerPixel;
  const near = (/** @type {number} */ from, /** @type {number} */ to) =>
    t >= from - slack && t <= to + slack;
  const words = data.faults
    .filter(({ from, to }, i) => near(from, to) && y >= LABEL * (i + 1) && y < where.top)
    .map(({ name, detail }) => (detail === "" ? name : `${name}: ${detail}`));
  const row = where.rows.find(({ top, bottom }) => y >= top - 4 && y <= bottom);
  if (row === undefined) return { words, handler: null };
  const { member } = row;
  if (y < row.commits) {
    const marks = member.marks.filter((mark) => near(mark.t, mark.t));
    words.push(...marks.map(({ what }) => `${member.name} ${what}`));
    const grant = member.grants.findLast(({ from, to }) => t >= from && t <= to);
    if (grant) words.push(`${member.name}: ${tellGrant(grant)}`);
  } else if (y < row.frames) {
    words.push(...member.commits.filter((commit) => near(commit.t, commit.t)).map(tellCommit));
  } else if (y < row.handlers) {
    words.push(...member.withheld.filter(({ from, to }) => near(from, to)).map(tellWithheld));
  } else {
    const here = member.handlers.filter(({ from, to }, i) => {
      const top = row.yOf[i] ?? Infinity;
      return y >= top && y < top + row.lane && near(from, to);
    });
    // Of several that are too short to be told apart, the nearest.
    const distance = (/** @type {HandlerData} */ { from, to }) => Math.max(from - t, t - to, 0);
    const handler = here.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
    if (handler !== null) words.push(tellHandler(handler));
    if (here.length > 1) words.push(`and ${here.length - 1} more here: zoom in`);
    return { words, handler };
  }
  return { words: words.slice(0, 4), handler: null };
}

/**
 * Where a handler is drawn: to show what a link points to.
 *
 * @param {Layout} where
 * @param {string} handle
 * @returns {{ handler: HandlerData, y: number, height: number } | null}
 */
export function findHandler(where, handle) {
  for (const row of where.rows) {
    const i = row.member.handlers.findIndex((handler) => handler.handle === handle);
    const handler = row.member.handlers[i];
    if (handler === undefined) continue;
    return { handler, y: row.yOf[i] ?? row.handlers, height: row.lane - 1 };
  }
  return null;
}

/** @param {ChartData} data @returns {string} */
function summary({ members, faults }) {
  const each = members.map(
    ({ name, grants, ran, commits, withheld }) =>
      `${name}: ${grants.length} assignments, ${ran} handlers, ${commits.length} commits` +
      (withheld.length > 0 ? `, ${withheld.length} frames withheld` : ""),
  );
  const seen = faults.length > 0 ? `; faults: ${faults.map(({ name }) => name).join(", ")}` : "";
  return `${each.join("; ")}${seen}`;
}

/** @param {string} text @param {number} room @returns {string} */
function fitted(text, room) {
  const most = Math.floor(room / CHARACTER);
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}

/** Width of a character of the charts' text, rather too much than too little. */
const CHARACTER = 6.3;

const DEFINITIONS =
  `<defs>` +
  `<pattern id="again" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="again-back" width="5" height="5"/><rect class="again-line" width="2.4" height="5"/></pattern>` +
  `<pattern id="late" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="late-line" width="1.6" height="4"/></pattern>` +
  `</defs>`;
