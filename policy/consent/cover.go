package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Question is what a consent is held against.
type Question struct {
	Subject bool // the consent's subject is the person asked about (tokens are compared by their ring)
	App     string
	Purpose string
	Items   []idv.Claim
	Age     int // full years; negative if the number does not tell
}

// AgeOwnConsent is the age from which a person agrees alone (PIPL art. 31); AgeAdult is
// that from which nobody else may agree for a person (Civil Code art. 18).
const (
	AgeOwnConsent = 14
	AgeAdult      = 18
)

// Covers returns why the consent does not cover a question at a time, "" if it does.
// It says nothing of recipients: a consent that names none of the vendors leaves
// nobody to ask.
func (r *Record) Covers(q Question, now time.Time) Fault {
	if f := r.Stands(now); f != "" {
		return f
	}
	switch {
	case !q.Subject:
		return OtherPerson
	case r.App != q.App:
		return OtherApp
	case r.Purpose != q.Purpose:
		return OtherPurpose
	case slices.ContainsFunc(q.Items, func(c idv.Claim) bool { return !slices.Contains(r.Items, c) }):
		return OtherData
	case r.Used >= r.MaxUses:
		return UsedUp
	case r.Guardian.Subject != "" && q.Age >= AgeAdult:
		return NeedsOwn
	case r.Guardian.Subject == "" && (q.Age >= 0 && q.Age < AgeOwnConsent || q.Age < 0 && !r.OfAge):
		return NeedsGuardian
	}
	return ""
}

// Stands returns why the consent is not valid at a time, "" if it is. It was
// presented before it was given, and given before now: both strictly, since what
// happened in the same instant has no order that anybody could prove.
func (r *Record) Stands(now time.Time) Fault {
	switch r.State {
	case Given:
	case Drafted:
		return NotPresented
	case Presented:
		return NotGiven
	case Refused:
		return WasRefused
	case Withdrawn:
		return WasWithdrawn
	case Expired:
		return HasExpired
	case Superseded:
		return WasSuperseded
	default:
		return Missing
	}
	switch {
	case !r.DecidedAt.After(r.PresentedAt), !now.After(r.DecidedAt):
		return NotBefore
	case !now.Before(r.Until()):
		return HasExpired
	}
	return ""
}

// Take lets a call use the consent at a time: it is looked at in the transaction
// that writes the call's intent, so that no call follows a withdrawal. The first call
// of a verification takes one use; a later one, which goes elsewhere after a failure,
// takes none.
func (r *Record) Take(use idv.ConsentUse, now time.Time) error {
	f := r.Stands(now)
	switch {
	case f != "":
	case !r.Names(use.Recipient):
		f = NotRecipient
	case use.First && r.Used >= r.MaxUses:
		f = UsedUp
	}
	if f != "" {
		return f
	}
	if use.First {
		r.Used++
	}
	return nil
}
