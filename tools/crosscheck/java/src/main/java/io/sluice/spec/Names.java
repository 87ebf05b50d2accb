package io.sluice.spec;

import java.util.List;
import java.util.Set;

/** Names of headers: those of Appendix A, and the foreign ones that are interpreted. */
final class Names {
  static final String SPEC = "sluice-spec";
  static final String MESSAGE_ID = "sluice-message-id";
  static final String MESSAGE_TYPE = "sluice-message-type";
  static final String MESSAGE_VERSION = "sluice-message-version";
  static final String IDEMPOTENCY_KEY = "sluice-idempotency-key";
  static final String GROUP = "sluice-group";
  static final String RETRY_COUNT = "sluice-retry-count";
  static final String RETRY_AT = "sluice-retry-at";
  static final String RETRY_POLICY = "sluice-retry-policy";
  static final String ORIGIN_TOPIC = "sluice-origin-topic";
  static final String ORIGIN_PARTITION = "sluice-origin-partition";
  static final String ORIGIN_OFFSET = "sluice-origin-offset";
  static final String ORIGIN_TIMESTAMP = "sluice-origin-timestamp";
  static final String ORIGIN_CLUSTER = "sluice-origin-cluster";
  static final String ORIGIN_PARTITION_COUNT = "sluice-origin-partition-count";
  static final String ORIGIN_LEADER_EPOCH = "sluice-origin-leader-epoch";
  static final String FIRST_FAILED_AT = "sluice-first-failed-at";
  static final String FAILED_AT = "sluice-failed-at";
  static final String ERROR_KIND = "sluice-error-kind";
  static final String ERROR_CLASS = "sluice-error-class";
  static final String ERROR_CODE = "sluice-error-code";
  static final String ERROR_MESSAGE = "sluice-error-message";
  static final String ERROR_STACK = "sluice-error-stack";
  static final String HISTORY = "sluice-history";
  static final String DLQ_REASON = "sluice-dlq-reason";
  static final String REPLAY_ID = "sluice-replay-id";
  static final String REPLAY_COUNT = "sluice-replay-count";
  static final String REPLAYED_AT = "sluice-replayed-at";
  static final String REPLAYED_FROM = "sluice-replayed-from";
  static final String HOPS = "sluice-hops";
  static final String TRUNCATED = "sluice-truncated";

  static final String TRACEPARENT = "traceparent";
  static final String TRACESTATE = "tracestate";
  static final String X_TRACE_ID = "X-Trace-ID";
  static final String CE_ID = "ce_id";
  static final String CE_SOURCE = "ce_source";
  static final String CE_TYPE = "ce_type";
  static final String OUTBOX_ID = "id";

  static final String SLUICE = "sluice-";
  static final String ORIGIN = "sluice-origin-";

  private static final List<String> RESERVED_PREFIXES =
      List.of(ORIGIN, "sluice-retry-", "sluice-replay", "sluice-error-");

  private static final Set<String> RESERVED =
      Set.of(SPEC, GROUP, FIRST_FAILED_AT, FAILED_AT, HISTORY, DLQ_REASON, HOPS, TRUNCATED);

  private Names() {}

  /** Whether only movers may write it (SLC-SEC-001). */
  static boolean isReserved(String name) {
    return RESERVED.contains(name) || RESERVED_PREFIXES.stream().anyMatch(name::startsWith);
  }

  static boolean isForeign(String name) {
    return !name.startsWith(SLUICE);
  }
}
