/** Bytes that do not hold what their schema says. Never leaves the proxy: it becomes a note. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Reads Kafka's primitive types, big-endian, and never past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1));
  }
  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2));
  }
  uint16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }
  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }
  uint32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }
  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8));
  }
  float64(): number {
    return this.#bytes.readDoubleBE(this.#advance(8));
  }

  /** Unsigned, 7 bits a byte, low bits first, at most 5 bytes. */
  uvarint(): number {
    let value = 0;
    for (let i = 0; i < 5; i += 1) {
      const byte = this.#bytes[this.#advance(1)] as number;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new DecodeError(`a varint of more than 5 bytes ends at ${this.#at}`);
  }

  /** Zigzag. */
  varint(): number {
    const raw = this.uvarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** Zigzag, 64 bits. */
  varlong(): bigint {
    let value = 0n;
    for (let i = 0n; i < 10n; i += 1n) {
      const byte = this.#bytes[this.#advance(1)] as number;
      value |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new DecodeError(`a varlong of more than 10 bytes ends at ${this.#at}`);
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }
  utf8(length: number): string {
    const at = this.#advance(length);
    return this.#bytes.toString("utf8", at, at + length);
  }

  #advance(length: number): number {
    const at = this.#at;
    if (length < 0 || at + length > this.#bytes.length) {
      throw new DecodeError(
        `${length} bytes wanted at ${at}, where ${this.#bytes.length - at} are left`,
      );
    }
    this.#at = at + length;
    return at;
  }
}
