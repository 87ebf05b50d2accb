/** Reads Kafka's primitive types from front to back. Whoever reads beyond the end gets a RangeError. */
export class ByteReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  int8(): number {
    return this.bytes.readInt8(this.skip(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  /** Rounded beyond 2^53, and then no safe integer. */
  int64(): number {
    return int64At(this.bytes, this.skip(8));
  }

  string(): string {
    const length = this.int16();
    return length < 0 ? "" : this.bytes.toString("utf8", this.skip(length), this.at);
  }

  /** What is left when there is less. */
  slice(length: number): Buffer {
    const from = this.skip(Math.min(Math.max(0, length), this.left));
    return this.bytes.subarray(from, this.at);
  }

  list<T>(read: () => T): T[] {
    // A null list has -1 elements.
    const length = Math.max(0, this.int32());
    const list: T[] = [];
    for (let i = 0; i < length; i++) list.push(read());
    return list;
  }

  /** ZigZag, 32 bits. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** ZigZag, 64 bits; rounded beyond 2^53. */
  varlong(): number {
    const { bytes } = this;
    let value = 0;
    let byte: number;
    let factor = 1;
    do {
      byte = bytes[this.at++]!;
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80 && factor < 2 ** 70);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Of any width. */
  skipVarint(): void {
    while (this.bytes[this.at++]! >= 0x80);
  }

  /** With their length before them as a varint. */
  nullableBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.slice(length);
  }

  skipBytes(): void {
    const length = this.varint();
    if (length > 0) this.at += length;
  }

  /** Answers where what was passed over begins. */
  skip(length: number): number {
    const from = this.at;
    this.at += length;
    return from;
  }
}

export function int64At(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
