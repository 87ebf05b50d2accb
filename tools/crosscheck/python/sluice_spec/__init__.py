"""A reader of the Sluice specification, written from its text (packages/spec/text) alone."""

SPEC_VERSION = "1.0.0"
