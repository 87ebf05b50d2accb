package io.sluice.spec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Unsigned LEB128 in its shortest form, of at most 8 bytes (7.1). */
final class Varint {
  private static final int MAX_BITS = 56;

  private Varint() {}

  /** Rejected when it is cut off, not in its shortest form, or greater than {@code max}. */
  static long read(ByteBuffer in, long max) throws CommitMetadata.Rejection {
    var value = 0L;
    for (var shift = 0; shift < MAX_BITS && in.hasRemaining(); shift += 7) {
      var b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        var isShortest = b != 0 || shift == 0;
        if (isShortest && value <= max) return value;
        break;
      }
    }
    throw new CommitMetadata.Rejection("varint");
  }

  static void write(ByteArrayOutputStream out, long value) {
    var rest = value;
    for (; rest > 0x7F; rest >>>= 7) out.write((int) (rest & 0x7F | 0x80));
    out.write((int) rest);
  }

  static int length(long value) {
    var length = 1;
    for (var rest = value >>> 7; rest > 0; rest >>>= 7) length++;
    return length;
  }
}
