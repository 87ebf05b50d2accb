/** The last bytes of a stream: enough to explain a failure, bounded whatever is written. */
export class TailBuffer {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= 2 * this.#limit) return;
    const tail = Buffer.from(Buffer.concat(this.#chunks).subarray(-this.#limit));
    this.#chunks = [tail];
    this.#size = tail.length;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).subarray(-this.#limit).toString("utf8");
  }
}
