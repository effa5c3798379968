package consent_test

import (
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// oracle says whether a call was allowed, from the drafts and a log of what was tried,
// in order. It keeps no state and shares no code with the rules: each answer is read
// from the log anew.
type oracle struct {
	drafts []consent.Record // as they were made; the index names the consent
	log    []entry
}

// entry is one line of the log: an event that was tried, or a first call that was made.
type entry struct {
	consent int
	kind    consent.Kind // firstCall for a call
	at      time.Time
	text    string
	action  consent.Action
}

const firstCall consent.Kind = "first call"

// open says whether the draft was still open for a decision at a time.
func (o *oracle) open(c int, at time.Time) bool { return at.Sub(o.drafts[c].DraftedAt) < 24*time.Hour }

// shown finds the line by which a consent was put in front of the person, -1 if it was not.
func (o *oracle) shown(c int) int {
	for n, e := range o.log {
		if e.consent != c {
			continue
		}
		switch e.kind {
		case consent.Withdraw, consent.Expire:
			return -1 // closed before anybody saw it
		case consent.Present:
			if o.open(c, e.at) && !e.at.Before(o.drafts[c].DraftedAt) {
				return n
			}
		}
	}
	return -1
}

// agreed finds the line by which the person agreed, -1 if there is none.
func (o *oracle) agreed(c int) int {
	shown := o.shown(c)
	if shown < 0 {
		return -1
	}
	seen := o.log[shown]
	for n := shown + 1; n < len(o.log); n++ {
		e := o.log[n]
		if e.consent != c {
			continue
		}
		switch e.kind {
		case consent.Withdraw, consent.Expire:
			return -1
		case consent.Refuse:
			if o.open(c, e.at) {
				return -1
			}
		case consent.Give:
			looked := e.at.Sub(seen.at)
			did := e.action
			human := did == consent.Checkbox || did == consent.TypedName || did == consent.Signature || did == consent.Spoken
			if o.open(c, e.at) && looked > 0 && looked >= o.drafts[c].MinReview && e.text == o.drafts[c].Notice.Text && human {
				return n
			}
		}
	}
	return -1
}

// ended says whether a consent that was agreed to in a line ended in a later one.
func (o *oracle) ended(c, line int) bool {
	for _, e := range o.log[line+1:] {
		if e.consent == c && (e.kind == consent.Withdraw || e.kind == consent.Expire || e.kind == consent.Supersede) {
			return true
		}
	}
	for other := range o.drafts {
		a, b := o.drafts[c], o.drafts[other]
		if other != c && a.Subject == b.Subject && a.App == b.App && a.Purpose == b.Purpose && o.agreed(other) > line {
			return true
		}
	}
	return false
}

// inForce says whether a consent stands at a time, by what the log holds so far.
func (o *oracle) inForce(c int, at time.Time) bool {
	line := o.agreed(c)
	if line < 0 || o.ended(c, line) {
		return false
	}
	age := at.Sub(o.log[line].at)
	return age > 0 && age < o.drafts[c].Valid
}

// left says whether a use is left.
func (o *oracle) left(c int) bool {
	calls := 0
	for _, e := range o.log {
		if e.consent == c && e.kind == firstCall {
			calls++
		}
	}
	return calls < o.drafts[c].MaxUses
}

// asked is what a verification asks.
type asked struct {
	consent      int
	person       idv.SubjectToken
	otherName    bool
	app, purpose string
	items        []idv.Claim
	age          int
}

// mayAsk says whether a consent fits a question at a time.
func (o *oracle) mayAsk(q *asked, at time.Time) bool {
	d := &o.drafts[q.consent]
	if !o.inForce(q.consent, at) || !o.left(q.consent) {
		return false
	}
	if d.Subject != q.person || q.otherName || d.App != q.app || d.Purpose != q.purpose {
		return false
	}
	for _, item := range q.items {
		if !slices.Contains(d.Items, item) {
			return false
		}
	}
	if d.Guardian.Subject != "" {
		return q.age < 18
	}
	if q.age >= 14 {
		return true
	}
	return q.age < 0 && d.OfAge
}

// mayCall says whether a recipient may get the data at a time.
func (o *oracle) mayCall(c int, recipient string, first bool, at time.Time) bool {
	listed := false
	for _, p := range o.drafts[c].Recipients {
		listed = listed || p.Name == recipient
	}
	return listed && o.inForce(c, at) && (!first || o.left(c))
}
