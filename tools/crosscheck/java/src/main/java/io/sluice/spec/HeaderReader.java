package io.sluice.spec;

import java.util.function.Function;

/** Reads single headers by 3.1: the last value, strictly, and takes down what is odd. */
final class HeaderReader {
  /** SLC-SEC-003. */
  private static final int MAX_BYTES = 8192;

  private final HeaderIndex headers;
  private final boolean trusted;
  private final Anomalies anomalies;

  HeaderReader(HeaderIndex headers, boolean trusted, Anomalies anomalies) {
    this.headers = headers;
    this.trusted = trusted;
    this.anomalies = anomalies;
    if (!trusted) findForged();
  }

  /** Of a header of Appendix A; null when it is absent, forged or malformed. */
  <T> T defined(String name, Function<String, T> form) {
    if (headers.count(name) > 1 && !isForged(name)) anomalies.add("repeated", name);
    return isForged(name) ? null : foreign(name, form);
  }

  /** Of a counter, which is 0 when absent and the greatest value when malformed (SLC-ENV-007). */
  int counter(String name, int max) {
    var count = defined(name, text -> Forms.integer(text, max));
    if (count != null) return count.intValue();
    return isThere(name) ? max : 0;
  }

  /** Of a header that is not Sluice's; null when it is absent or malformed. */
  <T> T foreign(String name, Function<String, T> form) {
    var bytes = headers.last(name);
    if (bytes == null) return null;
    var text = bytes.length <= MAX_BYTES ? Text.decode(bytes) : null;
    var value = text == null ? null : form.apply(text);
    if (value == null) anomalies.add("malformed", name);
    return value;
  }

  /** Whether the header is there, in whatever form. */
  boolean isThere(String name) {
    return headers.last(name) != null && !isForged(name);
  }

  /** SLC-SEC-001. A null value forges nothing. */
  private boolean isForged(String name) {
    return !trusted && Names.isReserved(name) && headers.last(name) != null;
  }

  private void findForged() {
    for (var name : headers.names()) {
      if (isForged(name)) anomalies.add("forged", name);
    }
  }
}
