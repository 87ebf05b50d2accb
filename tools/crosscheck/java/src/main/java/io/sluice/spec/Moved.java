package io.sluice.spec;

import java.util.List;

/** What comes of a move: a record to be written, or why there is none. */
sealed interface Moved {
  record Written(NewRecord record) implements Moved {}

  record Refused(String refused) implements Moved {}

  record NewRecord(
      String topic,
      int partition,
      @Decimal long timestamp,
      byte[] key,
      byte[] value,
      List<Header> headers) {}
}
