package io.sluice.spec;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** The forms of values (Appendix C.2). What has not the form gives null. */
final class Forms {
  static final long MAX_INTEGER = 9007199254740991L;
  static final int MAX_PARTITION = 2147483646;

  private static final int MAX_INTEGER_DIGITS = 16;

  private Forms() {}

  static Long integer(String text, long max) {
    if (text.isEmpty() || text.length() > MAX_INTEGER_DIGITS) return null;
    if (text.charAt(0) == '0' && text.length() > 1) return null;
    if (!all(text, Forms::isDigit)) return null;
    var value = Long.parseLong(text);
    return value <= max ? value : null;
  }

  /** An integer of SLC-CNV-001: an offset, a time, a version. */
  static Long integer(String text) {
    return integer(text, MAX_INTEGER);
  }

  static Integer int32(String text) {
    var value = integer(text, Integer.MAX_VALUE);
    return value == null ? null : value.intValue();
  }

  static Integer partition(String text) {
    var value = integer(text, MAX_PARTITION);
    return value == null ? null : value.intValue();
  }

  static Integer partitionCount(String text) {
    var value = int32(text);
    return value == null || value == 0 ? null : value;
  }

  static String anyText(String text) {
    return text;
  }

  static String text(String text) {
    return text.isEmpty() ? null : text;
  }

  static String token(String text) {
    return isBetween(text, 1, 64) && all(text, Forms::isNameChar) ? text : null;
  }

  static List<String> tokenList(String text) {
    var tokens = Arrays.asList(text.split(",", -1));
    return tokens.stream().allMatch(token -> token(token) != null) ? tokens : null;
  }

  /** {@code message-id}; X-Trace-ID has the same form. */
  static String messageId(String text) {
    return isBetween(text, 1, 128) && all(text, Forms::isVisible) ? text : null;
  }

  static String replayId(String text) {
    return isBetween(text, 1, 64) && all(text, Forms::isVisible) ? text : null;
  }

  static String topic(String text) {
    return isTopic(text) ? text : null;
  }

  static boolean isTopic(String text) {
    return isBetween(text, 1, 249) && all(text, Forms::isTopicChar);
  }

  static Position position(String text) {
    var parts = text.split("/", -1);
    if (parts.length != 3) return null;
    var topic = topic(parts[0]);
    var partition = partition(parts[1]);
    var offset = integer(parts[2]);
    return topic == null || partition == null || offset == null
        ? null
        : new Position(topic, partition, offset);
  }

  private static boolean isBetween(String text, int min, int max) {
    return text.length() >= min && text.length() <= max;
  }

  private static boolean all(String text, IntPredicate form) {
    return text.chars().allMatch(form);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameChar(int c) {
    return (c >= 'a' && c <= 'z') || isDigit(c) || c == '-';
  }

  private static boolean isTopicChar(int c) {
    return isNameChar(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
  }

  private static boolean isVisible(int c) {
    return c >= '!' && c <= '~';
  }
}
