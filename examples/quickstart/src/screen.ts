import pc from "picocolors";

const terminal = process.stdout.isTTY;
const colors = pc.createColors(terminal && process.stdout.hasColors());

/** Lines that stay, and on a terminal one line of progress below them. Colours only there. */
export class Screen {
  #progress = "";
  readonly #began = performance.now();

  say(text: string): void {
    this.#erase();
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${colors.dim(`${seconds}s`)}  ${text}\n${this.#progress}`);
  }

  progress(done: number, all: number, running: number): void {
    if (!terminal) return;
    this.#erase();
    const width = 30;
    const full = Math.round((width * done) / all);
    const bar = `${colors.green("█".repeat(full))}${colors.dim("░".repeat(width - full))}`;
    this.#progress = `        ${bar} ${done}/${all}, ${running} running`;
    process.stdout.write(this.#progress);
  }

  endProgress(): void {
    this.#erase();
    this.#progress = "";
  }

  #erase(): void {
    if (this.#progress !== "") process.stdout.write("\r\u001b[2K");
  }
}

export const good = (text: string): string => colors.green(text);
export const bad = (text: string): string => colors.red(text);
export const odd = (text: string): string => colors.yellow(text);
export const bold = (text: string): string => colors.bold(text);
