package lint

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clauseFindings matches each clause against the finds of the rules, and each clause
// together with the clause before it against the pairs of the rules that neither breaks.
// A clause that only says which clauses would be void is not matched alone.
func (d *document) clauseFindings() []Finding {
	var list []Finding
	var before map[string]bool // the rules that the clause before breaks
	for i, c := range d.clauses {
		broken := map[string]bool{}
		if text := tables().index.read(c.text); !slices.ContainsFunc(tables().void, text.matches) {
			for _, f := range d.matches(c, text, func(r rule) []pattern { return r.Finds }) {
				broken[f.ID] = true
				list = append(list, f)
			}
		}
		if c.follows {
			both := d.clauses[i-1].and(c)
			list = append(list, d.matches(both, tables().index.read(both.text), func(r rule) []pattern {
				if before[r.ID] || broken[r.ID] {
					return nil
				}
				return r.Pairs
			})...)
		}
		before = broken
	}
	return list
}

// matches returns the rules of which one of the patterns matches the text of a clause.
func (d *document) matches(c clause, text *sentence, patterns func(rule) []pattern) []Finding {
	var list []Finding
	for _, r := range tables().rules {
		accept := func(at span) bool {
			near := tables().index.read(text.around(at))
			return !slices.ContainsFunc(r.Unless, func(p pattern) bool { return near.excuses(p.all[0]) })
		}
		for _, p := range patterns(r) {
			if at, ok := text.find(p, accept); ok {
				list = append(list, d.finding(r.Rule, c, at.from))
				break
			}
		}
	}
	return list
}

func (d *document) finding(r Rule, c clause, at int) Finding {
	from := c.places[min(at, len(c.places)-1)]
	raw := d.rawOf(c.places[0], c.places[len(c.places)-1])
	return Finding{Rule: r, Line: from.line, Column: from.column, Quote: quote(raw)}
}

// quoted is how many characters of a clause a finding quotes.
const quoted = 60

var longNumber = regexp.MustCompile(`[0-9０-９](?:[ -]?[0-9０-９]){5,}[ -]?[0-9Xx０-９Ｘｘ]?`)

// quote returns the beginning of a text. Findings appear in logs and reports, where no
// person's number may stand, so long numbers are masked.
func quote(text string) string {
	text = longNumber.ReplaceAllString(strings.Join(strings.Fields(text), " "), "***")
	if utf8.RuneCountInString(text) <= quoted {
		return text
	}
	return string([]rune(text)[:quoted]) + "…"
}

// What is longer than this is hard to read, in characters.
const (
	longHan  = 150  // Chinese characters in a clause
	longText = 1000 // other characters in a clause
	longAll  = 8000 // characters in a notice
)

// formFindings checks the text as written, once a line for each rule, and its length.
func (d *document) formFindings() []Finding {
	var list []Finding
	for _, r := range tables().rules {
		for i, line := range d.shown {
			line = simplifiedText(line)
			at := firstOf(r.Forms, line)
			if both, ok := d.joined(i); ok && at < 0 {
				line = simplifiedText(both)
				if at = firstOf(r.Forms, line); at >= len(strings.TrimRight(d.shown[i], " \t")) {
					at = -1 // it is found in the next line
				}
			}
			if at >= 0 {
				list = append(list, Finding{Rule: r.Rule, Line: i + 1, Column: utf8.RuneCountInString(line[:at]) + 1, Quote: quote(d.lines[i])})
			}
		}
	}
	rules := Rules()
	finePrint := rules[slices.IndexFunc(rules, func(r Rule) bool { return r.ID == "fine-print" })]
	for _, c := range d.clauses {
		if n := han(c.text); n > longHan || utf8.RuneCountInString(c.text)-n > longText {
			list = append(list, d.finding(finePrint, c, 1))
		}
	}
	if utf8.RuneCountInString(strings.Join(d.shown, "")) > longAll {
		list = append(list, Finding{Rule: finePrint, Line: 1, Column: 1, Quote: quote(d.lines[0])})
	}
	return list
}

// firstOf returns where the first form that matches does, -1 if none does.
func firstOf(forms []form, line string) int {
	for _, f := range forms {
		if at := f.FindStringIndex(line); at != nil {
			return at[0]
		}
	}
	return -1
}

func han(text string) (n int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

// missing returns the required statements that no paragraph makes.
func (d *document) missing() []Finding {
	blocks := make([]*sentence, len(d.blocks))
	for i, text := range d.blocks {
		blocks[i] = tables().index.read(text)
	}
	var list []Finding
	for _, r := range tables().rules {
		s := r.Says
		if s == nil || slices.ContainsFunc(blocks, s.in) {
			continue
		}
		if len(s.When) == 0 || d.guardian || slices.ContainsFunc(blocks, func(b *sentence) bool { return b.has(s.When) }) {
			list = append(list, Finding{Rule: r.Rule})
		}
	}
	return list
}

func (s *statement) in(block *sentence) bool {
	if !block.has(s.Has) || block.has(s.Unless) {
		return false
	}
	if slices.ContainsFunc(s.Forms, func(f form) bool { return !f.MatchString(block.text) }) {
		return false
	}
	also := slices.DeleteFunc(slices.Clone(s.Also), func(p pattern) bool { return !block.has([]pattern{p}) })
	return len(also) >= s.Least
}
