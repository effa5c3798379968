package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// clauseFindings looks through each clause for what may not stand there, and through
// it and the one before for what was spread over two.
func (d *document) clauseFindings() []Finding {
	var list []Finding
	before := map[string]bool{} // the rules that the clause before breaks
	for i, c := range d.clauses {
		text, broken := ruleIndex().read(c.text), map[string]bool{}
		for _, r := range rulesFor(c) {
			if at, ok := r.in(text, r.finds); ok {
				broken[r.id] = true
				list = append(list, d.finding(r.id, c, at.from))
			}
		}
		if c.follows {
			list = append(list, d.pairFindings(d.clauses[i-1].and(c), func(id string) bool { return before[id] || broken[id] })...)
		}
		before = broken
	}
	return list
}

// rulesFor returns the rules that a clause may break: none, if it only speaks of clauses
// that do not apply.
func rulesFor(c clause) []clauseRule {
	text, nowhere := newSentence(c.text), func(span) bool { return true }
	if slices.ContainsFunc(deniedClauses(), func(p pattern) bool { _, ok := text.find(p, nowhere); return ok }) {
		return nil
	}
	return clauseRules()
}

var deniedClauses = sync.OnceValue(func() []pattern { return parseAll(clausesDenied(), nil) })

// pairFindings looks through two clauses for what neither of them says alone.
func (d *document) pairFindings(both clause, known func(id string) bool) []Finding {
	var list []Finding
	text := ruleIndex().read(both.text)
	for _, r := range clauseRules() {
		if known(r.id) {
			continue
		}
		if at, ok := r.in(text, r.pairs); ok {
			list = append(list, d.finding(r.id, both, at.from))
		}
	}
	return list
}

// and returns two clauses as one.
func (c clause) and(next clause) clause {
	return clause{text: c.text + next.text, places: slices.Concat(c.places, next.places)}
}

// clauseRule is a rule over clauses, made ready: one of finds, or one of pairs where two
// clauses stand together, and none of unless in the same part of the sentence.
type clauseRule struct {
	id                   string
	finds, pairs, unless []pattern
}

// clauseRules are made once, as there are many words.
var clauseRules = sync.OnceValue(func() []clauseRule {
	names := lexicon()
	var list []clauseRule
	for _, w := range clauseWords() {
		list = append(list, clauseRule{w.id, parseAll(w.finds, names), parseAll(w.pairs, names), parseAll(w.unless, names)})
	}
	return list
})

// in returns where the clause breaks the rule, by one of the patterns.
func (r clauseRule) in(text *sentence, patterns []pattern) (span, bool) {
	for _, p := range patterns {
		if at, ok := text.find(p, func(at span) bool { return !r.excused(text, at) }); ok {
			return at, true
		}
	}
	return span{}, false
}

// excused reports whether a word of the rule excuses what stands at a place.
func (r clauseRule) excused(text *sentence, at span) bool {
	near := ruleIndex().read(text.around(at))
	return slices.ContainsFunc(r.unless, func(p pattern) bool { return near.excuses(p.all[0]) })
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
