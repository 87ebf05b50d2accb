package io.sluice.spec;

import java.util.Map;

/** How chance changes a delay (4.2). */
enum Jitter {
  NONE,
  FULL,
  EQUAL,
  DECORRELATED;

  private static final Map<String, Jitter> BY_NAME =
      Map.of("none", NONE, "full", FULL, "equal", EQUAL, "decorrelated", DECORRELATED);

  /** Of a backoff. */
  static Jitter of(Value in) {
    return in.has("jitter") ? in.get("jitter").oneOf(BY_NAME) : NONE;
  }

  /** {@code floor(value × u / 2^32)}: a share of the value by a uniform unsigned 32-bit integer. */
  static long share(long value, long u) {
    return value * u >>> 32;
  }
}
