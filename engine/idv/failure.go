package idv

import (
	"context"
	"errors"
	"time"
)

// Failure is the class of why there is no answer. Programs act on it, never on
// the text of an error. The zero value is [FailureUnknown].
type Failure uint8

// The failures. docs/errors.md is printed from their [Failure.Help].
const (
	FailureUnknown Failure = iota
	InvalidInput           // the claims cannot be right, or a vendor says so
	Denied                 // policy or consent forbids the question
	SubjectLimited         // this person was asked about too often
	Throttled              // we ask too fast
	QuotaExhausted         // the prepaid package is used up or has expired
	BadCredentials         // our key at the vendor is wrong, expired or not authorised
	Maintenance            // the vendor says it is in maintenance
	Unavailable            // the vendor or its source cannot be reached or is broken
	Timeout                // no complete answer within the time allowed
	Garbled                // an answer that cannot be relied on
	Unsupported            // the vendor cannot answer this question
	Canceled               // the caller gave up
	Internal               // a fault of heyan's own
	failureCount
)

var failureWords = []string{
	"unknown", "invalid_input", "denied", "subject_limited", "throttled", "quota_exhausted", "credentials",
	"maintenance", "unavailable", "timeout", "garbled", "unsupported", "canceled", "internal",
}

// Failures lists every failure.
func Failures() []Failure {
	list := make([]Failure, failureCount)
	for i := range list {
		list[i] = Failure(i)
	}
	return list
}

// String returns the failure's name in JSON.
func (f Failure) String() string { return word(failureWords, f) }

// Valid reports whether f is one of the constants.
func (f Failure) Valid() bool { return f < failureCount }

// MarshalText returns the failure's name.
func (f Failure) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText takes a failure's name and refuses an unlisted one.
func (f *Failure) UnmarshalText(b []byte) error { return parse("failure", failureWords, b, f) }

// Error is a failure with what is known about it. It wraps nothing: errors of
// the network print the URL they failed at, and with it the person's name and
// number, so none of them passes the edge of a provider.
//
// No field may hold a URL, a body, a claim or a secret.
type Error struct {
	Failure  Failure
	Provider string        // the provider's configured name; set once, by the host
	Origin   Origin        // who said it
	Delivery Delivery      // how far the call got
	Charge   Charge        // whether it was billed
	Code     string        // the vendor's or gateway's code, or the name of the local rule
	Field    Field         // the claim at fault, for InvalidInput; NoField if it is none in particular
	Phase    string        // where a call broke: encode, dial, tls, write, first_byte, body, decode
	Ref      string        // the gateway's or vendor's id of the call, to quote to their support
	Retry    time.Duration // when to ask again, if the other side said so; 0 if not
	Detail   string        // a constant sentence, for people
}

// PhaseGuard is the phase of a call that a guard turned away before it was made.
const PhaseGuard = "guard"

// Turned returns the error of a guard that turns a call away. Nothing was sent
// and nothing charged, so it is no attempt; the reason stands in Code.
func Turned(f Failure, why SkipReason, retry time.Duration) *Error {
	return &Error{
		Failure: f, Origin: OriginEngine, Delivery: NotSent, Charge: NotCharged,
		Phase: PhaseGuard, Code: string(why), Retry: retry,
	}
}

// TurnedAway returns why a guard turned the call away, "" if none did.
func (e *Error) TurnedAway() SkipReason {
	if e.Phase != PhaseGuard {
		return ""
	}
	return SkipReason(e.Code)
}

// Error returns "provider: failure (code) at phase: detail", each part where known.
func (e *Error) Error() string {
	text := e.Failure.String()
	if e.Provider != "" {
		text = e.Provider + ": " + text
	}
	if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	if e.Field != NoField {
		text += " in " + e.Field.String()
	}
	if e.Phase != "" {
		text += " at " + e.Phase
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Is reports whether target is the same failure, so that
// errors.Is(err, &idv.Error{Failure: idv.Maintenance}) works.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Failure == e.Failure && (other.Code == "" || other.Code == e.Code)
}

// FailureOf returns the class of an error: that of the *Error in its chain, or
// Canceled or Timeout for the errors of package context, else FailureUnknown.
// It is meant for errors; a nil error has no class and gives FailureUnknown.
func FailureOf(err error) Failure {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Failure
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return FailureUnknown
}

// AsError returns the *Error in err's chain, or a new one with err's class and
// none of its text, which may hold personal data.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Failure: FailureOf(err), Origin: OriginEngine}
}

// Field names the part of a request that is at fault.
type Field uint8

// The fields of a request.
const (
	NoField Field = iota
	FieldName
	FieldIDNumber
	FieldMobile
	FieldBankCard
	FieldCheck
	FieldTenant
	FieldApp
	FieldPurpose
	FieldConsentID
	FieldIdempotencyKey
)

var fieldWords = []string{
	"", "name", "id_number", "mobile", "bank_card", "check", "tenant", "app", "purpose", "consent_id", "idempotency_key",
}

// String returns the field's name in JSON, "" for none.
func (f Field) String() string { return word(fieldWords, f) }

// Valid reports whether f is one of the constants.
func (f Field) Valid() bool { return int(f) < len(fieldWords) }

// FieldOf returns the field of a request that holds a claim.
func FieldOf(c Claim) Field { return FieldName + Field(c) }
