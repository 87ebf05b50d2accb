import pc from "picocolors";
import type { CaseAt, Progress } from "./progress.ts";
import type { CaseResult } from "./run-report.ts";
import { caseLine } from "./terminal.ts";
import { duration } from "./words.ts";

/** The part of a terminal that progress needs; `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Progress for this stream: on a terminal one line that is rewritten in place, elsewhere a line for
 * each finished case and a sign of life in between when nothing has finished for a while.
 */
export function createProgress(
  stream: ProgressStream,
  options: { readonly color: boolean; readonly now?: () => number },
): Progress {
  const now = options.now ?? (() => performance.now());
  return stream.isTTY === true
    ? new TtyProgress(stream, pc.createColors(options.color), now)
    : new PlainProgress(stream, pc.createColors(options.color), now);
}

type Colors = ReturnType<typeof pc.createColors>;

class TtyProgress implements Progress {
  readonly #stream: ProgressStream;
  readonly #colors: Colors;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #running: { readonly at: CaseAt; readonly since: number; text: string } | null = null;

  constructor(stream: ProgressStream, colors: Colors, now: () => number) {
    this.#stream = stream;
    this.#colors = colors;
    this.#now = now;
  }

  note(text: string): void {
    this.#stay(text);
  }

  caseStarted(at: CaseAt): void {
    this.#running = { at, since: this.#now(), text: "" };
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
    this.#draw();
  }

  step(_at: CaseAt, text: string): void {
    if (!this.#running) return;
    this.#running.text = text;
    this.#draw();
  }

  caseFinished(_at: CaseAt, result: CaseResult): void {
    this.#running = null;
    this.#stay(caseLine(result, this.#colors));
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    if (this.#running) this.#stream.write(CLEAR_LINE);
    this.#running = null;
  }

  #stay(text: string): void {
    this.#stream.write(`${CLEAR_LINE}${text}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#running) return;
    const { at, since, text } = this.#running;
    const line = `[${at.index}/${at.of}] ${at.case} · ${at.subject} · ${duration(this.#now() - since)}${text && ` · ${text}`}`;
    // One column stays free: a full line would wrap, and a wrapped line cannot be cleared.
    const columns = (this.#stream.columns ?? 80) - 1;
    const cut = line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line;
    this.#stream.write(`${CLEAR_LINE}${this.#colors.dim(cut.replaceAll(/\s+/g, " "))}`);
  }
}

class PlainProgress implements Progress {
  readonly #stream: ProgressStream;
  readonly #colors: Colors;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #running: { readonly at: CaseAt; readonly since: number; text: string } | null = null;

  constructor(stream: ProgressStream, colors: Colors, now: () => number) {
    this.#stream = stream;
    this.#colors = colors;
    this.#now = now;
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  caseStarted(at: CaseAt): void {
    this.#running = { at, since: this.#now(), text: "" };
    this.#timer ??= setInterval(() => this.#stillAlive(), QUIET_MS).unref();
    this.#timer.refresh();
  }

  step(_at: CaseAt, text: string): void {
    if (this.#running) this.#running.text = text;
  }

  caseFinished(at: CaseAt, result: CaseResult): void {
    this.#running = null;
    this.#stream.write(`[${at.index}/${at.of}] ${caseLine(result, this.#colors)}\n`);
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#running = null;
  }

  #stillAlive(): void {
    if (!this.#running) return;
    const { at, since, text } = this.#running;
    this.#stream.write(
      `[${at.index}/${at.of}] … ${at.case} · ${at.subject} · ${duration(this.#now() - since)}${text && ` · ${text}`}\n`,
    );
  }
}

const CLEAR_LINE = "\r\u001b[2K";
const REDRAW_MS = 200;
const QUIET_MS = 15_000;
