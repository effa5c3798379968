package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/policy"
)

// Report is what came of running cases.
type Report struct {
	Results []Result // one a case, in the order of the file
	Unfired []string // ids of rules that fired in no case, so that no case tests them
}

// Result is what came of one case.
type Result struct {
	Case        Case
	Differences []Difference // none if it passed
}

// Difference is one thing that was decided otherwise than wanted.
type Difference struct {
	What string `json:"what"` // allowed, rules or obligations
	Got  string `json:"got"`
	Want string `json:"want"`
}

// Passed reports whether all was decided as wanted.
func (r Result) Passed() bool { return len(r.Differences) == 0 }

// Run decides every case by a set of rules and compares.
func (c *Cases) Run(s *Set) Report {
	var report Report
	tested := map[string]bool{}
	for _, one := range c.List {
		x := s.Explain(one.Facts)
		report.Results = append(report.Results, Result{Case: one, Differences: one.Want.differences(&x.Decision)})
		for _, o := range x.Outcomes {
			tested[o.Rule] = tested[o.Rule] || o.Fired
		}
	}
	for _, r := range s.rules {
		if !tested[r.id] {
			report.Unfired = append(report.Unfired, r.id)
		}
	}
	return report
}

// differences lists in what a decision is not as wanted.
func (w *Want) differences(d *policy.Decision) []Difference {
	var list []Difference
	compare := func(what, got, want string) {
		if got != want {
			list = append(list, Difference{what, got, want})
		}
	}
	compare("allowed", fmt.Sprint(d.Allowed), fmt.Sprint(w.Allowed))
	if w.Rules != nil {
		compare("rules", listed(d.Rules), listed(w.Rules))
	}
	if w.Obligations != nil {
		compare("obligations", obligationText(&d.Obligations), obligationText(w.Obligations))
	}
	return list
}

func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// obligationText writes obligations in one line. The order of recipients means
// nothing, so it makes no difference.
func obligationText(o *policy.Obligations) string {
	var parts []string
	if o.Limited {
		parts = append(parts, "recipients "+listed(slices.Sorted(slices.Values(o.Recipients))))
	}
	if o.NoReuse {
		parts = append(parts, "no_reuse")
	}
	if o.Review {
		parts = append(parts, "review")
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
