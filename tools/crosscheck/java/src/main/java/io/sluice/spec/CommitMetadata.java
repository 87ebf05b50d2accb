package io.sluice.spec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;

/** The text that tells which offsets above the committed one are settled (section 7). */
final class CommitMetadata {
  private static final String MAGIC = "slc1.";
  private static final int MAX_BYTES = 65535;
  private static final int CRC_BYTES = 4;
  private static final int BITMAP = 1;
  private static final int LEFT_OUT = 2;
  private static final int EPOCH = 4;

  private CommitMetadata() {}

  /** The operation CommitMetadataEncode. */
  record Encoded(String metadata, boolean truncated) {
    static Encoded answer(Value in) {
      var base = in.get("base").decimal();
      var settled = in.get("settled").list(Range::of);
      var above = base;
      for (var range : settled) {
        if (range.from() <= above || range.to() <= range.from())
          throw new InvalidInput(
              "input.settled does not ascend from above the base, or touches itself, at " + range);
        above = range.to();
      }
      return encode(
          base,
          settled,
          in.get("leaderEpoch").orNull(epoch -> epoch.integer(0)),
          in.get("maxChars").integer(0));
    }
  }

  /** The operation CommitMetadataDecode. The epoch and the reason of a rejection may be null. */
  record Decoded(List<Range> settled, Integer leaderEpoch, boolean truncated, String rejected) {
    static Decoded answer(Value in) {
      return decode(in.get("committedOffset").decimal(), in.get("metadata").text());
    }
  }

  static Encoded encode(long base, List<Range> settled, Integer leaderEpoch, int maxChars) {
    var budget = Math.min(maxChars, MAX_BYTES);
    var head = new ByteArrayOutputStream();
    Varint.write(head, base);
    if (leaderEpoch != null) Varint.write(head, leaderEpoch);

    // Either body only grows with each pair, and so does the shorter of the two.
    var pairs = 0;
    var runsLength = 0L;
    var isBitmap = false;
    var at = base;
    for (var range : settled) {
      runsLength += Varint.length(range.from() - at) + Varint.length(range.to() - range.from());
      var bits = range.to() - base;
      var bitmapLength = Varint.length(bits) + bytes(bits);
      var body = Math.min(runsLength, bitmapLength);
      if (chars(1 + head.size() + body + CRC_BYTES) > budget) break;
      pairs++;
      isBitmap = bitmapLength < runsLength; // SLC-CMD-002
      at = range.to();
    }
    var truncated = pairs < settled.size();
    if (pairs == 0) return new Encoded("", truncated);

    var flags =
        (isBitmap ? BITMAP : 0) | (truncated ? LEFT_OUT : 0) | (leaderEpoch == null ? 0 : EPOCH);
    var payload = new ByteArrayOutputStream();
    payload.write(flags);
    payload.writeBytes(head.toByteArray());
    var written = settled.subList(0, pairs);
    if (isBitmap) writeBitmap(payload, base, written);
    else writeRuns(payload, base, written);
    var body = payload.toByteArray();
    payload.writeBytes(ByteBuffer.allocate(CRC_BYTES).putInt(crc(body, body.length)).array());
    var text = Base64.getUrlEncoder().withoutPadding().encodeToString(payload.toByteArray());
    return new Encoded(MAGIC + text + ".", truncated);
  }

  static Decoded decode(long committedOffset, String metadata) {
    try {
      return read(committedOffset, metadata);
    } catch (Rejection rejection) {
      return new Decoded(List.of(), null, false, rejection.code);
    }
  }

  /** The first reason of SLC-CMD-008 that holds. */
  static final class Rejection extends Exception {
    private static final long serialVersionUID = 1;
    private final String code;

    Rejection(String code) {
      super(code, null, false, false);
      this.code = code;
    }
  }

