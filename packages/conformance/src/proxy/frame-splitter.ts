/**
 * Cuts one direction of a connection into Kafka frames, each with its four size bytes, in the very
 * bytes that came. What does not look like Kafka (a size that is negative or absurd, as of a TLS
 * handshake) is opaque from there on: it passes, nobody looks into it.
 */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Of the frame under way, size bytes included; 0 while those are not all there. */
  #wanted = 0;
  #opaque = false;

  /** Bytes of the frame under way. */
  get buffered(): number {
    return this.#buffered;
  }

  push(chunk: Buffer): Piece[] {
    if (this.#opaque) return [{ kind: "opaque", bytes: chunk }];
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const pieces: Piece[] = [];
    for (;;) {
      if (this.#wanted === 0) {
        if (this.#buffered < SIZE_BYTES) return pieces;
        const size = this.#peekSize();
        if (size < 0 || size > MAX_FRAME_BYTES) {
          this.#opaque = true;
          pieces.push({ kind: "opaque", bytes: this.rest() });
          return pieces;
        }
        this.#wanted = SIZE_BYTES + size;
      }
      if (this.#buffered < this.#wanted) return pieces;
      pieces.push({ kind: "frame", bytes: this.#take(this.#wanted) });
      this.#wanted = 0;
    }
  }

  /** Takes out the bytes of a frame that will never be whole. */
  rest(): Buffer {
    return this.#take(this.#buffered);
  }

  #peekSize(): number {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= SIZE_BYTES) return first.readInt32BE(0);
    // Four bytes over several chunks: joining so few costs nothing.
    this.#join();
    return (this.#chunks[0] as Buffer).readInt32BE(0);
  }

  /** Chunks are joined once for each frame, however many they are: joining on arrival is quadratic. */
  #take(length: number): Buffer {
    this.#join();
    const all = this.#chunks[0] ?? Buffer.alloc(0);
    const rest = all.subarray(length);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
    return all.subarray(0, length);
  }

  #join(): void {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#buffered)];
  }
}

export interface Piece {
  readonly kind: "frame" | "opaque";
  readonly bytes: Buffer;
}

const SIZE_BYTES = 4;
/** Kafka's own limit is 100 MiB (`socket.request.max.bytes`). */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
