package io.sluice.spec;

import java.util.Set;

/** Whether and when a failed record is tried again (section 4). What is null has no bound. */
record RetryPolicy(Integer maxAttempts, Long maxElapsedMs, Backoff backoff) {
  private static final Set<String> NOT_RETRIED =
      Set.of("permanent", "deserialization", "validation", "poison");

  static RetryPolicy of(Value in) {
    return new RetryPolicy(
        in.get("maxAttempts").orUnlimited(attempts -> attempts.integer(1)),
        in.has("maxElapsedMs") ? in.get("maxElapsedMs").integer(0, Forms.MAX_INTEGER) : null,
        Backoff.of(in.get("backoff")));
  }

  /** The operation RetryPolicyCheck. */
  record Check(boolean accepted) {
    static Check answer(Value in) {
      return new Check(RetryPolicy.of(in.get("policy")).backoff.accepted());
    }
  }

  /** The operation BackoffDelay. */
  record Delay(long delayMs) {
    static Delay answer(Value in) {
      return new Delay(Failure.of(in).delay());
    }
  }

  /** The operation RetryDecision. */
  sealed interface Decision {
    static Decision answer(Value in) {
      var failure = Failure.of(in);
      var policy = failure.policy;
      var kind = in.get("kind").text(text -> Forms.token(text) != null, "a token");
      var firstFailedAt = in.get("firstFailedAt").decimal();
      var now = in.get("now").decimal();
      var requested =
          in.get("requestedDelayMs")
              .orNull(delay -> delay.integer(-Forms.MAX_INTEGER, Forms.MAX_INTEGER));

      if (NOT_RETRIED.contains(kind)) return new GiveUp("non-retryable");
      if (policy.maxAttempts != null && failure.attempt >= policy.maxAttempts)
        return new GiveUp("retries-exhausted");
      var delay =
          requested == null
              ? failure.delay()
              : Math.max(0, Math.min(Integer.MAX_VALUE, requested)); // SLC-RTY-017
      if (policy.maxElapsedMs != null && now + delay > firstFailedAt + policy.maxElapsedMs)
        return new GiveUp("expired");
      return new Retry(delay);
    }
  }

  record Retry(long retryInMs) implements Decision {}

  record GiveUp(String giveUp) implements Decision {}

  private record Failure(
      RetryPolicy policy, int attempt, Integer previousDelayMs, long random) {
    static Failure of(Value in) {
      var policy = RetryPolicy.of(in.get("policy"));
      if (!policy.backoff.accepted())
        throw new InvalidInput("input.policy is one that is refused (SLC-RTY-015, -016, -019)");
      return new Failure(
          policy,
          in.get("attempt").integer(1),
          in.get("previousDelayMs").orNull(delay -> delay.integer(0)),
          in.get("random").integer(0, 0xFFFFFFFFL));
    }

    long delay() {
      return policy.backoff.delay(attempt, previousDelayMs, random);
    }
  }
}
