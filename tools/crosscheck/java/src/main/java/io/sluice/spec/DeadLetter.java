package io.sluice.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** The operation DeadLetterRead: what a dead letter of whatever system says (section 11). */
record DeadLetter(List<Report> dialects, Whence origin, String payload, List<String> anomalies) {
  /** The normal form (11.1). The origin, the group, the count and the reason may be null. */
  record Report(
      String dialect,
      Whence origin,
      int hops,
      String group,
      Integer retryCount,
      String reason,
      Failure error) {}

  /** Where a record came from. What is not told is null. */
  record Whence(
      String topic, Integer partition, @Decimal Long offset, @Decimal Long timestamp) {
    boolean isComplete() {
      return topic != null && partition != null && offset != null;
    }
  }

  /** What is not told is null. */
  record Failure(
      String kind,
      @JsonProperty("class") String type,
      String code,
      String message,
      String stack,
      String stage,
      String causeClass,
      String causeMessage) {
    static final Failure UNTOLD = new Failure(null, null, null, null, null, null, null, null);
  }

  static DeadLetter answer(Value in) {
    var self = Position.of(in);
    var itself =
        new Whence(
            self.topic(), self.partition(), self.offset(), in.get("timestamp").timestamp());
    var headers = new HeaderIndex(in.get("headers").list(Header::of));
    var valueNull = in.get("valueNull").flag();
    var springNames = in.get("springNames").map(Value::nonEmpty);

    var anomalies = new Anomalies();
    var dialects = new Dialects(headers, self, springNames, anomalies);
    var reports = dialects.reports();
    if (reports.isEmpty())
      reports = List.of(new Report("plain", itself, 0, null, null, null, Failure.UNTOLD));
    var origin =
        reports.stream()
            .map(Report::origin)
            .filter(from -> from != null && from.isComplete())
            .findFirst()
            .orElse(itself);
    var payload = valueNull ? dialects.payloadOfNull() : "present";
    return new DeadLetter(reports, origin, payload, anomalies.list());
  }
}
