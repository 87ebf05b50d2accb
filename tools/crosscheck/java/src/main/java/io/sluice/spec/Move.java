package io.sluice.spec;

import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The operation Move: a record as a retry or a dead letter (section 5). */
record Move(
    Kind kind,
    SourceRecord record,
    boolean trusted,
    String group,
    int attempts,
    Failure error,
    boolean writeStack,
    long firstFailedAt,
    long failedAt,
    long now,
    String cluster,
    Integer partitionCount,
    Integer leaderEpoch,
    Target target,
    long maxBytes) {

  sealed interface Kind {
    static Kind of(Value in) {
      return in.get("move")
          .oneOf(
              Map.<String, Function<Value, Kind>>of(
                  "retry", Retry::of, "dead-letter", DeadLetter::of))
          .apply(in);
    }
  }

  /** The policy may be null. */
  record Retry(long at, String policy) implements Kind {
    static Retry of(Value in) {
      return new Retry(
          in.get("retryAt").decimal(), in.get("retryPolicy").orNull(Value::nonEmpty));
    }
  }

  record DeadLetter(String reason) implements Kind {
    static DeadLetter of(Value in) {
      return new DeadLetter(in.get("reason").text());
    }
  }

  /** The class, the code and the stack may be null. */
  record Failure(String kind, String type, String code, String message, String stack) {
    static Failure of(Value in) {
      return new Failure(
          in.get("kind").text(),
          in.get("class").orNull(Value::text),
          in.get("code").orNull(Value::text),
          in.get("message").text(),
          in.get("stack").orNull(Value::text));
    }
  }

  record Target(String topic, int partitions) {
    static Target of(Value in) {
      return new Target(in.get("topic").topic(), in.get("partitions").integer(1));
    }
  }

  /** Of a trusted topic's record, what each mover writes anew. The others stay, or see below. */
  private static final Set<String> REPLACED =
      Set.of(
          Names.SPEC,
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
          Names.HISTORY,
          Names.DLQ_REASON,
          Names.HOPS);

  /** Half of an id would be another id: what is longer is not written. */
  private static final int MAX_CLUSTER = 256;

  static Moved answer(Value in) {
    return new Move(
            Kind.of(in),
            SourceRecord.of(in.get("record")),
            in.get("trusted").flag(),
            in.get("group").nonEmpty(),
            in.get("attempts").integer(1),
            Failure.of(in.get("error")),
            in.get("writeStack").flag(),
            in.get("firstFailedAt").decimal(),
            in.get("failedAt").decimal(),
            in.get("now").decimal(),
            in.get("cluster").orNull(Value::nonEmpty),
            in.get("partitionCount").orNull(count -> count.integer(1)),
            in.get("leaderEpoch").orNull(epoch -> epoch.integer(0)),
            Target.of(in.get("target")),
            in.get("maxBytes").integer(0))
        .plan();
  }

  private Moved plan() {
    var before =
        Envelope.read(
            record.position(),
            new HeaderIndex(record.headers()),
            new Envelope.Context(trusted, cluster, false),
            new Anomalies());
    if (before.disposition() == Envelope.Disposition.UNSUPPORTED)
      throw new InvalidInput("input.record has a disposition of unsupported (D.6)");
    if (kind instanceof Retry && before.hops() == Envelope.MAX_HOPS)
      return new Moved.Refused("hop-limit"); // SLC-RTY-024

    var draft = new Draft(record, name -> keeps(name, before), before.truncated());
    write(draft, before);
    if (!draft.fit(maxBytes, kind instanceof DeadLetter)) return new Moved.Refused("too-large");

    var from = before.origin() == null ? record.position().partition() : before.origin().partition();
    return new Moved.Written(
        new Moved.NewRecord(
            target.topic,
            from % target.partitions, // SLC-DLQ-002
            now,
            record.key(),
            draft.value(),
            draft.headers()));
  }

  private boolean keeps(String name, Envelope before) {
    if (!trusted) return !Names.isReserved(name);
    if (name.startsWith(Names.ORIGIN)) return before.origin() != null; // SLC-ENV-008, -014
    if (name.equals(Names.FIRST_FAILED_AT)) return before.firstFailedAt() != null; // SLC-DLQ-011
    return !REPLACED.contains(name);
  }

  /** In the order of Appendix A (SLC-DLQ-010). */
  private void write(Draft draft, Envelope before) {
    var errorKind = Forms.token(error.kind) == null ? "unknown" : error.kind;
    var history =
        before.history() == null ? History.empty() : new History(before.history()); // SLC-DLQ-013

    draft.write(Names.SPEC, 1);
    draft.write(Names.GROUP, Text.cut(group, 1024));
    if (kind instanceof Retry retry) {
      draft.write(Names.RETRY_COUNT, attempts); // SLC-RTY-020
      draft.write(Names.RETRY_AT, retry.at);
      if (retry.policy != null) draft.write(Names.RETRY_POLICY, Text.cut(retry.policy, 128));
    } else {
      draft.write(Names.RETRY_COUNT, attempts - 1); // SLC-DLQ-004
    }
    if (before.origin() == null) writeOrigin(draft);
    if (before.firstFailedAt() == null) draft.write(Names.FIRST_FAILED_AT, firstFailedAt);
    draft.write(Names.FAILED_AT, failedAt);
    draft.write(Names.ERROR_KIND, errorKind);
    if (isGiven(error.type)) draft.write(Names.ERROR_CLASS, bounded(error.type, 256));
    if (isGiven(error.code)) draft.write(Names.ERROR_CODE, bounded(error.code, 64));
    draft.write(Names.ERROR_MESSAGE, bounded(error.message, 1024));
    if (writeStack && isGiven(error.stack)) draft.write(Names.ERROR_STACK, bounded(error.stack, 8192));
    draft.write(
        Names.HISTORY,
        history
            .with(new History.Entry(attempts, failedAt, errorKind, History.code(error.code)))
            .json());
    if (kind instanceof DeadLetter letter)
      draft.write(
          Names.DLQ_REASON, Forms.token(letter.reason) == null ? "manual" : letter.reason);
    draft.write(Names.HOPS, Math.min(Envelope.MAX_HOPS, before.hops() + 1)); // SLC-DLQ-007
  }

  /** SLC-ENV-014. */
  private void writeOrigin(Draft draft) {
    draft.write(Names.ORIGIN_TOPIC, record.position().topic());
    draft.write(Names.ORIGIN_PARTITION, record.position().partition());
    draft.write(Names.ORIGIN_OFFSET, record.position().offset());
    draft.write(Names.ORIGIN_TIMESTAMP, record.timestamp() == null ? 0L : record.timestamp());
    if (cluster != null && Text.utf8(cluster).length <= MAX_CLUSTER)
      draft.write(Names.ORIGIN_CLUSTER, cluster);
    if (partitionCount != null) draft.write(Names.ORIGIN_PARTITION_COUNT, partitionCount);
    if (leaderEpoch != null) draft.write(Names.ORIGIN_LEADER_EPOCH, leaderEpoch);
  }

  private static boolean isGiven(String text) {
    return text != null && !text.isEmpty();
  }

  private static String bounded(String text, int maxBytes) {
    return Text.cut(Text.neutralise(text), maxBytes);
  }
}
