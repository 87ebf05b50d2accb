package io.sluice.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What became of a record so far, from {@code sluice-history} (5.3, C.4). */
record History(List<Item> items) {
  sealed interface Item {
    String json();
  }

  /** A move: attempts made, the time of the failure, the kind and the code of the error; the code may be null. */
  record Entry(long n, @Decimal long at, String k, String c) implements Item {
    @Override
    public String json() {
      var code = c == null ? "" : ",\"c\":\"" + c + "\"";
      return "{\"n\":" + n + ",\"at\":\"" + at + "\",\"k\":\"" + k + "\"" + code + "}";
    }
  }

  record Dropped(long dropped) implements Item {
    @Override
    public String json() {
      return "{\"dropped\":" + dropped + "}";
    }
  }

  private static final int MAX_ENTRIES = 10;
  private static final int MAX_CODE = 64;
  private static final String INTEGER = "(0|[1-9][0-9]{0,15})";
  private static final Pattern ITEM =
      Pattern.compile(
          "\\{(?:\"n\":" + INTEGER + ",\"at\":\"" + INTEGER + "\",\"k\":\"([a-z0-9-]{1,64})\""
              + "(?:,\"c\":\"([ !#-\\[\\]-~]{1,64})\")?|\"dropped\":" + INTEGER + ")\\}");

  /** Null when the text is not a history. */
  static History parse(String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) return null;
    var items = new ArrayList<Item>();
    var matcher = ITEM.matcher(text);
    var at = 1;
    while (matcher.region(at, text.length() - 1).lookingAt()) {
      var item =
          matcher.group(5) == null
              ? entry(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4))
              : dropped(matcher.group(5));
      var isInPlace = item instanceof Entry || (item instanceof Dropped && items.size() == 1);
      if (!isInPlace) return null;
      items.add(item);
      at = matcher.end();
      if (at == text.length() - 1) return new History(items);
      if (text.charAt(at++) != ',') return null;
    }
    return null;
  }

  static History empty() {
    return new History(List.of());
  }

  /** SLC-DLQ-013, reduced by SLC-DLQ-015. */
  History with(Entry last) {
    var entries = new ArrayList<Entry>();
    var dropped = 0L;
    for (var item : items) {
      if (item instanceof Entry entry) entries.add(entry);
      if (item instanceof Dropped mark) dropped = mark.dropped;
    }
    entries.add(last);

    var tooMany = Math.max(0, entries.size() - MAX_ENTRIES);
    dropped += tooMany;
    var reduced = new ArrayList<Item>();
    reduced.add(entries.get(0));
    if (items.size() > 1 && items.get(1) instanceof Dropped || tooMany > 0)
      reduced.add(new Dropped(Math.min(dropped, Forms.MAX_INTEGER)));
    reduced.addAll(entries.subList(1 + tooMany, entries.size()));
    return new History(reduced);
  }

  String json() {
    return items.stream().map(Item::json).collect(Collectors.joining(",", "[", "]"));
  }

  /** SLC-DLQ-014. Null when there is no code. */
  static String code(String code) {
    if (code == null || code.isEmpty()) return null;
    return code.codePoints()
        .limit(MAX_CODE)
        .mapToObj(c -> isCodeChar(c) ? Character.toString(c) : "_")
        .collect(Collectors.joining());
  }

  private static boolean isCodeChar(int c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  }

  private static Entry entry(String n, String at, String k, String c) {
    var attempts = Forms.integer(n);
    var time = Forms.integer(at);
    return attempts == null || time == null ? null : new Entry(attempts, time, k, c);
  }

  private static Dropped dropped(String count) {
    var dropped = Forms.integer(count);
    return dropped == null ? null : new Dropped(dropped);
  }
}
