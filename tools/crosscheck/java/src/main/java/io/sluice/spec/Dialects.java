package io.sluice.spec;

import static io.sluice.spec.Dialects.Occurrence.FIRST;
import static io.sluice.spec.Dialects.Occurrence.LAST;

import io.sluice.spec.DeadLetter.Failure;
import io.sluice.spec.DeadLetter.Report;
import io.sluice.spec.DeadLetter.Whence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** How each system writes its dead letters (11.2): a method each, by its table. */
final class Dialects {
  enum Occurrence {
    FIRST,
    LAST
  }

  private final HeaderIndex headers;
  private final Map<String, String> springNames;
  private final Anomalies anomalies;

  /** Null unless the record has {@code sluice-spec}. */
  private final Envelope envelope;

  Dialects(
      HeaderIndex headers, Position self, Map<String, String> springNames, Anomalies anomalies) {
    this.headers = headers;
    this.springNames = springNames;
    this.anomalies = anomalies;
    envelope =
        headers.has(Names.SPEC)
            ? Envelope.read(self, headers, Envelope.Context.TRUSTED, anomalies)
            : null;
  }

  /** All that are detected, in the order of the table (SLC-INT-002). */
  List<Report> reports() {
    return Stream.of(
            sluice(), kip1191(), connect(), streams(), spring(), scs(), smallrye(), karafka())
        .filter(Objects::nonNull)
        .toList();
  }

  /** The payload of a record whose value is null (11.1). */
  String payloadOfNull() {
    if (envelope != null && envelope.truncated().contains("value")) return "dropped";
    return headers.has("__dlq.errors.topic") ? "unknown" : "null";
  }

  /** SLC-INT-007. */
  private Report sluice() {
    if (envelope == null) return null;
    var from = envelope.origin();
    return new Report(
        "sluice",
        from == null ? null : new Whence(from.topic(), from.partition(), from.offset(), from.timestamp()),
        headers.count(Names.ORIGIN_TOPIC),
        envelope.group(),
        envelope.retryCount(),
        envelope.dlqReason(),
        new Failure(
            envelope.errorKind() == null ? "unknown" : envelope.errorKind(),
            envelope.errorClass(),
            envelope.errorCode(),
            envelope.errorMessage(),
            envelope.errorStack(),
            null,
            null,
            null));
  }

  /** SLC-INT-008. */
  private Report kip1191() {
    if (!headers.has("__dlq.errors.topic")) return null;
    return new Report(
        "kip1191",
        whence(
            read(LAST, "__dlq.errors.topic", text(Forms::text)),
            read(LAST, "__dlq.errors.partition", text(Forms::partition)),
            read(LAST, "__dlq.errors.offset", text(Forms::integer)),
            null),
        headers.count("__dlq.errors.topic"),
        read(LAST, "__dlq.errors.group", text(Forms::text)),
        read(LAST, "__dlq.errors.delivery.count", lessOne(text(Forms::int32))),
        null,
        new Failure(
            null,
            null,
            null,
            read(LAST, "__dlq.errors.message", text(Forms::anyText)),
            null,
            null,
            null,
            null));
  }

  /** SLC-INT-009. */
  private Report connect() {
    if (!headers.has("__connect.errors.topic") && !headers.has("__connect.errors.stage"))
      return null;
    return new Report(
        "connect",
        whence(
            read(FIRST, "__connect.errors.topic", text(Forms::text)),
            read(FIRST, "__connect.errors.partition", text(Forms::partition)),
            read(FIRST, "__connect.errors.offset", text(Forms::integer)),
            null),
        headers.count("__connect.errors.topic"),
        null,
        null,
        null,
        new Failure(
            null,
            read(LAST, "__connect.errors.exception.class.name", text(Forms::text)),
            null,
            read(LAST, "__connect.errors.exception.message", text(Forms::anyText)),
            read(LAST, "__connect.errors.exception.stacktrace", text(Forms::anyText)),
            read(LAST, "__connect.errors.stage", text(Forms::text)),
            null,
            null));
  }

  /** SLC-INT-010. */
  private Report streams() {
    if (!headers.has("__streams.errors.topic")) return null;
    return new Report(
        "streams",
        whence(
            read(FIRST, "__streams.errors.topic", text(Forms::text)),
            read(FIRST, "__streams.errors.partition", text(Forms::partition)),
            read(FIRST, "__streams.errors.offset", text(Forms::integer)),
            null),
        headers.count("__streams.errors.topic"),
        null,
        null,
        null,
        new Failure(
            null,
            read(LAST, "__streams.errors.exception", text(Forms::text)),
            null,
            read(LAST, "__streams.errors.message", text(Forms::anyText)),
            read(LAST, "__streams.errors.stacktrace", text(Forms::anyText)),
            null,
            null,
            null));
  }

  /** SLC-INT-011. */
  private Report spring() {
    var topic = springName("original-topic");
    if (!headers.has(topic)) return null;
    return new Report(
        "spring",
        whence(
            read(FIRST, topic, text(Forms::text)),
            read(FIRST, springName("original-partition"), Dialects::int32Partition),
            read(FIRST, springName("original-offset"), Dialects::int64),
            read(FIRST, springName("original-timestamp"), Dialects::int64)),
        headers.count(topic),
        read(LAST, springName("original-consumer-group"), text(Forms::text)),
        read(LAST, inUse("retry_topic-attempts"), lessOne(Dialects::int32OrByte)),
        null,
        new Failure(
            null,
            read(LAST, springName("exception-fqcn"), text(Forms::text)),
            null,
            read(LAST, springName("exception-message"), text(Forms::anyText)),
            read(LAST, springName("exception-stacktrace"), text(Forms::anyText)),
            null,
            read(LAST, springName("exception-cause-fqcn"), text(Forms::text)),
            null));
  }

