// Package route plans which providers to call in what order. [Make] is a pure function
// of the question, the rule and the state of the candidates, so a plan can be shown
// without a call and without cost, and equals the plan that is executed.
//
// A new order of providers is a constant in [Modes], and Make follows it. Package config
// accepts what Modes lists; its list of later modes in rules.go loses the word.
package route

import (
	"fmt"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// Mode names an order of the candidates.
type Mode string

// Priority calls the providers in the order of the rule's list.
const Priority Mode = "priority"

// Modes lists the known modes.
func Modes() []Mode { return []Mode{Priority} }

// Rule says which providers answer a check.
type Rule struct {
	Check       idv.Check
	Mode        Mode     // Priority if empty
	Providers   []string // configured names, first choice first
	MaxAttempts int      // calls for one verification, over all providers; 2 if 0

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
	case r.MaxAttempts < 0:
		return fmt.Errorf("max_attempts of %s is negative; leave it out for the default of 2", r.Check)
	}
	return nil
}

// Question is the part of a request that routing depends on. It holds no claim.
type Question struct {
	Check    idv.Check
	Document idv.Document
}

// Candidate is a provider of the rule and its present state.
type Candidate struct {
	Name         string
	Descriptor   idv.Descriptor
	Availability idv.Availability
	Barred       idv.SkipReason // why it may not get this person's data, "" if it may
}

const defaultMaxAttempts = 2

// Make returns the plan. Candidates are in the rule's order; each one becomes a step of
// the plan or is skipped with the reason.
func Make(q Question, candidates []Candidate, r Rule) idv.Plan {
	plan := idv.Plan{MaxAttempts: r.MaxAttempts}
	if plan.MaxAttempts == 0 {
		plan.MaxAttempts = defaultMaxAttempts
	}
	for i := range candidates {
		c := &candidates[i]
		if s, skipped := skip(q, c); skipped {
			plan.Skipped = append(plan.Skipped, s)
			continue
		}
		plan.Steps = append(plan.Steps, idv.Step{Provider: c.Name, Trial: c.Availability.Trial})
	}
	return plan
}

// skip reports whether a candidate is skipped. It gives the most lasting reason: a
// provider that does not support the question is not "in maintenance" for it.
func skip(q Question, c *Candidate) (idv.Skipped, bool) {
	out := idv.Skipped{Provider: c.Name, Until: c.Availability.Until}
	switch {
	case !c.Descriptor.Supports(q.Check, idv.DocumentUnknown):
		return idv.Skipped{Provider: c.Name, Reason: idv.SkipUnsupportedCheck}, true
	case !c.Descriptor.Supports(q.Check, q.Document):
		return idv.Skipped{Provider: c.Name, Reason: idv.SkipUnsupportedDocument}, true
	case c.Barred != "":
		return idv.Skipped{Provider: c.Name, Reason: c.Barred}, true
	}
	out.Reason = c.Availability.Reason
	return out, out.Reason != ""
}
