package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// ErrClosed is returned by Verify once Close has begun.
var ErrClosed = errors.New("the engine is closing")

// refusal returns the error of a request that ends before any call.
func refusal(f idv.Failure, o idv.Origin, field idv.Field, detail string) *idv.Error {
	return &idv.Error{Failure: f, Origin: o, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: field, Detail: detail}
}

func noRoute(c idv.Check) error {
	return refusal(idv.Unsupported, idv.OriginEngine, idv.FieldCheck, fmt.Sprintf("no route is configured for the check %s", c))
}

func noMatch(c idv.Check) error {
	return refusal(idv.Unsupported, idv.OriginEngine, idv.NoField, fmt.Sprintf("no route of the check %s matches the request", c))
}

// illegible is the error of a text that cannot be kept.
func illegible(f idv.Field, fault idv.TextFault) error {
	e := refusal(idv.InvalidInput, idv.OriginCaller, f, "it "+fault.Help())
	e.Code = fault.Rule()
	return e
}

// storeFailed is the error of a store that could not read or write what the request
// needs. The request can be repeated.
func storeFailed(detail string) error {
	return refusal(idv.Internal, idv.OriginEngine, idv.NoField, detail)
}

// restored is the error of a store that was restored, see store.Gap. No other provider may be
// called either.
func restored(gap *store.GapError) error {
	return errors.Join(refusal(idv.Denied, idv.OriginEngine, idv.NoField, gap.Error()), gap)
}

// notStored is the one error that is returned with a verification: it was answered,
// and may have been charged, but a later look-up will not find it.
func notStored(id string) error {
	return &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.Answered, Ref: id,
		Detail: "the verification is complete and may have been charged, but the store has not confirmed its record; get it by its id later, " +
			"or repeat the request with the same idempotency key",
	}
}

// Class names the kind of an error. Programs act on it. It is the name of a Failure, or
// one of the constants.
type Class string

// The classes beside the names of failures.
const (
	ClassInProgress Class = "idempotency_in_progress" // the same request is being processed; repeat it with the same key
	ClassKeyReused  Class = "idempotency_key_reused"  // the key belongs to another request
	ClassNotFound   Class = "not_found"               // no verification or provider has this id or name
	ClassClosing    Class = "shutting_down"           // the engine is closing
	ClassStore      Class = "store_unwritable"        // the store failed before any call; repeat the request

	// ClassUnconfirmed is a verification that is complete but whose record the store did not
	// confirm in time. It can be read by its id once the store has written it.
	ClassUnconfirmed Class = "result_unconfirmed"

	// ClassRestored is a store that was restored from a backup and whose gap was not accepted.
	ClassRestored Class = "restored"

	ClassUnknown Class = "unknown" // an error that no method of Engine documents
)

// Problem is an error of the engine in one form, for whoever reports it to a caller.
type Problem struct {
	Class      Class
	Failure    idv.Failure     // FailureUnknown for the classes that name none
	Field      idv.Field       // the part of the request at fault; NoField if there is none
	Rules      []string        // ids of the rules that refused it: a local rule as check_digit, or rules of policy
	Reasons    []policy.Reason // the sentences of the rules of policy
	RetryAfter time.Duration   // when the request may be repeated; 0 if repeating does not help or no time is known
	Detail     string          // what is wrong and what to do; holds no value of the request
	Called     bool            // a provider was called, so the request may have been charged

	Verification string // the id of the verification, for ClassUnconfirmed
}

// retryStore is how long to wait after the store failed.
const retryStore = 5 * time.Second

// ProblemOf reads any error that a method of [Engine] returns.
func ProblemOf(err error) Problem {
	for _, known := range []struct {
		err    error
		class  Class
		retry  time.Duration
		remedy string
	}{
		{store.ErrNotFound, ClassNotFound, 0, ""},
		{ErrNoProvider, ClassNotFound, 0, ""},
		{store.ErrInProgress, ClassInProgress, time.Second, "; repeat the request with the same key to get its result"},
		{store.ErrKeyReused, ClassKeyReused, 0, "; use a new key for a new request"},
		{ErrClosed, ClassClosing, time.Second, "; use another node, or repeat the request"},
	} {
		if errors.Is(err, known.err) {
			return Problem{Class: known.class, RetryAfter: known.retry, Detail: known.err.Error() + known.remedy}
		}
	}
	var gap *store.GapError
	if errors.As(err, &gap) {
		text := gap.Text()
		return Problem{
			Class: ClassRestored, Failure: idv.Denied, Detail: text.EN, Rules: []string{string(ClassRestored)},
			Reasons: []policy.Reason{{Rule: string(ClassRestored), ZH: text.ZH, EN: text.EN}},
		}
	}
	var e *idv.Error
	if !errors.As(err, &e) {
		return Problem{Class: ClassUnknown, Failure: idv.FailureOf(err)}
	}
	p := Problem{
		Class: Class(e.Failure.String()), Failure: e.Failure, Field: e.Field, Reasons: reasons(err, e),
		RetryAfter: e.Retry, Detail: e.Detail, Called: e.Delivery != idv.NotSent,
	}
	switch {
	case e.Failure == idv.Internal && !p.Called:
		p.Class, p.RetryAfter = ClassStore, retryStore
	case e.Failure == idv.Internal && e.Delivery == idv.Answered && e.Ref != "":
		p.Class, p.RetryAfter, p.Verification = ClassUnconfirmed, retryStore, e.Ref
	}
	for _, r := range p.Reasons {
		p.Rules = append(p.Rules, r.Rule)
	}
	if p.Rules == nil && e.Code != "" {
		p.Rules = []string{e.Code}
	}
	return p
}

// reasons returns the sentences of a denial. The store denies a consent that ended
// meanwhile by its fault alone.
func reasons(err error, e *idv.Error) []policy.Reason {
	var denial *policy.Denial
	if errors.As(err, &denial) {
		return denial.Decision.Reasons
	}
	fault, ok := strings.CutPrefix(e.Code, consent.RulePrefix)
	if !ok || !slices.Contains(consent.Faults(), consent.Fault(fault)) {
		return nil
	}
	help := consent.Fault(fault).Help()
	return []policy.Reason{{Rule: e.Code, ZH: help.ZH, EN: help.EN}}
}
