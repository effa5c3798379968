package lint

import (
	"cmp"
	"slices"

	"github.com/heyan-id/heyan/policy/consent"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Conflict Severity = "conflict" // the clause contradicts the law, or a part that the law asks for is missing
	Doubt    Severity = "doubt"    // somebody should look at it
)

// Rule is one thing that is looked for.
type Rule struct {
	ID       string // fixed, programs may act on it
	Severity Severity
	Article  consent.Text // law and article
	Why      consent.Text
	Proposal consent.Text // what to write instead
}

// Finding is one place where a rule is broken, or its absence.
type Finding struct {
	Rule

	Line, Column int    // from 1, in characters; 0 if something is missing from the whole text
	Quote        string // the beginning of the clause; long numbers are starred
}

// Lint reads a text: plain, Markdown, or a template of package notice, whose blanks
// count as filled. It returns the findings in the order of the text, what is missing
// last. It has no state and may be called by many goroutines.
func Lint(text string) []Finding {
	d := newDocument(text)
	var list []Finding
	list = append(list, d.clauseFindings()...)
	list = append(list, d.rawFindings()...)
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return append(list, d.missing()...)
}

// Rules lists every rule.
func Rules() []Rule {
	list := append(clauseTexts(), formTexts()...)
	return append(list, missingTexts()...)
}

// rule finds a rule by its id.
func rule(id string) Rule {
	list := Rules()
	return list[slices.IndexFunc(list, func(r Rule) bool { return r.ID == id })]
}
