package lint

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// clauseFindings looks through each clause for what may not stand there.
func (d *document) clauseFindings() []Finding {
	var list []Finding
	for _, c := range d.clauses {
		for _, w := range clauseWords() {
			if at, ok := w.in(c.text); ok {
				list = append(list, d.finding(w.id, c, at))
			}
		}
	}
	return list
}

// in returns where the clause breaks the rule.
func (w words) in(text string) (at int, found bool) {
	for _, pattern := range w.finds {
		if at, ok := w.plainly(text, pattern); ok {
			return at, true
		}
	}
	return 0, false
}

// negators are what turns the words behind them around.
const negators = "并非|不是|不会|不存在|不得用于|不用于|绝不|不应|没有|不属于|不包含|_not_|_never_|isn't|rather than"

// plainly returns where a pattern stands without a negator close before it, and without
// a word that excuses it in the same part of the sentence.
func (w words) plainly(text, pattern string) (at int, found bool) {
	for start := 0; ; {
		from, to := find(text[start:], pattern)
		if from < 0 {
			return 0, false
		}
		from, to = from+start, to+start
		before := text[max(0, from-nearGap):from]
		if i, _ := first(before, negators); i < 0 && !anyOf(around(text, from, to), w.unless) {
			return from, true
		}
		start = to
	}
}

// around widens a place to the commas about it: what stands beyond them excuses nothing.
func around(text string, from, to int) string {
	const comma = ","
	start := strings.LastIndex(text[:from], comma) + 1
	if end := strings.Index(text[to:], comma); end >= 0 {
		return text[start : to+end]
	}
	return text[start:]
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
