package io.sluice.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Set;

/** What the headers of a record say (section 3). What is absent is null, but counters are 0. */
record Envelope(
    Disposition disposition,
    String wireVersion,
    String messageId,
    String messageIdSource,
    String messageType,
    @Decimal Long messageVersion,
    String idempotencyKey,
    Origin origin,
    String group,
    int retryCount,
    @Decimal Long retryAt,
    String retryPolicy,
    @Decimal Long firstFailedAt,
    @Decimal Long failedAt,
    String errorKind,
    String errorClass,
    String errorCode,
    String errorMessage,
    String errorStack,
    List<History.Item> history,
    String dlqReason,
    String replayId,
    int replayCount,
    @Decimal Long replayedAt,
    Position replayedFrom,
    int hops,
    List<String> truncated,
    String traceparent,
    String tracestate,
    String traceId,
    List<String> anomalies) {

  static final int MAX_HOPS = 64;

  private static final String WIRE_VERSION = "1";
  private static final Set<String> ERROR_KINDS =
      Set.of(
          "transient",
          "permanent",
          "timeout",
          "deserialization",
          "validation",
          "cancelled",
          "poison",
          "unknown");

  enum Disposition {
    @JsonProperty("fresh")
    FRESH,
    @JsonProperty("moved")
    MOVED,
    @JsonProperty("unsupported")
    UNSUPPORTED
  }

  /** What a reader knows besides the record. The id of the cluster may be null. */
  record Context(boolean trusted, String cluster, boolean idHeader) {
    static final Context TRUSTED = new Context(true, null, false);
  }

  /** The operation EnvelopeDecode. */
  static Envelope answer(Value in) {
    var self = Position.of(in);
    var headers = in.get("headers").list(Header::of);
    var context =
        new Context(
            in.get("trusted").flag(),
            in.get("cluster").orNull(Value::nonEmpty),
            in.get("idHeader").flag());
    return read(self, new HeaderIndex(headers), context, new Anomalies());
  }

  static Envelope read(Position self, HeaderIndex index, Context context, Anomalies anomalies) {
    var headers = new HeaderReader(index, context.trusted, anomalies);

    var spec = headers.defined(Names.SPEC, Forms::integer);
    var wireVersion = spec == null ? null : spec.toString();
    var origin = Origin.read(headers, anomalies);
    var id = MessageId.read(headers, context, origin, self);
    var idempotencyKey = headers.defined(Names.IDEMPOTENCY_KEY, Forms::text);
    var history = headers.defined(Names.HISTORY, History::parse);
    var truncated = headers.defined(Names.TRUNCATED, Forms::tokenList);
    var parent = headers.foreign(Names.TRACEPARENT, TraceContext.Parent::parse);
    var members =
        parent == null ? null : headers.foreign(Names.TRACESTATE, TraceContext::members);

    return new Envelope(
        disposition(headers.isThere(Names.SPEC), wireVersion),
        wireVersion,
        id.text,
        id.source,
        messageType(headers, anomalies),
        headers.defined(Names.MESSAGE_VERSION, Forms::integer),
        idempotencyKey == null ? id.text : idempotencyKey,
        origin,
        headers.defined(Names.GROUP, Forms::text),
        headers.counter(Names.RETRY_COUNT, Integer.MAX_VALUE),
        headers.defined(Names.RETRY_AT, Forms::integer),
        headers.defined(Names.RETRY_POLICY, Forms::text),
        headers.defined(Names.FIRST_FAILED_AT, Forms::integer),
        headers.defined(Names.FAILED_AT, Forms::integer),
        errorKind(headers, anomalies),
        headers.defined(Names.ERROR_CLASS, Forms::text),
        headers.defined(Names.ERROR_CODE, Forms::text),
        headers.defined(Names.ERROR_MESSAGE, Forms::anyText),
        headers.defined(Names.ERROR_STACK, Forms::anyText),
        history == null ? null : history.items(),
        headers.defined(Names.DLQ_REASON, Forms::token),
        headers.defined(Names.REPLAY_ID, Forms::replayId),
        headers.counter(Names.REPLAY_COUNT, Integer.MAX_VALUE),
        headers.defined(Names.REPLAYED_AT, Forms::integer),
        headers.defined(Names.REPLAYED_FROM, Forms::position),
        headers.counter(Names.HOPS, MAX_HOPS),
        truncated == null ? List.of() : truncated,
        parent == null ? null : parent.text(),
        members == null ? null : TraceContext.state(members),
        parent == null ? headers.foreign(Names.X_TRACE_ID, Forms::messageId) : parent.traceId(),
        anomalies.list());
  }

  /** 3.3. A forged {@code sluice-spec} is not there, so that a record of a source topic is fresh. */
  private static Disposition disposition(boolean hasSpec, String wireVersion) {
    if (!hasSpec) return Disposition.FRESH;
    return WIRE_VERSION.equals(wireVersion) ? Disposition.MOVED : Disposition.UNSUPPORTED;
  }

  /** SLC-ENV-023. */
  private static String messageType(HeaderReader headers, Anomalies anomalies) {
    var ofEvent = emptyToNull(headers.foreign(Names.CE_TYPE, Forms::anyText));
    var ofSluice = headers.defined(Names.MESSAGE_TYPE, Forms::text);
    if (ofEvent == null) return ofSluice;
    if (ofSluice != null && !ofSluice.equals(ofEvent))
      anomalies.add("conflict", Names.MESSAGE_TYPE);
    return ofEvent;
  }

  /** SLC-REG-001. */
  private static String errorKind(HeaderReader headers, Anomalies anomalies) {
    var kind = headers.defined(Names.ERROR_KIND, Forms::token);
    if (kind == null || ERROR_KINDS.contains(kind)) return kind;
    anomalies.add("unknown-value", Names.ERROR_KIND);
    return "unknown";
  }

  private static String emptyToNull(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  /** SLC-ENV-011. */
  private record MessageId(String text, String source) {
    static MessageId read(HeaderReader headers, Context context, Origin origin, Position self) {
      var ofSluice = headers.defined(Names.MESSAGE_ID, Forms::messageId);
      var source = emptyToNull(headers.foreign(Names.CE_SOURCE, Forms::anyText));
      var id = emptyToNull(headers.foreign(Names.CE_ID, Forms::anyText));
      var outbox =
          context.idHeader ? emptyToNull(headers.foreign(Names.OUTBOX_ID, Forms::anyText)) : null;

      if (ofSluice != null) return new MessageId(ofSluice, "sluice");
      if (source != null && id != null) return new MessageId(source + "\n" + id, "cloudevents");
      if (outbox != null) return new MessageId(outbox, "debezium");
      if (origin == null)
        return new MessageId(
            at(context.cluster, self.topic(), self.partition(), self.offset()), "position");
      var cluster = origin.cluster() == null ? context.cluster : origin.cluster();
      return new MessageId(
          at(cluster, origin.topic(), origin.partition(), origin.offset()), "origin");
    }

    private static String at(String cluster, String topic, int partition, long offset) {
      return (cluster == null ? "" : cluster) + ":" + topic + ":" + partition + ":" + offset;
    }
  }
}
