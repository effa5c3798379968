package heyan

import (
	"fmt"
	"strings"
	"time"
)

// ProblemType names why heyan did not process a request. It is an error, so that
// errors.Is(err, heyan.ProblemDenied) tells whether err is such a problem. A newer heyan may
// send types that are not among the constants.
type ProblemType string

// The types that a caller acts on. GET /openapi.json lists those of each operation.
const (
	ProblemInvalidInput    ProblemType = "invalid_input"           // a claim breaks a local rule; Errors names it
	ProblemBadRequest      ProblemType = "bad_request"             // the request does not follow the schema
	ProblemUnauthenticated ProblemType = "unauthenticated"         // no valid API key
	ProblemForbidden       ProblemType = "forbidden"               // the key lacks the scope or the app
	ProblemDenied          ProblemType = "denied"                  // policy or the consent does not allow it; Rules says why
	ProblemSubjectLimited  ProblemType = "subject_limited"         // too many verifications of this person
	ProblemThrottled       ProblemType = "throttled"               // a limit of the app or tenant is reached
	ProblemRateLimited     ProblemType = "rate_limited"            // too many requests without a valid key
	ProblemUnsupported     ProblemType = "unsupported"             // no route has this check
	ProblemInProgress      ProblemType = "idempotency_in_progress" // the first request with this key still runs
	ProblemKeyReused       ProblemType = "idempotency_key_reused"  // the key belongs to another request
	ProblemNotFound        ProblemType = "not_found"
	ProblemConsentState    ProblemType = "consent_state" // the consent's state does not allow this; Rules says why
	ProblemOverloaded      ProblemType = "overloaded"
	ProblemShuttingDown    ProblemType = "shutting_down"
	ProblemStoreUnwritable ProblemType = "store_unwritable"
	ProblemUnconfirmed     ProblemType = "result_unconfirmed" // complete and perhaps charged; Verification is its id
	ProblemInternal        ProblemType = "internal"
)

// Error returns the name.
func (t ProblemType) Error() string { return string(t) }

const problemPrefix = "urn:heyan:problem:"

// Problem is heyan's reason for not processing a request (RFC 9457). It holds no personal
// data.
type Problem struct {
	Type         ProblemType   `json:"type"`
	Status       int           `json:"status"`
	Title        string        `json:"title"`
	Detail       string        `json:"detail"`       // what is wrong and what to do
	Errors       []Fault       `json:"errors"`       // the invalid parts of the request
	Rules        []Rule        `json:"rules"`        // the policy rules that deny the request
	Verification string        `json:"verification"` // for ProblemUnconfirmed
	RetryAfter   time.Duration `json:"-"`            // when the request may be repeated; 0 if unknown
}

// Fault is one invalid part of a request.
type Fault struct {
	Location string `json:"location"` // such as body.subject.id_number
	Rule     string `json:"rule"`     // such as check_digit
	Message  string `json:"message"`
}

// Rule is a policy rule, with its reason in Chinese and English.
type Rule struct {
	Rule string `json:"rule"` // such as consent.missing
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Error returns type, status and detail.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%s (status %d)", string(p.Type), p.Status)
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	return text
}

// Is reports whether target is the type of the problem.
func (p *Problem) Is(target error) bool {
	t, ok := target.(ProblemType)
	return ok && t == p.Type
}

// UnmarshalText reads a type and cuts off its prefix.
func (t *ProblemType) UnmarshalText(b []byte) error {
	*t = ProblemType(strings.TrimPrefix(string(b), problemPrefix))
	return nil
}

// ResponseError is a response that the API does not document: from a proxy, from another
// server, damaged, without a verdict, or too large. Its text does not repeat the response.
type ResponseError struct {
	Status int
	Reason string
}

// Error returns status and reason.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("the response (status %d) is not one of heyan: %s", e.Status, e.Reason)
}

// Error is the error of every method of [Client]. errors.As and errors.Is find what it wraps.
type Error struct {
	Operation string // such as verify

	// IdempotencyKey is the key of a verification, also if the client made it. Unless Err is
	// a problem, repeat the verification with this key to get its result: another key may pay
	// for a second call.
	IdempotencyKey string

	Tries int // requests that were sent; 0 if the arguments are wrong
	Err   error
}

// Error returns the operation and the wrapped error.
func (e *Error) Error() string { return "heyan: " + e.Operation + ": " + e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }
