package io.sluice.spec;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A retry or dead letter being written: the headers that are kept, those that are written after them, and what is dropped when they
 * do not fit (5.4).
 */
final class Draft {
  /** What a mover may drop, in this order. */
  private enum Part {
    STACK,
    HISTORY,
    MESSAGE,
    HEADERS,
    VALUE;

    static final Set<String> TOKENS = Set.copyOf(Stream.of(values()).map(Part::token).toList());

    String token() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int SHORT_MESSAGE = 256;
  private static final int LARGE_HEADER = 1024;
  private static final Set<String> NEVER_DROPPED =
      Set.of(Names.TRACEPARENT, Names.TRACESTATE, Names.X_TRACE_ID, Names.OUTBOX_ID, "content-type");

  private final List<String> droppedBefore;
  private final Set<Part> dropped = EnumSet.noneOf(Part.class);
  private final Map<String, String> written = new LinkedHashMap<>();
  private List<Header> kept;
  private byte[] value;
  private long size;
  /** What {@code sluice-truncated} has of the size, in whatever place it stands. */
  private long truncatedSize;

  Draft(SourceRecord record, Predicate<String> keeps, List<String> droppedBefore) {
    this.droppedBefore = droppedBefore;
    value = record.value();
    kept = record.headers().stream().filter(header -> keeps.test(header.name())).toList();
    size = length(record.key()) + length(value) + size(kept.stream());
    truncatedSize = size(kept.stream().filter(Draft::isTruncated));
  }

  void write(String name, long number) {
    write(name, Long.toString(number));
  }

  void write(String name, String text) {
    written.put(name, text);
    size += Header.of(name, text).size();
  }

  byte[] value() {
    return value;
  }

  List<Header> headers() {
    var stays = kept.stream().filter(header -> dropped.isEmpty() || !isTruncated(header));
    var writes = written.entrySet().stream().map(e -> Header.of(e.getKey(), e.getValue()));
    var truncated =
        Stream.of(Names.TRUNCATED)
            .filter(name -> !dropped.isEmpty())
            .map(name -> Header.of(name, truncated()));
    return Stream.of(stays, writes, truncated).flatMap(headers -> headers).toList();
  }

  /** SLC-DLQ-016. False when it does not fit after all. */
  boolean fit(long maxBytes, boolean mayDropValue) {
    if (size > maxBytes && written.containsKey(Names.ERROR_STACK)) {
      remove(Names.ERROR_STACK);
      drop(Part.STACK);
    }
    if (size > maxBytes) {
      remove(Names.HISTORY);
      drop(Part.HISTORY);
    }
    var message = written.get(Names.ERROR_MESSAGE);
    var cut = Text.cut(message, SHORT_MESSAGE);
    if (size > maxBytes && !cut.equals(message)) {
      size += Text.utf8(cut).length - Text.utf8(message).length;
      written.put(Names.ERROR_MESSAGE, cut);
      drop(Part.MESSAGE);
    }
    dropHeaders(maxBytes);
    if (size > maxBytes && mayDropValue && value != null) {
      size -= value.length;
      value = null;
      drop(Part.VALUE);
    }
    return size <= maxBytes;
  }

  private void dropHeaders(long maxBytes) {
    var left = new ArrayList<Header>();
    for (var header : kept) {
      if (size > maxBytes && isDroppable(header)) {
        size -= header.size();
        drop(Part.HEADERS);
      } else {
        left.add(header);
      }
    }
    kept = left;
  }

  private void remove(String name) {
    size -= Header.of(name, written.remove(name)).size();
  }

  /** SLC-DLQ-017: the list of parts grows, and stands after all other headers from now on. */
  private void drop(Part part) {
    dropped.add(part);
    size -= truncatedSize;
    truncatedSize = Header.of(Names.TRUNCATED, truncated()).size();
    size += truncatedSize;
  }

  private String truncated() {
    var known =
        Stream.of(Part.values())
            .filter(part -> dropped.contains(part) || droppedBefore.contains(part.token()))
            .map(Part::token);
    var unknown = droppedBefore.stream().filter(token -> !Part.TOKENS.contains(token)).distinct();
    return String.join(",", Stream.concat(known, unknown).toList());
  }

  private static boolean isDroppable(Header header) {
    return header.size() > LARGE_HEADER
        && Names.isForeign(header.name())
        && !NEVER_DROPPED.contains(header.name())
        && !header.name().startsWith("ce_");
  }

  private static boolean isTruncated(Header header) {
    return header.name().equals(Names.TRUNCATED);
  }

  private static long size(Stream<Header> headers) {
    return headers.mapToLong(Header::size).sum();
  }

  private static long length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
