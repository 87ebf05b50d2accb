package io.sluice.spec;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The operation LaneTrace: which records begin when, if there is room for all (section 9). */
final class Lanes {
  /** For each event the records that begin because of it. */
  record Trace(List<List<Begun>> steps) {
    static Trace answer(Value in) {
      var lanes = new Lanes(in.get("ordering").oneOf(ORDERINGS));
      var steps = in.get("events").list(lanes::apply);
      if (steps.isEmpty()) throw new InvalidInput("input.events is empty");
      return new Trace(steps);
    }
  }

  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Begun(int partition, @Decimal long offset, int epoch) {}

  /** From a key, which may be null, to what is equal for records of one lane of a partition (9.1). */
  private static final Map<String, Function<byte[], Object>> ORDERINGS =
      Map.of(
          "key", key -> key == null ? new Object() : ByteBuffer.wrap(key),
          "partition", key -> "all",
          "none", key -> new Object());

  private final Function<byte[], Object> ordering;
  private final Map<Integer, Partition> partitions = new HashMap<>();

  private Lanes(Function<byte[], Object> ordering) {
    this.ordering = ordering;
  }

  private List<Begun> apply(Value event) {
    var partition =
        partitions.computeIfAbsent(event.get("partition").partition(), Partition::new);
    return event
        .get("type")
        .oneOf(
            Map.<String, BiFunction<Partition, Value, List<Begun>>>of(
                "assigned", (on, ignored) -> on.assigned(),
                "fetched", (on, fetched) -> on.fetched(fetched.get("records").list(this::queued)),
                "settled", (on, settled) -> on.settled(Name.of(settled)),
                "failed", (on, failed) -> on.failed(Name.of(failed)),
                "due", (on, due) -> on.due(Name.of(due)),
                "revoked", (on, ignored) -> on.revoked()))
        .apply(partition, event);
  }

  private Queued queued(Value in) {
    var pair = in.tuple(2);
    var key = pair.get(1).orNull(Value::bytes);
    return new Queued(pair.get(0).decimal(), ordering.apply(key));
  }

  /** A record that an event names. */
  private record Name(long offset, long epoch) {
    static Name of(Value in) {
      return new Name(in.get("offset").decimal(), in.get("epoch").integer(1, Forms.MAX_INTEGER));
    }
  }

  private record Queued(long offset, Object lane) {}

  private enum State {
    RUNNING,
    WAITING
  }

  /** The first record of a lane, from when it begins to when it settles. */
  private static final class Begin {
    final Object lane;
    State state = State.RUNNING;

    Begin(Object lane) {
      this.lane = lane;
    }
  }

  private static final class Partition {
    private final int number;
    private int epoch = 0;
    private boolean assigned = false;

    /** The records of each lane in order; the first one of each has begun. */
    private final Map<Object, Deque<Long>> lanes = new HashMap<>();

    private final Map<Long, Begin> begun = new HashMap<>();

    Partition(int number) {
      this.number = number;
    }

    List<Begun> assigned() {
      revoked();
      epoch++;
      assigned = true;
      return List.of();
    }

    List<Begun> fetched(List<Queued> records) {
      var begins = new ArrayList<Begun>();
      if (!assigned) return begins;
      for (var record : records) {
        var lane = lanes.computeIfAbsent(record.lane, ignored -> new ArrayDeque<>());
        lane.add(record.offset);
        if (lane.size() == 1) begins.add(begin(record.offset, record.lane));
      }
      return begins;
    }

    List<Begun> settled(Name name) {
      var record = present(name, State.RUNNING);
      if (record == null) return List.of();
      begun.remove(name.offset);
      var lane = lanes.get(record.lane);
      lane.remove();
      if (!lane.isEmpty()) return List.of(begin(lane.element(), record.lane));
      lanes.remove(record.lane);
      return List.of();
    }

    List<Begun> failed(Name name) {
      var record = present(name, State.RUNNING);
      if (record != null) record.state = State.WAITING;
      return List.of();
    }

    List<Begun> due(Name name) {
      var record = present(name, State.WAITING);
      if (record == null) return List.of();
      record.state = State.RUNNING;
      return List.of(new Begun(number, name.offset, epoch));
    }

    /** SLC-ORD-009. */
    List<Begun> revoked() {
      assigned = false;
      lanes.clear();
      begun.clear();
      return List.of();
    }

    private Begun begin(long offset, Object lane) {
      begun.put(offset, new Begin(lane));
      return new Begun(number, offset, epoch);
    }

    private Begin present(Name name, State state) {
      var record = name.epoch == epoch ? begun.get(name.offset) : null;
      return record != null && record.state == state ? record : null;
    }
  }
}
