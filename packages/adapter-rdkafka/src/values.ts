// The client turns a buffer without an address into null, which for a value is a tombstone (trap
// T04). `Buffer.alloc(0)` has no address; an empty view of a buffer that has one does.
const EMPTY = Buffer.allocUnsafeSlow(8).subarray(0, 0);

/** Bytes as the client can send them without confusing empty and null. */
export function toNativeBytes(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null) return null;
  if (bytes.byteLength === 0) return EMPTY;
  // The addon asks for a Buffer by its name, though any Uint8Array is one to it.
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
