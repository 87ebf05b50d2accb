package io.sluice.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The operation GateTrace: what of a partition is settled, and how far a commit may go (section 6). */
final class Gate {
  /** After each event what it led to, or null. */
  record Trace(List<Step> steps) {
    static Trace answer(Value in) {
      var gate = new Gate();
      // Not toList(), which has no room for null.
      var steps = new ArrayList<Step>();
      in.get("events")
          .list(
              event -> {
                gate.apply(event);
                return steps.add(gate.step());
              });
      if (steps.isEmpty()) throw new InvalidInput("input.events is empty");
      return new Trace(steps);
    }
  }

  record Step(@Decimal long frontier, @Decimal long position, List<Range> settled) {}

  private long epoch = 0;
  private boolean assigned = false;
  private long position;

  /** The records of the epoch that are not settled; everything else below the position is, gaps included (SLC-GAT-002). */
  private final TreeSet<Long> unsettled = new TreeSet<>();

  private void apply(Value event) {
    event
        .get("type")
        .oneOf(
            Map.<String, Consumer<Value>>of(
                "assigned", this::assigned,
                "fetched", this::fetched,
                "settled", this::settled,
                "revoked", ignored -> end()))
        .accept(event);
  }

  private void assigned(Value event) {
    end();
    epoch++;
    assigned = true;
    position = event.get("position").decimal();
  }

  private void fetched(Value event) {
    var offsets = event.get("offsets").list(Value::decimal);
    var next = event.get("position").decimal();
    if (!assigned) return;
    var from = position;
    for (var offset : offsets) {
      if (offset < from)
        throw new InvalidInput("an event fetches offset " + offset + ", which is below " + from);
      from = offset + 1;
    }
    if (next < from)
      throw new InvalidInput("an event sets the position to " + next + ", which is below " + from);
    unsettled.addAll(offsets);
    position = next;
  }

  /** SLC-GAT-007, -014. */
  private void settled(Value event) {
    var offset = event.get("offset").decimal();
    if (event.get("epoch").integer(1, Forms.MAX_INTEGER) == epoch) unsettled.remove(offset);
  }

  private void end() {
    assigned = false;
    unsettled.clear();
  }

  private Step step() {
    if (!assigned) return null;
    var frontier = unsettled.isEmpty() ? position : unsettled.first();
    var settled = new ArrayList<Range>();
    var at = frontier;
    for (var offset : unsettled) {
      if (offset > at) settled.add(new Range(at, offset));
      at = offset + 1;
    }
    if (position > at) settled.add(new Range(at, position));
    return new Step(frontier, position, settled);
  }
}