  /** The older name stands in when the newer one does not occur, unless users have renamed it. */
  private String springName(String end) {
    var newer = "kafka_dlt-" + end;
    var older = "kafka_" + end;
    var standsIn = !springNames.containsKey(newer) && !headers.has(newer) && headers.has(older);
    return standsIn ? older : inUse(newer);
  }

  /** The name that Spring's users have given a header, in the form of {@link Header#name}. */
  private String inUse(String name) {
    var renamed = springNames.getOrDefault(name, name);
    return new String(Text.utf8(renamed), StandardCharsets.ISO_8859_1);
  }

  /** SLC-INT-012. */
  private Report scs() {
    if (!headers.has("x-original-topic")) return null;
    return new Report(
        "scs",
        whence(
            read(FIRST, "x-original-topic", text(Forms::text)),
            read(
                FIRST,
                "x-original-partition",
                binary(4, Dialects::int32Partition, text(Forms::partition))),
            read(FIRST, "x-original-offset", binary(8, Dialects::int64, text(Forms::integer))),
            read(FIRST, "x-original-timestamp", binary(8, Dialects::int64, text(Forms::integer)))),
        headers.count("x-original-topic"),
        null,
        null,
        null,
        new Failure(
            null,
            read(LAST, "x-exception-fqcn", text(Forms::text)),
            null,
            read(LAST, "x-exception-message", text(Forms::anyText)),
            read(LAST, "x-exception-stacktrace", text(Forms::anyText)),
            null,
            null,
            null));
  }

  /** SLC-INT-013. */
  private Report smallrye() {
    var prefix = headers.has("dead-letter-topic") ? "dead-letter-" : "delayed-retry-";
    if (!headers.has(prefix + "topic")) return null;
    return new Report(
        "smallrye",
        whence(
            read(LAST, prefix + "topic", text(Forms::text)),
            read(LAST, prefix + "partition", text(Forms::partition)),
            read(LAST, prefix + "offset", text(Forms::integer)),
            null),
        headers.count(prefix + "topic"),
        null,
        read(FIRST, "delayed-retry-count", text(Forms::int32)),
        null,
        new Failure(
            null,
            read(FIRST, prefix + "exception-class-name", text(Forms::text)),
            null,
            read(FIRST, prefix + "reason", text(Forms::anyText)),
            null,
            null,
            read(FIRST, prefix + "cause-class-name", text(Forms::text)),
            read(FIRST, prefix + "cause", text(Forms::anyText))));
  }

  /** SLC-INT-014. */
  private Report karafka() {
    if (!headers.has("source_topic") || !headers.has("source_offset")) return null;
    return new Report(
        "karafka",
        whence(
            read(LAST, "source_topic", text(Forms::text)),
            read(LAST, "source_partition", text(Forms::partition)),
            read(LAST, "source_offset", text(Forms::integer)),
            null),
        headers.count("source_topic"),
        read(LAST, "source_consumer_group", text(Forms::text)),
        read(LAST, "source_attempts", lessOne(text(Forms::int32))),
        null,
        Failure.UNTOLD);
  }

  /** Null when the header is absent, or malformed, which is an anomaly (SLC-INT-005). */
  private <T> T read(Occurrence which, String name, Function<byte[], T> form) {
    var bytes = which == FIRST ? headers.first(name) : headers.last(name);
    if (bytes == null) return null;
    var value = form.apply(bytes);
    if (value == null) anomalies.add("malformed", name);
    return value;
  }

  private static Whence whence(String topic, Integer partition, Long offset, Long timestamp) {
    return topic == null ? null : new Whence(topic, partition, offset, timestamp);
  }

  private static <T> Function<byte[], T> text(Function<String, T> form) {
    return bytes -> {
      var text = Text.decode(bytes);
      return text == null ? null : form.apply(text);
    };
  }

  private static <T> Function<byte[], T> binary(
      int length, Function<byte[], T> form, Function<byte[], T> otherwise) {
    return bytes -> (bytes.length == length ? form : otherwise).apply(bytes);
  }

  /** Of a count of attempts, which is at least 1, the retries. */
  private static Function<byte[], Integer> lessOne(Function<byte[], Integer> form) {
    return bytes -> {
      var count = form.apply(bytes);
      return count == null || count < 1 ? null : count - 1;
    };
  }

  private static Integer int32(byte[] bytes) {
    return bytes.length == Integer.BYTES ? ByteBuffer.wrap(bytes).getInt() : null;
  }

  private static Integer int32OrByte(byte[] bytes) {
    return bytes.length == 1 ? Integer.valueOf(Byte.toUnsignedInt(bytes[0])) : int32(bytes);
  }

  private static Integer int32Partition(byte[] bytes) {
    var number = int32(bytes);
    return number == null || number < 0 || number > Forms.MAX_PARTITION ? null : number;
  }

  /** An offset or a time. */
  private static Long int64(byte[] bytes) {
    if (bytes.length != Long.BYTES) return null;
    var number = ByteBuffer.wrap(bytes).getLong();
    return number < 0 || number > Forms.MAX_INTEGER ? null : number;
  }
}
