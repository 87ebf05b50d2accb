package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

type retryPolicyCheckInput struct {
	Policy Policy `json:"policy"`
}

type retryPolicyCheckAnswer struct {
	Accepted bool `json:"accepted"`
}

func retryPolicyCheck(in retryPolicyCheckInput) (retryPolicyCheckAnswer, error) {
	return retryPolicyCheckAnswer{in.Policy.Backoff.accepted()}, nil
}

type backoffInput struct {
	Policy          Policy `json:"policy"`
	Attempt         int64  `json:"attempt"`
	PreviousDelayMs *int64 `json:"previousDelayMs"`
	Random          int64  `json:"random"`
}

type backoffAnswer struct {
	DelayMs int64 `json:"delayMs"`
}

func backoffDelay(in backoffInput) (backoffAnswer, error) {
	if err := in.check(); err != nil {
		return backoffAnswer{}, err
	}
	return backoffAnswer{in.Policy.Backoff.delay(in.Attempt, in.PreviousDelayMs, uint64(in.Random))}, nil
}

func (in backoffInput) check() error {
	if !in.Policy.Backoff.accepted() {
		return errors.New("input.policy is one to be refused")
	}
	return errors.Join(
		within("attempt", in.Attempt, 1, maxInt32),
		within("random", in.Random, 0, math.MaxUint32))
}

type retryDecisionInput struct {
	Policy           Policy  `json:"policy"`
	Attempt          int64   `json:"attempt"`
	Kind             string  `json:"kind"`
	FirstFailedAt    Decimal `json:"firstFailedAt"`
	Now              Decimal `json:"now"`
	PreviousDelayMs  *int64  `json:"previousDelayMs"`
	Random           int64   `json:"random"`
	RequestedDelayMs *int64  `json:"requestedDelayMs"`
}

type retryDecisionAnswer struct {
	RetryInMs *int64 `json:"retryInMs,omitempty"`
	GiveUp    string `json:"giveUp,omitempty"`
}

var nonRetryable = []string{"permanent", "deserialization", "validation", "poison"}

// retryDecision takes the first reason of SLC-RTY-018 that holds.
func retryDecision(in retryDecisionInput) (retryDecisionAnswer, error) {
	if err := (backoffInput{in.Policy, in.Attempt, in.PreviousDelayMs, in.Random}).check(); err != nil {
		return retryDecisionAnswer{}, err
	}
	if slices.Contains(nonRetryable, in.Kind) {
		return retryDecisionAnswer{GiveUp: "non-retryable"}, nil
	}
	if most := in.Policy.MaxAttempts; most != unlimited && in.Attempt >= int64(most) {
		return retryDecisionAnswer{GiveUp: "retries-exhausted"}, nil
	}
	delay := in.Policy.Backoff.delay(in.Attempt, in.PreviousDelayMs, uint64(in.Random))
	if in.RequestedDelayMs != nil {
		delay = min(max(*in.RequestedDelayMs, 0), maxInt32) // SLC-RTY-017
	}
	if most := in.Policy.MaxElapsedMs; most != nil && int64(in.Now)+delay > int64(in.FirstFailedAt)+int64(*most) {
		return retryDecisionAnswer{GiveUp: "expired"}, nil
	}
	return retryDecisionAnswer{RetryInMs: &delay}, nil
}

// Policy is a retry policy by schemas/v1/retry-policy.schema.json.
type Policy struct {
	MaxAttempts  attempts   `json:"maxAttempts"`
	MaxElapsedMs *elapsedMs `json:"maxElapsedMs,optional"`
	Backoff      backoff    `json:"backoff"`
}

type attempts int64

const unlimited attempts = 0

