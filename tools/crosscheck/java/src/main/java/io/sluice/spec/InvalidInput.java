package io.sluice.spec;

/** An input that has not the form of its operation (Appendix D). */
final class InvalidInput extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidInput(String message) {
    super(message, null, false, false);
  }
}
