package io.sluice.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The headers of a record by their names: how often each occurs, and its first and last value. */
final class HeaderIndex {
  private record Occurrences(int count, byte[] first, byte[] last) {}

  private static final Occurrences NONE = new Occurrences(0, null, null);

  private final Map<String, Occurrences> byName = new LinkedHashMap<>();

  HeaderIndex(List<Header> headers) {
    for (var header : headers) {
      byName.merge(
          header.name(),
          new Occurrences(1, header.value(), header.value()),
          (before, now) -> new Occurrences(before.count + 1, before.first, now.last));
    }
  }

  Set<String> names() {
    return byName.keySet();
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  int count(String name) {
    return of(name).count;
  }

  byte[] first(String name) {
    return of(name).first;
  }

  byte[] last(String name) {
    return of(name).last;
  }

  private Occurrences of(String name) {
    return byName.getOrDefault(name, NONE);
  }
}
