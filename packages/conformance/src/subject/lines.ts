/** Longest line either side may write, its newline excluded. */
export const MAX_LINE_BYTES: number = 1024 * 1024;

/**
 * Cuts a byte stream into lines. Memory is bounded: a line that grows past the limit is reported
 * once and the rest of the stream is ignored, because nothing after it can be trusted.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #parts: Buffer[] = [];
  #held = 0;
  #closed = false;

  constructor(onLine: (line: string) => void, onTooLong: () => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Buffer): void {
    let from = 0;
    while (!this.#closed) {
      const newline = chunk.indexOf(0x0a, from);
      const rest = chunk.subarray(from, newline === -1 ? undefined : newline);
      this.#held += rest.length;
      if (this.#held > MAX_LINE_BYTES) {
        this.#closed = true;
        this.#parts = [];
        this.#onTooLong();
        return;
      }
      if (rest.length > 0) this.#parts.push(rest);
      if (newline === -1) return;
      const line = Buffer.concat(this.#parts).toString("utf8");
      this.#parts = [];
      this.#held = 0;
      from = newline + 1;
      if (line !== "") this.#onLine(line);
    }
  }

  /** A last line without a newline, when the stream has ended. */
  get remainder(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}
