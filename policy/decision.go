package policy

import (
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Decider decides. It is called by many goroutines at once, makes no call, and
// denies when it cannot decide.
type Decider interface {
	Decide(Facts) Decision
}

// Decision is what policy says. The zero value denies, without a reason.
type Decision struct {
	Allowed     bool
	Rules       []string // ids of the rules that decided, in their order
	Reasons     []Reason // of a denial, for those who wrote the rules and those who ask
	Obligations Obligations
}

// Reason is why a rule denies, in neutral words.
type Reason struct {
	Rule string `json:"rule"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Obligations are what an allowed question has to keep to. The zero value has none.
type Obligations struct {
	// Limited says that only Recipients may get the data, by their legal names.
	Limited    bool     `json:"limited,omitzero"`
	Recipients []string `json:"recipients,omitempty"`
	NoReuse    bool     `json:"no_reuse,omitzero"` // an earlier answer may not be re-used, nor this one
	Review     bool     `json:"review,omitzero"`   // a person has to look at the answer before anybody acts on it
}

// Permits reports whether a recipient may get the data.
func (o *Obligations) Permits(recipient string) bool {
	if !o.Limited {
		return true
	}
	for _, r := range o.Recipients {
		if r == recipient {
			return true
		}
	}
	return false
}

// And adds other obligations: recipients are those that both permit.
func (o *Obligations) And(other Obligations) {
	o.NoReuse, o.Review = o.NoReuse || other.NoReuse, o.Review || other.Review
	switch {
	case !other.Limited:
	case !o.Limited:
		o.Limited, o.Recipients = true, other.Recipients
	default:
		var both []string
		for _, r := range o.Recipients {
			if other.Permits(r) {
				both = append(both, r)
			}
		}
		o.Recipients = both
	}
}

// Deny returns a decision that denies for one reason.
func Deny(r Reason) Decision {
	return Decision{Rules: []string{r.Rule}, Reasons: []Reason{r}}
}

// Denial is the error of a denied request. No vendor was called and nothing was paid.
type Denial struct {
	Decision Decision
	Failure  idv.Failure // idv.Denied, or idv.SubjectLimited or idv.Throttled for limits
	Field    idv.Field   // what of the request to look at, if anything

	Retry time.Duration // when it may be asked again, if that is a matter of time; 0 if not
}

// Error names the failure and the rules.
func (d *Denial) Error() string {
	return d.Unwrap().Error()
}

// Unwrap returns the failure as an *idv.Error, so that callers who know only those
// act rightly. Its code is the first rule's id.
func (d *Denial) Unwrap() error {
	e := &idv.Error{Failure: d.Failure, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Field: d.Field, Retry: d.Retry}
	if e.Failure == idv.FailureUnknown {
		e.Failure = idv.Denied
	}
	if len(d.Decision.Rules) > 0 {
		e.Code = d.Decision.Rules[0]
	}
	texts := make([]string, 0, len(d.Decision.Reasons))
	for _, r := range d.Decision.Reasons {
		texts = append(texts, r.EN)
	}
	e.Detail = strings.Join(texts, " ")
	return e
}
