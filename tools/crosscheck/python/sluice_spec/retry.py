"""Section 4: whether and when a failed record is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .inputs import MAX_INT32, MAX_SAFE, Fields

NON_RETRYABLE = frozenset({"permanent", "deserialization", "validation", "poison"})


@dataclass(frozen=True)
class Policy:
    max_attempts: int | None
    max_elapsed_ms: int | None
    backoff: str
    initial_ms: int
    """Of a fixed backoff its delay."""
    step_ms: int
    max_ms: int
    numerator: int
    denominator: int
    jitter: str

    @classmethod
    def read(cls, given: Fields) -> Policy:
        """By schemas/v1/retry-policy.schema.json, but for what `accepted` judges."""
        unlimited = given.raw("maxAttempts") == "unlimited"
        backoff = given.object("backoff")
        kind = backoff.choice("type", ("fixed", "linear", "exponential"))
        jitter = "none"
        if "jitter" in backoff:
            jitter = backoff.choice("jitter", ("none", "full", "equal", "decorrelated"))
        numerator, denominator = (3, 1) if jitter == "decorrelated" else (2, 1)
        if kind == "exponential" and "factor" in backoff:
            factor = backoff.object("factor")
            numerator = factor.integer("numerator", 1, 1000)
            denominator = factor.integer("denominator", 1, 1000)
        fixed = kind == "fixed"
        return cls(
            max_attempts=None if unlimited else given.integer("maxAttempts", 1, MAX_INT32),
            max_elapsed_ms=given.integer("maxElapsedMs", 0, MAX_SAFE) if "maxElapsedMs" in given else None,
            backoff=kind,
            initial_ms=backoff.integer(
                "delayMs" if fixed else "initialMs", 1 if kind == "exponential" else 0, MAX_INT32
            ),
            step_ms=backoff.integer("stepMs", 0, MAX_INT32) if kind == "linear" else 0,
            max_ms=MAX_INT32 if fixed else backoff.integer("maxMs", 0, MAX_INT32),
            numerator=numerator,
            denominator=denominator,
            jitter=jitter,
        )

    @property
    def accepted(self) -> bool:
        if self.jitter == "decorrelated" and self.backoff != "exponential":  # SLC-RTY-015
            return False
        if self.max_ms < self.initial_ms and self.backoff != "fixed":  # SLC-RTY-019
            return False
        if self.backoff != "exponential":
            return True
        if self.numerator < self.denominator:  # SLC-RTY-019
            return False
        return (
            self.numerator == self.denominator or self._grow(self.initial_ms) > self.initial_ms
        )  # SLC-RTY-016

    def delay_ms(self, attempt: int, previous_ms: int | None, random: int) -> int:
        """The delay after `attempt` failed; `previous_ms` is the one before it, None when it was the first."""
        base = self._base_ms(attempt)
        match self.jitter:
            case "full":
                return _spread(base, random)
            case "equal":
                return base // 2 + _spread(base - base // 2, random)
            case "decorrelated":  # SLC-RTY-014
                previous = self.initial_ms if previous_ms is None else previous_ms
                upper = min(self.max_ms, self._grow(min(max(previous, self.initial_ms), self.max_ms)))
                return self.initial_ms + _spread(upper - self.initial_ms, random)
            case _:
                return base

    def _base_ms(self, attempt: int) -> int:
        if self.backoff == "fixed":
            return self.initial_ms
        if self.backoff == "linear":
            return min(self.max_ms, self.initial_ms + (attempt - 1) * self.step_ms)
        base = self.initial_ms
        if self.numerator > self.denominator:  # else it never reaches maxMs
            for _ in range(attempt - 1):
                if base >= self.max_ms:
                    break
                base = self._grow(base)
        return min(self.max_ms, base)

    def _grow(self, delay_ms: int) -> int:
        return delay_ms * self.numerator // self.denominator


def retry_policy_check(given: Fields) -> dict[str, Any]:
    """The operation RetryPolicyCheck."""
    return {"accepted": Policy.read(given.object("policy")).accepted}


def backoff_delay(given: Fields) -> dict[str, Any]:
    """The operation BackoffDelay."""
    return {"delayMs": _computed_delay(given, _accepted_policy(given))}


def retry_decision(given: Fields) -> dict[str, Any]:
    """The operation RetryDecision."""
    policy = _accepted_policy(given)
    attempt = given.integer("attempt", 1, MAX_INT32)
    first_failed_at, now = given.decimal("firstFailedAt"), given.decimal("now")
    requested = given.nullable(Fields.integer, "requestedDelayMs", -MAX_SAFE, MAX_SAFE)
    computed = _computed_delay(given, policy)
    delay = computed if requested is None else min(max(requested, 0), MAX_INT32)  # SLC-RTY-017
    # SLC-RTY-018: the first reason that holds.
    if given.text("kind") in NON_RETRYABLE:
        return {"giveUp": "non-retryable"}
    if policy.max_attempts is not None and attempt >= policy.max_attempts:
        return {"giveUp": "retries-exhausted"}
    if policy.max_elapsed_ms is not None and now + delay > first_failed_at + policy.max_elapsed_ms:
        return {"giveUp": "expired"}
    return {"retryInMs": delay}


def _accepted_policy(given: Fields) -> Policy:
    policy = Policy.read(given.object("policy"))
    if not policy.accepted:
        raise given.fail("policy", "is refused by section 4")
    return policy


def _computed_delay(given: Fields, policy: Policy) -> int:
    return policy.delay_ms(
        given.integer("attempt", 1, MAX_INT32),
        given.nullable(Fields.integer, "previousDelayMs", 0, MAX_INT32),
        given.integer("random", 0, 2**32 - 1),
    )


def _spread(value: int, random: int) -> int:
    """`s` of 4.2."""
    return value * random >> 32
