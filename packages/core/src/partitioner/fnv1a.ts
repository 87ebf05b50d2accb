const OFFSET_BASIS = 0x811c_9dc5;
const PRIME = 0x0100_0193;

/** FNV-1a of 32 bits, as a signed integer: librdkafka and Sarama fold it as one. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash | 0;
}
