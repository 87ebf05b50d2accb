package io.sluice.vectors;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Section 7 of the specification, written from its text. It knows ranges only, never single
 * offsets.
 */
final class CommitMetadata {
  static final long MAX_OFFSET = 9007199254740991L;
  static final String PREFIX = "slc1.";

  private static final int MAX_BYTES = 65535;
  private static final int BITMAP = 1;
  private static final int TRUNCATED = 2;
  private static final int EPOCH = 4;
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  /** Offsets from {@code from} up to, and not including, {@code to}. */
  record Range(long from, long to) {}

  record Encoded(String metadata, boolean truncated) {}

  record Decoded(List<Range> settled, Integer leaderEpoch, boolean truncated, String rejected) {
    static Decoded rejected(String code) {
      return new Decoded(List.of(), null, false, code);
    }
  }

  static Encoded encode(long base, List<Range> settled, Integer epoch, int maxChars) {
    for (int kept = settled.size(); kept > 0; kept--) {
      boolean truncated = kept < settled.size();
      byte[] content = content(base, settled.subList(0, kept), epoch, truncated);
      // Without padding, Base64 has 4 characters for 3 bytes, rounded up.
      int chars = PREFIX.length() + ((content.length + 4) * 4 + 2) / 3 + 1;
      if (chars <= Math.min(maxChars, MAX_BYTES)) return new Encoded(seal(content), truncated);
    }
    return new Encoded("", !settled.isEmpty());
  }

  /** The text of a payload whose crc is right, whatever else is wrong with it. */
  static String seal(byte[] content) {
    byte[] payload =
        ByteBuffer.allocate(content.length + 4).put(content).putInt((int) crc(content)).array();
    return PREFIX + base64url(payload) + ".";
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    for (; rest > 0x7f; rest >>>= 7) out.write((int) (rest & 0x7f) | 0x80);
    out.write((int) rest);
    return out.toByteArray();
  }

  private static byte[] content(long base, List<Range> settled, Integer epoch, boolean truncated) {
    byte[] runs = runs(base, settled);
    byte[] bitmap = bitmap(base, settled, runs.length);
    byte[] body = bitmap == null ? runs : bitmap;
    int flags = (bitmap == null ? 0 : BITMAP) | (truncated ? TRUNCATED : 0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(epoch == null ? flags : flags | EPOCH);
    out.writeBytes(varint(base));
    if (epoch != null) out.writeBytes(varint(epoch));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] runs(long base, List<Range> settled) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long at = base;
    for (Range range : settled) {
      out.writeBytes(varint(range.from() - at));
      out.writeBytes(varint(range.to() - range.from()));
      at = range.to();
    }
    return out.toByteArray();
  }

  /** Null unless it is shorter than so many bytes: of far offsets it would fill the memory. */
  private static byte[] bitmap(long base, List<Range> settled, int runsLength) {
    long bits = settled.get(settled.size() - 1).to() - base;
    byte[] head = varint(bits);
    if (head.length + (bits + 7) / 8 >= runsLength) return null;
    byte[] body = new byte[(int) ((bits + 7) / 8)];
    for (Range range : settled) {
      for (long offset = range.from(); offset < range.to(); offset++) {
        int bit = (int) (offset - base);
        body[bit / 8] |= (byte) (1 << (bit % 8));
      }
    }
    return ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
  }

  static Decoded decode(long committedOffset, String metadata) {
    if (metadata.isEmpty()) return new Decoded(List.of(), null, false, null);
    try {
      return read(committedOffset, metadata);
    } catch (Rejected rejected) {
      return Decoded.rejected(rejected.code);
    }
  }