func (a *attempts) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"unlimited"` {
		*a = unlimited
		return nil
	}
	if err := json.Unmarshal(raw, (*int64)(a)); err != nil {
		return err
	}
	return within("policy.maxAttempts", int64(*a), 1, maxInt32)
}

type elapsedMs int64

func (e *elapsedMs) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*int64)(e)); err != nil {
		return err
	}
	return within("policy.maxElapsedMs", int64(*e), 0, maxSafe)
}

// backoff is any of the three types; DelayMs is of fixed only, Factor of exponential only.
type backoff struct {
	Type                              string
	DelayMs, InitialMs, StepMs, MaxMs int64
	Factor                            *factor
	Jitter                            string
}

type factor struct {
	Numerator   int64 `json:"numerator"`
	Denominator int64 `json:"denominator"`
}

// UnmarshalJSON refuses what the schema refuses, but for the jitter, which is for SLC-RTY-015 to refuse.
func (b *backoff) UnmarshalJSON(raw []byte) error {
	typed := struct{ Type *string }{&b.Type}
	err := json.Unmarshal(raw, &typed)
	switch b.Type {
	case "fixed":
		var in struct {
			Type    string `json:"type"`
			DelayMs int64  `json:"delayMs"`
			Jitter  string `json:"jitter,optional"`
		}
		err = decode(raw, &in)
		b.DelayMs, b.Jitter = in.DelayMs, in.Jitter
	case "linear":
		var in struct {
			Type      string `json:"type"`
			InitialMs int64  `json:"initialMs"`
			StepMs    int64  `json:"stepMs"`
			MaxMs     int64  `json:"maxMs"`
			Jitter    string `json:"jitter,optional"`
		}
		err = decode(raw, &in)
		b.InitialMs, b.StepMs, b.MaxMs, b.Jitter = in.InitialMs, in.StepMs, in.MaxMs, in.Jitter
	case "exponential":
		var in struct {
			Type      string  `json:"type"`
			InitialMs int64   `json:"initialMs"`
			MaxMs     int64   `json:"maxMs"`
			Factor    *factor `json:"factor,optional"`
			Jitter    string  `json:"jitter,optional"`
		}
		err = decode(raw, &in)
		b.InitialMs, b.MaxMs, b.Factor, b.Jitter = in.InitialMs, in.MaxMs, in.Factor, in.Jitter
	default:
		err = errors.Join(err, fmt.Errorf("type %q is not known", b.Type))
	}
	if err != nil {
		return err
	}
	return b.check()
}

func (b *backoff) check() error {
	if !slices.Contains([]string{"", "none", "full", "equal", "decorrelated"}, b.Jitter) {
		return fmt.Errorf("jitter %q is not known", b.Jitter)
	}
	leastInitial := int64(0)
	if b.Type == "exponential" {
		leastInitial = 1
	}
	f := b.factor()
	return errors.Join(
		within("policy.backoff.delayMs", b.DelayMs, 0, maxInt32),
		within("policy.backoff.initialMs", b.InitialMs, leastInitial, maxInt32),
		within("policy.backoff.stepMs", b.StepMs, 0, maxInt32),
		within("policy.backoff.maxMs", b.MaxMs, 0, maxInt32),
		within("policy.backoff.factor.numerator", f.Numerator, 1, 1000),
		within("policy.backoff.factor.denominator", f.Denominator, 1, 1000))
}

func (b *backoff) factor() factor {
	switch {
	case b.Factor != nil:
		return *b.Factor
	case b.Jitter == "decorrelated":
		return factor{Numerator: 3, Denominator: 1}
	default:
		return factor{Numerator: 2, Denominator: 1}
	}
}

// times multiplies and rounds down (SLC-RTY-010).
func (f factor) times(v int64) int64 { return v * f.Numerator / f.Denominator }

func (b *backoff) accepted() bool {
	f := b.factor()
	exponential := b.Type == "exponential"
	switch {
	case b.Jitter == "decorrelated" && !exponential: // SLC-RTY-015
		return false
	case b.MaxMs < b.InitialMs: // SLC-RTY-019
		return false
	case exponential && f.Numerator < f.Denominator: // SLC-RTY-019
		return false
	case exponential && f.Numerator > f.Denominator && f.times(b.InitialMs) == b.InitialMs: // SLC-RTY-016
		return false
	}
	return true
}

// delay is that of 4.2 after attempt n, with u its random number.
func (b *backoff) delay(n int64, previous *int64, u uint64) int64 {
	scaled := func(v int64) int64 { return int64(uint64(v) * u >> 32) }
	if b.Jitter == "decorrelated" { // SLC-RTY-014
		p := b.InitialMs
		if previous != nil {
			p = min(max(*previous, b.InitialMs), b.MaxMs)
		}
		upper := min(b.MaxMs, b.factor().times(p))
		return b.InitialMs + scaled(upper-b.InitialMs)
	}
	base := b.base(n)
	switch b.Jitter { // SLC-RTY-013
	case "full":
		return scaled(base)
	case "equal":
		return base/2 + scaled(base-base/2)
	default:
		return base
	}
}

func (b *backoff) base(n int64) int64 {
	switch b.Type {
	case "fixed": // SLC-RTY-011
		return b.DelayMs
	case "linear": // SLC-RTY-011
		return min(b.MaxMs, b.InitialMs+(n-1)*b.StepMs)
	}
	// SLC-RTY-012. A factor of 1 would never reach the maximum.
	f, delay := b.factor(), b.InitialMs
	for i := int64(1); i < n && delay < b.MaxMs && f.Numerator > f.Denominator; i++ {
		delay = f.times(delay)
	}
	return min(b.MaxMs, delay)
}
