package io.sluice.spec;

import com.fasterxml.jackson.annotation.JsonFormat;

/** Offsets from {@code from} on, {@code to} not included: {@code ["from", "to"]} in JSON. */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
record Range(@Decimal long from, @Decimal long to) {
  static Range of(Value in) {
    var pair = in.tuple(2);
    return new Range(pair.get(0).decimal(), pair.get(1).decimal());
  }
}