  private static Decoded read(long committedOffset, String metadata) throws Rejected {
    if (!metadata.startsWith(PREFIX)) throw new Rejected("foreign");
    if (metadata.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES)
      throw new Rejected("too-long");
    String text = metadata.substring(PREFIX.length());
    if (text.endsWith("\0")) text = text.substring(0, text.length() - 1);
    if (text.endsWith(".")) text = text.substring(0, text.length() - 1);
    byte[] payload = fromBase64url(text);
    if (payload.length < 5) throw new Rejected("short");
    ByteBuffer in = ByteBuffer.wrap(payload, 0, payload.length - 4);
    byte[] content = new byte[payload.length - 4];
    in.duplicate().get(content);
    if ((int) crc(content) != ByteBuffer.wrap(payload).getInt(payload.length - 4)) {
      throw new Rejected("checksum");
    }
    int flags = in.get() & 0xff;
    if (flags >= 8) throw new Rejected("flags");
    long base = readVarint(in, MAX_OFFSET);
    if (base != committedOffset) throw new Rejected("base");
    Integer epoch = (flags & EPOCH) == 0 ? null : (int) readVarint(in, Integer.MAX_VALUE);
    List<Range> settled = (flags & BITMAP) == 0 ? readRuns(in, base) : readBitmap(in, base);
    return new Decoded(settled, epoch, (flags & TRUNCATED) != 0, null);
  }

  private static List<Range> readRuns(ByteBuffer in, long base) throws Rejected {
    List<Range> settled = new ArrayList<>();
    long at = base;
    do {
      if (!in.hasRemaining()) throw new Rejected("runs");
      long gap = readVarint(in, MAX_OFFSET);
      if (gap == 0) throw new Rejected("runs");
      long from = at + gap;
      if (from > MAX_OFFSET) throw new Rejected("overflow");
      if (!in.hasRemaining()) throw new Rejected("runs");
      long done = readVarint(in, MAX_OFFSET);
      if (done == 0) throw new Rejected("runs");
      at = from + done;
      if (at - 1 > MAX_OFFSET) throw new Rejected("overflow");
      settled.add(new Range(from, at));
    } while (in.hasRemaining());
    return settled;
  }

  private static List<Range> readBitmap(ByteBuffer in, long base) throws Rejected {
    long bits = readVarint(in, MAX_OFFSET);
    byte[] body = new byte[in.remaining()];
    in.get(body);
    if (bits == 0 || body.length != (bits + 7) / 8) throw new Rejected("bitmap");
    if (bit(body, 0) || !bit(body, bits - 1)) throw new Rejected("bitmap");
    for (long i = bits; i < body.length * 8L; i++) if (bit(body, i)) throw new Rejected("bitmap");
    if (base + bits - 1 > MAX_OFFSET) throw new Rejected("overflow");
    List<Range> settled = new ArrayList<>();
    for (long i = 0; i < bits; i++) {
      if (!bit(body, i)) continue;
      long from = i;
      while (i < bits && bit(body, i)) i++;
      settled.add(new Range(base + from, base + i));
    }
    return settled;
  }

  private static boolean bit(byte[] bytes, long index) {
    return (bytes[(int) (index / 8)] >> (index % 8) & 1) == 1;
  }

  private static long readVarint(ByteBuffer in, long greatest) throws Rejected {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      if (!in.hasRemaining()) throw new Rejected("varint");
      int b = in.get() & 0xff;
      value |= (long) (b & 0x7f) << (7 * i);
      if (b < 0x80) {
        boolean shortest = b != 0 || i == 0;
        if (!shortest || value > greatest) throw new Rejected("varint");
        return value;
      }
    }
    throw new Rejected("varint");
  }

  private static byte[] fromBase64url(String text) throws Rejected {
    if (text.length() % 4 == 1) throw new Rejected("alphabet");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int bits = 0;
    int held = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) throw new Rejected("alphabet");
      held = held << 6 | digit;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        out.write(held >> bits);
        held &= (1 << bits) - 1;
      }
    }
    if (held != 0) throw new Rejected("alphabet");
    return out.toByteArray();
  }

  private static long crc(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(PREFIX.getBytes(StandardCharsets.US_ASCII));
    crc.update(content);
    return crc.getValue();
  }

  private static final class Rejected extends Exception {
    private static final long serialVersionUID = 1;
    final String code;

    Rejected(String code) {
      super(code);
      this.code = code;
    }
  }

  private CommitMetadata() {}
}
