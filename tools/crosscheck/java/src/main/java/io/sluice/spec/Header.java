package io.sluice.spec;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;

/**
 * A header of a record. Its name has one char for each byte (ISO 8859-1), so that bytes of any kind survive and compare as
 * bytes; the names of the specification are ASCII, for which that makes no difference. The value may be null.
 */
record Header(String name, byte[] value) {
  static Header of(Value in) {
    var pair = in.tuple(2);
    return new Header(
        new String(pair.get(0).bytes(), StandardCharsets.ISO_8859_1),
        pair.get(1).orNull(Value::bytes));
  }

  static Header of(String name, String value) {
    return new Header(name, Text.utf8(value));
  }

  int size() {
    return name.length() + (value == null ? 0 : value.length);
  }

  @JsonValue
  byte[][] pair() {
    return new byte[][] {name.getBytes(StandardCharsets.ISO_8859_1), value};
  }
}
