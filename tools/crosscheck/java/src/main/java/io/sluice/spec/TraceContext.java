package io.sluice.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The trace in which a message was created (3.6, C.5). */
final class TraceContext {
  private static final Pattern TRACEPARENT =
      Pattern.compile(
          "([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", Pattern.DOTALL);
  private static final Pattern KEY =
      Pattern.compile(
          "[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}");
  private static final Pattern VALUE = Pattern.compile("[ -+\\--<>-~]{0,255}[!-+\\--<>-~]");
  private static final int MAX_MEMBERS = 32;
  private static final int MAX_STATE = 512;
  private static final int MAX_LONG_MEMBER = 128;

  private TraceContext() {}

  /** A well-formed {@code traceparent}, as version 00 has it. */
  record Parent(String traceId, String parentId, String flags) {
    /** Null when it is malformed (SLC-ENV-025). */
    static Parent parse(String text) {
      var matcher = TRACEPARENT.matcher(text);
      if (!matcher.matches()) return null;
      var version = matcher.group(1);
      var traceId = matcher.group(2);
      var parentId = matcher.group(3);
      var flags = matcher.group(4);
      var isVersion0 = version.equals("00");
      if (version.equals("ff") || isZero(traceId) || isZero(parentId)) return null;
      if (isVersion0 && matcher.group(5) != null) return null;
      return new Parent(traceId, parentId, isVersion0 ? flags : lowestBit(flags));
    }

    String text() {
      return "00-" + traceId + "-" + parentId + "-" + flags;
    }

    private static boolean isZero(String id) {
      return id.chars().allMatch(c -> c == '0');
    }

    private static String lowestBit(String flags) {
      return (Integer.parseInt(flags, 16) & 1) == 1 ? "01" : "00";
    }
  }

  /** The members of a {@code tracestate}; null when one of them, or all together, are malformed (SLC-ENV-026). */
  static List<String> members(String tracestate) {
    var members = new ArrayList<String>();
    var keys = new HashSet<String>();
    for (var part : tracestate.split(",", -1)) {
      var member = trim(part);
      if (member.isEmpty()) continue;
      var equals = member.indexOf('=');
      if (equals < 0) return null;
      var key = member.substring(0, equals);
      if (!KEY.matcher(key).matches()) return null;
      if (!VALUE.matcher(member.substring(equals + 1)).matches()) return null;
      if (!keys.add(key)) return null;
      members.add(member);
    }
    return members.size() <= MAX_MEMBERS ? members : null;
  }

  /** Null with no member left (SLC-ENV-027). */
  static String state(List<String> members) {
    var kept = members;
    var length = length(kept);
    if (length > MAX_STATE) {
      kept =
          members.stream()
              .filter(member -> member.length() <= MAX_LONG_MEMBER)
              .collect(Collectors.toCollection(ArrayList::new));
      for (length = length(kept); length > MAX_STATE; ) {
        length -= kept.remove(kept.size() - 1).length() + 1;
      }
    }
    return kept.isEmpty() ? null : String.join(",", kept);
  }

  /** The operation StampTraceId (SLC-ENV-029). */
  record Stamped(List<Header> headers) {
    static Stamped answer(Value in) {
      var headers = in.get("headers").list(Header::of);
      var index = new HeaderIndex(headers);
      if (index.last(Names.X_TRACE_ID) != null) return new Stamped(headers);
      var parent =
          new HeaderReader(index, true, new Anomalies()).foreign(Names.TRACEPARENT, Parent::parse);
      if (parent == null) return new Stamped(headers);

      var stamped = new ArrayList<>(headers);
      stamped.removeIf(header -> header.name().equals(Names.X_TRACE_ID));
      stamped.add(Header.of(Names.X_TRACE_ID, parent.traceId));
      return new Stamped(stamped);
    }
  }

  private static int length(List<String> members) {
    return members.stream().mapToInt(member -> member.length() + 1).sum() - 1;
  }

  /** Without the spaces and tabs around it. */
  private static String trim(String part) {
    var from = 0;
    var to = part.length();
    while (from < to && isBlank(part.charAt(from))) from++;
    while (from < to && isBlank(part.charAt(to - 1))) to--;
    return part.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
