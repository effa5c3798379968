package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// clauseFindings looks through each clause for what may not stand there.
func (d *document) clauseFindings() []Finding {
	var list []Finding
	for _, c := range d.clauses {
		text := newSentence(c.text)
		for _, r := range clauseRules() {
			if at, ok := r.in(text); ok {
				list = append(list, d.finding(r.id, c, at.from))
			}
		}
	}
	return list
}

// clauseRule is a rule over clauses, made ready: one of finds, and none of unless in
// the same part of the sentence.
type clauseRule struct {
	id            string
	finds, unless []pattern
}

// clauseRules are made once, as there are many words.
var clauseRules = sync.OnceValue(func() []clauseRule {
	names := lexicon()
	var list []clauseRule
	for _, w := range clauseWords() {
		list = append(list, clauseRule{w.id, parseAll(w.finds, names), parseAll(w.unless, names)})
	}
	return list
})

// in returns where the clause breaks the rule.
func (r clauseRule) in(text *sentence) (span, bool) {
	for _, p := range r.finds {
		if at, ok := text.find(p, func(at span) bool { return !r.excused(text, at) }); ok {
			return at, true
		}
	}
	return span{}, false
}

// excused reports whether a word of the rule excuses what stands at a place.
func (r clauseRule) excused(text *sentence, at span) bool {
	near := newSentence(text.around(at))
	return slices.ContainsFunc(r.unless, func(p pattern) bool { return near.has(p.all[0]) })
}

// quoted is how many characters of a clause a finding quotes.
const quoted = 60

func (d *document) finding(id string, c clause, at int) Finding {
	from := c.places[min(at, len(c.places)-1)]
	raw := d.rawOf(c.places[0], c.places[len(c.places)-1])
	return Finding{Rule: rule(id), Line: from.line, Column: from.column, Quote: quote(raw)}
}

var longNumber = regexp.MustCompile(`[0-9]{6,}[0-9Xx]?`)

// quote returns the beginning of a text. A finding goes where no person's number should
// go, so long numbers are starred.
func quote(text string) string {
	text = longNumber.ReplaceAllString(strings.Join(strings.Fields(text), " "), "***")
	if utf8.RuneCountInString(text) <= quoted {
		return text
	}
	return string([]rune(text)[:quoted]) + "…"
}