  private static Decoded read(long committedOffset, String metadata) throws Rejection {
    if (metadata.isEmpty()) return new Decoded(List.of(), null, false, null);
    if (!metadata.startsWith(MAGIC)) throw new Rejection("foreign");
    if (Text.utf8(metadata).length > MAX_BYTES) throw new Rejection("too-long");
    var payload = base64url(metadata.substring(MAGIC.length()));
    var end = payload.length - CRC_BYTES;
    if (end < 1) throw new Rejection("short");
    if (ByteBuffer.wrap(payload, end, CRC_BYTES).getInt() != crc(payload, end))
      throw new Rejection("checksum");
    var flags = payload[0];
    if ((flags & ~(BITMAP | LEFT_OUT | EPOCH)) != 0) throw new Rejection("flags");

    var body = ByteBuffer.wrap(payload, 1, end - 1);
    if (Varint.read(body, Forms.MAX_INTEGER) != committedOffset) throw new Rejection("base");
    var epoch = (flags & EPOCH) == 0 ? null : (int) Varint.read(body, Integer.MAX_VALUE);
    var settled =
        (flags & BITMAP) == 0 ? readRuns(body, committedOffset) : readBitmap(body, committedOffset);
    return new Decoded(settled, epoch, (flags & LEFT_OUT) != 0, null);
  }

  /** Java's decoder is lenient about padding and about unused bits: what it reads must be what would be written. */
  private static byte[] base64url(String rest) throws Rejection {
    var text = withoutEnd(withoutEnd(rest, "\0"), ".");
    try {
      var bytes = Base64.getUrlDecoder().decode(text);
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) return bytes;
    } catch (IllegalArgumentException notBase64) {
      // as below
    }
    throw new Rejection("alphabet");
  }

  private static String withoutEnd(String text, String end) {
    return text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
  }

  private static List<Range> readRuns(ByteBuffer body, long base) throws Rejection {
    var settled = new ArrayList<Range>();
    var at = base;
    do {
      if (!body.hasRemaining()) throw new Rejection("runs");
      var gap = Varint.read(body, Forms.MAX_INTEGER);
      if (gap == 0) throw new Rejection("runs");
      var from = at + gap;
      if (from > Forms.MAX_INTEGER) throw new Rejection("overflow");
      if (!body.hasRemaining()) throw new Rejection("runs");
      var done = Varint.read(body, Forms.MAX_INTEGER);
      if (done == 0) throw new Rejection("runs");
      at = from + done;
      if (at - 1 > Forms.MAX_INTEGER) throw new Rejection("overflow");
      settled.add(new Range(from, at));
    } while (body.hasRemaining());
    return settled;
  }

  private static List<Range> readBitmap(ByteBuffer body, long base) throws Rejection {
    var n = Varint.read(body, Forms.MAX_INTEGER);
    if (n == 0 || body.remaining() != bytes(n)) throw new Rejection("bitmap");
    var bits = (int) n; // since there are so many bytes
    var bytes = new byte[body.remaining()];
    body.get(bytes);
    if (isSet(bytes, 0) || !isSet(bytes, bits - 1)) throw new Rejection("bitmap");
    for (var i = bits; i < bytes.length * 8; i++) {
      if (isSet(bytes, i)) throw new Rejection("bitmap");
    }
    if (base + bits - 1 > Forms.MAX_INTEGER) throw new Rejection("overflow");

    var settled = new ArrayList<Range>();
    for (var i = 1; i < bits; i++) {
      if (!isSet(bytes, i)) continue;
      var from = i;
      while (i < bits && isSet(bytes, i)) i++;
      settled.add(new Range(base + from, base + i));
    }
    return settled;
  }

  private static void writeRuns(ByteArrayOutputStream out, long base, List<Range> settled) {
    var at = base;
    for (var range : settled) {
      Varint.write(out, range.from() - at);
      Varint.write(out, range.to() - range.from());
      at = range.to();
    }
  }

  private static void writeBitmap(ByteArrayOutputStream out, long base, List<Range> settled) {
    var n = (int) (settled.get(settled.size() - 1).to() - base); // it is shorter than the runs
    var bytes = new byte[(int) bytes(n)];
    for (var range : settled) {
      for (var i = (int) (range.from() - base); i < range.to() - base; i++) bytes[i / 8] |= (byte) (1 << i % 8);
    }
    Varint.write(out, n);
    out.writeBytes(bytes);
  }

  private static boolean isSet(byte[] bits, int i) {
    return (bits[i / 8] >> i % 8 & 1) == 1;
  }

  private static long bytes(long bits) {
    return (bits + 7) / 8;
  }

  /** How long the metadata is with a payload of so many bytes. */
  private static long chars(long payload) {
    return MAGIC.length() + (payload * 4 + 2) / 3 + 1;
  }

  private static int crc(byte[] payload, int length) {
    var crc = new CRC32C();
    crc.update(Text.utf8(MAGIC));
    crc.update(payload, 0, length);
    return (int) crc.getValue();
  }
}
