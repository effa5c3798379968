package idv

import (
	"context"
	"errors"
	"time"
)

// Failure classifies why there is no answer. Programs act on it, never on the text of
// an error. The zero value is [FailureUnknown].
type Failure uint8

// The failures. docs/errors.md is printed from their [Failure.Help].
const (
	FailureUnknown Failure = iota
	InvalidInput           // a local rule or the vendor rejected a claim
	Denied                 // policy or consent does not allow the verification
	SubjectLimited         // too many verifications of this person
	Throttled              // a rate limit is reached
	QuotaExhausted         // the prepaid package is used up or expired
	BadCredentials         // the vendor rejected our credentials
	Maintenance            // the vendor reports maintenance
	Unavailable            // the vendor or its source is unreachable or faulty
	Timeout                // no complete response within the time allowed
	Garbled                // the response is not reliable
	Unsupported            // the vendor does not support the check or the document
	Canceled               // the caller canceled
	Internal               // a fault of heyan or an adapter
	PartialMatch           // the source compared the claims, but they agree in part only, or were not all compared
	failureCount
)

var failureWords = []string{
	"unknown", "invalid_input", "denied", "subject_limited", "throttled", "quota_exhausted", "credentials",
	"maintenance", "unavailable", "timeout", "garbled", "unsupported", "canceled", "internal", "partial_match",
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

// UnmarshalText sets the failure of a name, or returns an error for an unknown name.
func (f *Failure) UnmarshalText(b []byte) error { return parse("failure", failureWords, b, f) }

// Error is a failure and its details. It wraps no other error: the text of a network
// error contains the URL, and with it the person's name and number.
//
// No field may contain a URL, a body, a claim or a secret.
type Error struct {
	Failure  Failure
	Provider string        // the provider's configured name; set once, by the host
	Origin   Origin        // which component reported it
	Delivery Delivery      // how far the call got
	Charge   Charge        // whether the vendor charged for it
	Code     string        // the vendor's or gateway's code, or the name of the local rule
	Field    Field         // the invalid field, for InvalidInput; NoField if it is not known
	Phase    string        // where the call failed: encode, dns, connect, tls, write, first_byte, body, decode, echo
	Ref      string        // the gateway's or vendor's reference of the call, for their support
	Account  bool          // the cause concerns the account, so it stops all products that are bought with it
	Retry    time.Duration // how long to wait before a retry; 0 if unknown
	Fields   Fields        // which claims agree with the register, for PartialMatch and FailureUnknown; the call then counts as answered
	Detail   string        // a constant sentence for people

	// HostSide says that the cause is on this side: the adapter's process was away, or the
	// caller's deadline left the vendor too little time. It does not count against the vendor.
	HostSide bool
}

// Error returns "provider: failure (code) in field at phase: detail" without the parts
// that are not known.
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

// Is reports whether target is an *Error of the same failure and, if target has a code,
// of the same code: errors.Is(err, &idv.Error{Failure: idv.Maintenance}).
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Failure == e.Failure && (other.Code == "" || other.Code == e.Code)
}

// FailureOf returns the class of an error: that of the *Error or the *Rejection in its
// chain, Canceled or Timeout for the errors of package context, else FailureUnknown. A nil error has no
// class and returns FailureUnknown too.
func FailureOf(err error) Failure {
	if err == nil {
		return FailureUnknown // without an allocation
	}
	var e *Error
	var r *Rejection
	switch {
	case errors.As(err, &e):
		return e.Failure
	case errors.As(err, &r):
		return r.Reason.Failure()
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	}
	return FailureUnknown
}

// AsError returns the *Error in err's chain, or a new one with err's class. The new one
// drops err's text, which may contain personal data.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Failure: FailureOf(err), Origin: OriginEngine}
}

// Field names a field of a request.
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

// FieldOf returns the field of a request that contains a claim.
func FieldOf(c Claim) Field { return FieldName + Field(c) }
