package io.sluice.spec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/** What is odd about a record's headers: {@code code:name}, each once, in ascending order of their bytes (3.2). */
final class Anomalies {
  /** Names have a char for each byte (see {@link Header}), so that the order of strings is that of bytes. */
  private final TreeSet<String> found = new TreeSet<>();

  void add(String code, String name) {
    found.add(code + ":" + name);
  }

  List<String> list() {
    return found.stream()
        .map(entry -> new String(entry.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
        .toList();
  }
}
