package io.sluice.spec;

import java.util.List;

/** A record as it was read. The timestamp, the key and the value may be null. */
record SourceRecord(
    Position position, Long timestamp, byte[] key, byte[] value, List<Header> headers) {
  static SourceRecord of(Value in) {
    return new SourceRecord(
        Position.of(in),
        in.get("timestamp").timestamp(),
        in.get("key").orNull(Value::bytes),
        in.get("value").orNull(Value::bytes),
        in.get("headers").list(Header::of));
  }
}
