package consent

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Question is a request whose consent is checked.
type Question struct {
	Subject bool // the consent has the same subject (the keyring compares tokens)
	Name    bool // the consent has the same name, or binds none
	App     string
	Purpose string
	Items   []idv.Claim
	Age     int // full years; negative if the number does not encode it
}

// AgeOwnConsent is the age from which a person can consent alone (PIPL art. 31); AgeAdult
// is the age from which a guardian cannot consent for a person (Civil Code art. 18).
const (
	AgeOwnConsent = 14
	AgeAdult      = 18
)

// Covers returns why the consent does not cover a question at a time, "" if it does. It
// does not check recipients: the route excludes vendors that the consent does not name.
func (r *Record) Covers(q Question, now time.Time) Fault {
	if f := r.Stands(now); f != "" {
		return f
	}
	switch {
	case !q.Subject:
		return OtherPerson
	case !q.Name:
		return OtherName
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

// Stands returns why the consent is not valid at a time, "" if it is. It must be presented
// before it was given, and given before now, both strictly: events of the same instant have
// no provable order.
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

// Take records that a call uses the consent at a time, or returns the [Fault] that forbids
// it. The store calls it in the transaction that writes the intent of the call, so that no
// call follows a withdrawal. Only the first call of a verification takes a use, not a
// failover call.
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
