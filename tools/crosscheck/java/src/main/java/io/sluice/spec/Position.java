package io.sluice.spec;

/** Where a record stands. */
record Position(String topic, int partition, @Decimal long offset) {
  static Position of(Value in) {
    return new Position(
        in.get("topic").topic(), in.get("partition").partition(), in.get("offset").decimal());
  }
}
