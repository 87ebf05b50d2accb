package io.sluice.spec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Text and its bytes (1.2, 3.7). */
final class Text {
  private static final String ELLIPSIS = "…";
  private static final int ELLIPSIS_BYTES = 3;

  private Text() {}

  /** The operation BoundText. */
  record Bounded(byte[] text) {
    static Bounded answer(Value in) {
      var text = decode(in.get("text").bytes());
      if (text == null) throw new InvalidInput("input.text is not well-formed UTF-8");
      var maxBytes = in.get("maxBytes").integer(ELLIPSIS_BYTES);
      var neutral = in.get("neutralise").flag() ? neutralise(text) : text;
      return new Bounded(utf8(cut(neutral, maxBytes)));
    }
  }

  /** Null when the bytes are not well-formed. */
  static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException malformed) {
      return null;
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** SLC-ENV-010. */
  static String cut(String text, int maxBytes) {
    var bytes = utf8(text);
    if (bytes.length <= maxBytes) return text;
    var end = maxBytes - ELLIPSIS_BYTES;
    while (isContinuation(bytes[end])) end--;
    return new String(bytes, 0, end, StandardCharsets.UTF_8) + ELLIPSIS;
  }

  /** SLC-SEC-002. All that is replaced is one char in UTF-16. */
  static String neutralise(String text) {
    var neutral = new StringBuilder(text);
    for (var i = 0; i < neutral.length(); i++) {
      if (isControlOrSeparator(neutral.charAt(i))) neutral.setCharAt(i, ' ');
    }
    return neutral.toString();
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  private static boolean isControlOrSeparator(char c) {
    return c <= 0x1F || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
  }
}
