package io.sluice.spec;

import java.util.Objects;
import java.util.stream.Stream;

/** Where a record was first written, and what accompanies that (3.4). The companions may be null. */
record Origin(
    String topic,
    int partition,
    @Decimal long offset,
    @Decimal long timestamp,
    String cluster,
    Integer partitionCount,
    Integer leaderEpoch) {

  /** Null unless all four headers are there and well-formed (SLC-ENV-013). */
  static Origin read(HeaderReader headers, Anomalies anomalies) {
    var topic = headers.defined(Names.ORIGIN_TOPIC, Forms::topic);
    var partition = headers.defined(Names.ORIGIN_PARTITION, Forms::partition);
    var offset = headers.defined(Names.ORIGIN_OFFSET, Forms::integer);
    var timestamp = headers.defined(Names.ORIGIN_TIMESTAMP, Forms::integer);
    var cluster = headers.defined(Names.ORIGIN_CLUSTER, Forms::text);
    var partitionCount = headers.defined(Names.ORIGIN_PARTITION_COUNT, Forms::partitionCount);
    var leaderEpoch = headers.defined(Names.ORIGIN_LEADER_EPOCH, Forms::int32);

    var parts = Stream.<Object>of(topic, partition, offset, timestamp).filter(Objects::nonNull).count();
    if (parts == 4)
      return new Origin(topic, partition, offset, timestamp, cluster, partitionCount, leaderEpoch);
    if (parts > 0) anomalies.add("incomplete", "sluice-origin");
    return null;
  }
}
