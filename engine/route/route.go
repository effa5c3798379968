// Package route plans which providers to call in what order. [Make] is a pure function
// of the question, the rule and the state of the candidates, so a plan can be shown
// without a call and without cost, and equals the plan that is executed.
//
// order.go has one [Order] for each [Mode].
package route

import (
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Rule says which providers answer a check. Of the rules of a check, the first that matches
// a question is used.
type Rule struct {
	Check       idv.Check
	Match       func(*Question) bool // the questions that the rule is for; all if nil
	Mode        Mode                 // Priority if empty
	Providers   []string             // configured names, first choice first
	Weights     []int                // of Providers in the same order, for Weighted; equal if nil
	MaxAttempts int                  // calls for one verification, over all providers; 2 if 0

	// RetryUnknown allows a call of another provider after one whose outcome is unknown.
	// The first call may have been charged, so the verification may cost two charges.
	RetryUnknown bool
	// RetrySubjectLimited allows a call of another provider after one refused because of
	// too many requests about the same person.
	RetrySubjectLimited bool
}

// Validate returns the first fault of the rule, nil if it has none.
func (r Rule) Validate() error {
	switch {
	case !slices.Contains(idv.Checks(), r.Check):
		return fmt.Errorf("check %q cannot be asked; choose one of %v", r.Check, idv.Checks())
	case r.Mode != "" && !slices.Contains(Modes(), r.Mode):
		return fmt.Errorf("mode %q is not known; choose one of %v", r.Mode, Modes())
	case len(r.Providers) == 0:
		return fmt.Errorf("the route of %s names no provider; name at least one", r.Check)
	case len(r.Weights) > 0 && len(r.Weights) != len(r.Providers):
		return fmt.Errorf("the route of %s has %s for %s; give each provider one", r.Check, idv.Count(len(r.Weights), "weight"), idv.Count(len(r.Providers), "provider"))
	case slices.ContainsFunc(r.Weights, func(w int) bool { return w < 0 }) || len(r.Weights) > 0 && slices.Max(r.Weights) == 0:
		return fmt.Errorf("the weights of %s must not be negative, and one must be above 0", r.Check)
	case r.MaxAttempts < 0:
		return fmt.Errorf("max_attempts of %s is negative; leave it out for the default of 2", r.Check)
	}
	return nil
}

// Question is the part of a request that routing depends on. It holds no claim.
type Question struct {
	Check    idv.Check
	Document idv.Document
	Script   idv.Script // of the name
	Tenant   idv.Tenant
	App      string
	Purpose  string
	Region   string           // the province by the number, two digits of GB/T 2260; "" if the number names none
	Subject  idv.SubjectToken // stands for the person; "" without one
	Turn     uint64           // counts the verifications of the rule, so that Weighted spreads them
}

// Candidate is a provider of the rule and its present state.
type Candidate struct {
	Name         string
	Descriptor   *idv.Descriptor
	Availability idv.Availability
	Barred       idv.SkipReason // why it may not get this person's data, "" if it may
	Weight       int            // its share for Weighted; 0 if it is only called after the others
	Price        idv.Money      // of the next unit; zero if it is not known
	Exhausted    bool           // its packages have no unit left
	Latency      time.Duration  // how long an answer takes; 0 if it is not known
}

const defaultMaxAttempts = 2

// Make returns the plan. Candidates are in the rule's order; each one becomes a step of
// the plan or is skipped with the reason. Make overwrites the slice.
func Make(q Question, candidates []Candidate, r Rule) idv.Plan {
	plan := idv.Plan{MaxAttempts: r.MaxAttempts}
	if plan.MaxAttempts == 0 {
		plan.MaxAttempts = defaultMaxAttempts
	}
	left := candidates[:0]
	for _, c := range candidates {
		if s, skipped := skip(&q, &c); skipped {
			plan.Skipped = append(plan.Skipped, s)
			continue
		}
		left = append(left, c)
	}
	if order := orderOf(r.Mode); order != nil && len(left) > 1 {
		order(&q, left)
	}
	slices.SortStableFunc(left, responsiveFirst)
	plan.Steps = slices.Grow(plan.Steps, len(left))
	for i := range left {
		plan.Steps = append(plan.Steps, idv.Step{Provider: left[i].Name, Trial: left[i].Availability.Trial})
	}
	return plan
}

// Admits reports whether a plan of the question would call the candidate.
func Admits(q *Question, c *Candidate) bool {
	_, skipped := skip(q, c)
	return !skipped
}

// responsiveFirst compares candidates. An unresponsive one is not skipped: if it is the only one,
// a late answer is better than none.
func responsiveFirst(a, b Candidate) int {
	switch one, other := a.Availability.Unresponsive, b.Availability.Unresponsive; {
	case one == other:
		return 0
	case one:
		return 1
	}
	return -1
}

// skip reports whether a candidate is skipped. It gives the most lasting reason: a
// provider that does not support the question is not "in maintenance" for it.
func skip(q *Question, c *Candidate) (idv.Skipped, bool) {
	out := idv.Skipped{Provider: c.Name, Until: c.Availability.Until}
	switch {
	case !c.Descriptor.Supports(q.Check, idv.DocumentUnknown):
		return idv.Skipped{Provider: c.Name, Reason: idv.SkipUnsupportedCheck}, true
	case !c.Descriptor.Supports(q.Check, q.Document):
		return idv.Skipped{Provider: c.Name, Reason: idv.SkipUnsupportedDocument}, true
	case !c.Descriptor.SupportsName(q.Script):
		return idv.Skipped{Provider: c.Name, Reason: idv.SkipUnsupportedScript}, true
	case c.Barred != "":
		return idv.Skipped{Provider: c.Name, Reason: c.Barred}, true
	}
	out.Reason = c.Availability.Reason
	return out, out.Reason != ""
}
