package idv

import (
	"errors"
	"time"
)

// Rejection says that a call was not admitted: by a guard of the provider, or because its
// prepaid package is used up. Nothing was sent and nothing charged, so it is not an
// attempt, and the next provider may be called. It is an error of its own type, since an
// adapter must not be able to pass a paid call off as one that was not made.
type Rejection struct { //nolint:errname // it is no fault: the next provider is called
	Provider   string        // its configured name; set by the guard
	Reason     SkipReason    // SkipNone if there was no provider to call
	RetryAfter time.Duration // how long the reason lasts; 0 if unknown
}

// Error returns "provider: not called: reason".
func (r *Rejection) Error() string {
	text := "not called: " + string(r.Reason)
	if r.Provider != "" {
		text = r.Provider + ": " + text
	}
	return text
}

// Is reports whether target is a *Rejection for the same reason.
func (r *Rejection) Is(target error) bool {
	other, ok := target.(*Rejection)
	return ok && other.Reason == r.Reason
}

// RejectionOf returns the *Rejection in err's chain, nil if there is none.
func RejectionOf(err error) *Rejection {
	if err == nil {
		return nil // without an allocation
	}
	var r *Rejection
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// Failure returns the failure that a provider would have reported for a reason.
func (s SkipReason) Failure() Failure {
	for _, f := range []Failure{Maintenance, QuotaExhausted, BadCredentials, Throttled} {
		if f.Obstacle() == s {
			return f
		}
	}
	if s == SkipScheduledMaintenance {
		return Maintenance
	}
	if s == SkipUnsupportedCheck || s == SkipUnsupportedDocument {
		return Unsupported
	}
	return Unavailable
}
