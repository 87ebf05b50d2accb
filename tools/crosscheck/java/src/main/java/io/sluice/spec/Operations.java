package io.sluice.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The operations of Appendix D, by their names. */
final class Operations {
  static final Map<String, Function<Value, Object>> BY_NAME =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("Partition", Partitioner.Partitioned::answer),
              Map.entry("RetryPolicyCheck", RetryPolicy.Check::answer),
              Map.entry("BackoffDelay", RetryPolicy.Delay::answer),
              Map.entry("RetryDecision", RetryPolicy.Decision::answer),
              Map.entry("BoundText", Text.Bounded::answer),
              Map.entry("EnvelopeDecode", Envelope::answer),
              Map.entry("Move", Move::answer),
              Map.entry("ReplayPlan", Replay::answer),
              Map.entry("DeadLetterRead", DeadLetter::answer),
              Map.entry("CommitMetadataEncode", CommitMetadata.Encoded::answer),
              Map.entry("CommitMetadataDecode", CommitMetadata.Decoded::answer),
              Map.entry("GateTrace", Gate.Trace::answer),
              Map.entry("LaneTrace", Lanes.Trace::answer),
              Map.entry("StampTraceId", TraceContext.Stamped::answer)));

  private Operations() {}

  /** Throws {@link InvalidInput} when the input has not the form of the operation. */
  static Object answer(String operation, JsonNode input) {
    var in = new Value(input, "input");
    var answer = BY_NAME.get(operation).apply(in);
    in.finish();
    return answer;
  }
}
