package io.sluice.spec;

import java.util.Map;
import java.util.function.Function;

/** When a failed record is tried again (4.2). All times are integers of milliseconds. */
sealed interface Backoff {
  Jitter jitter();

  /** The delay after attempt {@code n}, before jitter (SLC-RTY-011, -012). */
  long base(int n);

  boolean accepted();

  static Backoff of(Value in) {
    return in.get("type")
        .oneOf(
            Map.<String, Function<Value, Backoff>>of(
                "fixed", Fixed::of, "linear", Linear::of, "exponential", Exponential::of))
        .apply(in);
  }

  /** SLC-RTY-013. */
  default long delay(int attempt, Integer previousDelayMs, long random) {
    var base = base(attempt);
    return switch (jitter()) {
      case NONE -> base;
      case FULL -> Jitter.share(base, random);
      case EQUAL -> base / 2 + Jitter.share(base - base / 2, random);
      case DECORRELATED ->
          throw new IllegalStateException("only an exponential backoff is decorrelated");
    };
  }

  record Fixed(long delayMs, Jitter jitter) implements Backoff {
    static Fixed of(Value in) {
      return new Fixed(in.get("delayMs").integer(0), Jitter.of(in));
    }

    @Override
    public long base(int n) {
      return delayMs;
    }

    @Override
    public boolean accepted() {
      return jitter != Jitter.DECORRELATED;
    }
  }

  record Linear(long initialMs, long stepMs, long maxMs, Jitter jitter) implements Backoff {
    static Linear of(Value in) {
      return new Linear(
          in.get("initialMs").integer(0),
          in.get("stepMs").integer(0),
          in.get("maxMs").integer(0),
          Jitter.of(in));
    }

    /** Both factors have 31 bits, so that their product fits. */
    @Override
    public long base(int n) {
      return Math.min(maxMs, initialMs + (n - 1) * stepMs);
    }

    @Override
    public boolean accepted() {
      return jitter != Jitter.DECORRELATED && maxMs >= initialMs;
    }
  }

  record Exponential(long initialMs, long maxMs, Factor factor, Jitter jitter) implements Backoff {
    static Exponential of(Value in) {
      var jitter = Jitter.of(in);
      return new Exponential(
          in.get("initialMs").integer(1),
          in.get("maxMs").integer(0),
          in.has("factor") ? Factor.of(in.get("factor")) : Factor.byDefault(jitter),
          jitter);
    }

    /** Grows by at least 1 each time, since the policy was accepted; with the factor 1 it never does. */
    @Override
    public long base(int n) {
      var base = initialMs;
      for (var i = 1; i < n && base < maxMs && !factor.isOne(); i++) base = factor.times(base);
      return Math.min(maxMs, base);
    }

    /** SLC-RTY-014. */
    @Override
    public long delay(int attempt, Integer previousDelayMs, long random) {
      if (jitter != Jitter.DECORRELATED) return Backoff.super.delay(attempt, previousDelayMs, random);
      var previous =
          previousDelayMs == null
              ? initialMs
              : Math.max(initialMs, Math.min(maxMs, previousDelayMs));
      var upper = Math.min(maxMs, factor.times(previous));
      return initialMs + Jitter.share(upper - initialMs, random);
    }

    @Override
    public boolean accepted() {
      var grows = factor.isOne() || factor.times(initialMs) > initialMs;
      return maxMs >= initialMs && factor.numerator >= factor.denominator && grows;
    }
  }

  record Factor(long numerator, long denominator) {
    static Factor of(Value in) {
      return new Factor(
          in.get("numerator").integer(1, 1000), in.get("denominator").integer(1, 1000));
    }

    static Factor byDefault(Jitter jitter) {
      return new Factor(jitter == Jitter.DECORRELATED ? 3 : 2, 1);
    }

    boolean isOne() {
      return numerator == denominator;
    }

    long times(long value) {
      return value * numerator / denominator;
    }
  }
}
