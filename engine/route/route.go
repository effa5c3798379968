// Package route decides whom to ask in what order. [Make] is a pure function of
// the question, the rule and what is known of the candidates, so a plan can be
// shown without a call and without cost, and cannot differ from what is walked.
package route

import (
	"fmt"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// Mode is how candidates are ordered.
type Mode string

// Priority asks in the order of the rule's list, the first always first.
const Priority Mode = "priority"

// Modes lists the modes that a rule may have.
func Modes() []Mode { return []Mode{Priority} }

// Rule says which providers answer a check.
type Rule struct {
	Check       idv.Check
	Mode        Mode     // Priority if empty
	Providers   []string // configured names, first choice first
	MaxAttempts int      // calls for one verification, over all providers; 2 if 0

	// RetryUnknown lets another provider be asked after a call whose outcome is
	// unknown. That call may have been charged, so the person may cost two charges.
	RetryUnknown bool
	// RetrySubjectLimited lets another provider be asked after one said that this
	// person was asked about too often.
	RetrySubjectLimited bool
}

// Validate returns what is wrong with the rule, nil if nothing is.
func (r Rule) Validate() error {
	switch {
	case !slices.Contains(idv.Checks(), r.Check):
		return fmt.Errorf("check %q cannot be asked; choose one of %v", r.Check, idv.Checks())
	case r.Mode != "" && !slices.Contains(Modes(), r.Mode):
		return fmt.Errorf("mode %q is not known; choose one of %v", r.Mode, Modes())
	case len(r.Providers) == 0:
		return fmt.Errorf("the route of %s names no provider", r.Check)
	case r.MaxAttempts < 0:
		return fmt.Errorf("max_attempts of %s is negative", r.Check)
	}
	return nil
}

// Question is what route needs to know of a request: no claim.
type Question struct {
	Check    idv.Check
	Document idv.Document
}

// Candidate is a provider of the rule as it stands now.
type Candidate struct {
	Name         string
	Descriptor   idv.Descriptor
	Availability idv.Availability
	Barred       idv.SkipReason // why it may not get this person's data, "" if it may
}

const defaultMaxAttempts = 2

// Make plans the walk. Candidates stand in the rule's order; every one of them is
// in the plan's steps or among its left out, with the reason.
func Make(q Question, candidates []Candidate, r Rule) idv.Plan {
	plan := idv.Plan{MaxAttempts: r.MaxAttempts}
	if plan.MaxAttempts == 0 {
		plan.MaxAttempts = defaultMaxAttempts
	}
	for i := range candidates {
		c := &candidates[i]
		if out, is := leftOut(q, c); is {
			plan.Skipped = append(plan.Skipped, out)
			continue
		}
		plan.Steps = append(plan.Steps, idv.Step{Provider: c.Name, Trial: c.Availability.Trial})
	}
	return plan
}

// leftOut gives the most lasting reason first: a provider that cannot answer the
// question is not "in maintenance" for it.
func leftOut(q Question, c *Candidate) (idv.Skipped, bool) {
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
