package io.sluice.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The operation ReplayPlan: a dead letter written again (section 10). The named destination may be null. */
record Replay(
    SourceRecord record,
    String replayId,
    long now,
    int maxReplays,
    String destination,
    List<Destination> destinations) {

  record Destination(String topic, int partitions, Partitioner partitioner) {
    static Destination of(Value in) {
      return new Destination(
          in.get("topic").topic(),
          in.get("partitions").integer(1),
          in.get("partitioner").oneOf(Partitioner.BY_NAME));
    }
  }

  /** SLC-RPL-010, and what SLC-RPL-008 writes anew. */
  private static final Set<String> REMOVED =
      Set.of(
          Names.GROUP,
          Names.RETRY_COUNT,
          Names.RETRY_AT,
          Names.RETRY_POLICY,
          Names.FAILED_AT,
          Names.ERROR_KIND,
          Names.ERROR_CLASS,
          Names.ERROR_CODE,
          Names.ERROR_MESSAGE,
          Names.ERROR_STACK,
          Names.DLQ_REASON,
          Names.SPEC,
          Names.REPLAY_ID,
          Names.REPLAY_COUNT,
          Names.REPLAYED_AT,
          Names.REPLAYED_FROM,
          Names.HOPS);

  static Moved answer(Value in) {
    return new Replay(
            SourceRecord.of(in.get("record")),
            in.get("replayId").text(text -> Forms.replayId(text) != null, "a replay id"),
            in.get("now").decimal(),
            in.get("maxReplays").integer(0),
            in.get("destination").orNull(Value::topic),
            in.get("destinations").list(Destination::of))
        .plan();
  }

  /** Refuses by SLC-RPL-001, in the order of its table. */
  private Moved plan() {
    var letter =
        Envelope.read(
            record.position(),
            new HeaderIndex(record.headers()),
            Envelope.Context.TRUSTED,
            new Anomalies());
    if (letter.disposition() == Envelope.Disposition.UNSUPPORTED)
      return new Moved.Refused("unsupported-version");
    if (letter.origin() == null && destination == null) return new Moved.Refused("no-origin");
    var topic = destination == null ? letter.origin().topic() : destination;
    var to = destinations.stream().filter(allowed -> allowed.topic.equals(topic)).findFirst();
    if (to.isEmpty()) return new Moved.Refused("not-allowed");
    if (letter.truncated().contains("value")) return new Moved.Refused("value-dropped");
    if (letter.replayCount() >= maxReplays) return new Moved.Refused("replay-limit");
    if (letter.hops() == Envelope.MAX_HOPS) return new Moved.Refused("hop-limit");

    return new Moved.Written(
        new Moved.NewRecord(
            topic,
            partition(letter.origin(), to.get()),
            now,
            record.key(),
            record.value(),
            headers(letter)));
  }

  /** SLC-RPL-004 to -006. */
  private int partition(Origin origin, Destination to) {
    var isBackHome =
        origin != null
            && origin.topic().equals(to.topic)
            && origin.partitionCount() != null
            && origin.partitionCount() == to.partitions
            && origin.partition() < to.partitions;
    if (isBackHome) return origin.partition();
    if (record.key() != null) return to.partitioner.partition(record.key(), to.partitions);
    return (origin == null ? record.position().partition() : origin.partition()) % to.partitions;
  }

  private List<Header> headers(Envelope letter) {
    var from = record.position();
    var headers = new ArrayList<>(record.headers());
    headers.removeIf(header -> REMOVED.contains(header.name()));
    headers.add(Header.of(Names.SPEC, "1"));
    headers.add(Header.of(Names.REPLAY_ID, replayId));
    headers.add(Header.of(Names.REPLAY_COUNT, Integer.toString(letter.replayCount() + 1)));
    headers.add(Header.of(Names.REPLAYED_AT, Long.toString(now)));
    headers.add(
        Header.of(
            Names.REPLAYED_FROM, from.topic() + "/" + from.partition() + "/" + from.offset()));
    headers.add(Header.of(Names.HOPS, Integer.toString(letter.hops() + 1)));
    return headers;
  }
}
