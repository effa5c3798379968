// Package lint checks the text of a consent notice (个人信息处理告知书) for clauses that
// conflict with Chinese law, and for statements that the law requires and the text lacks.
// Each finding names the article and proposes a replacement.
//
// The rules are those of PIPL (个人信息保护法), the Network Data Security Regulation
// (网络数据安全管理条例), the Civil Code (民法典) and the Credit-Reporting Regulation
// (征信业管理条例). They are tables of patterns in data/*.yaml, in Chinese and English, which
// are matched against a normalized text: spaces, full-width letters, punctuation and
// Markdown make no difference. Negation ("not irrevocable") and lawful wordings ("you may
// withdraw at any time") exclude a match. The linter does not understand a text: a text
// without findings may still be unlawful, and a lawyer decides about each finding.
//
// A new rule is an entry in a data file. The list in tables.go names the files; a file that
// it does not name fails TestEveryFileIsRead.
package lint

import (
	"cmp"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Conflict Severity = "conflict" // the clause contradicts the law, or a required statement is missing
	Doubt    Severity = "doubt"    // needs a review
)

// Rule is one thing that the linter checks.
type Rule struct {
	ID       string // fixed, programs may act on it
	Severity Severity
	Article  idv.Text // law and article
	Why      idv.Text
	Proposal idv.Text // what to write instead
}

// Finding is one place where a text breaks a rule.
type Finding struct {
	Rule

	Line, Column int    // from 1, in characters; 0 if a statement is missing from the whole text
	Quote        string // the beginning of the clause; long numbers are masked
}

// Lint checks a text: plain, Markdown, or a template of package notice, whose blanks
// count as filled. It returns the findings in the order of the text, missing statements
// last. Lint keeps no state and is safe for concurrent use.
func Lint(text string) []Finding {
	d := newDocument(text)
	list := append(d.clauseFindings(), d.formFindings()...)
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return append(list, d.missing()...)
}

// Rules lists every rule.
func Rules() []Rule {
	var list []Rule
	for _, r := range tables().rules {
		list = append(list, r.Rule)
	}
	return list
}
