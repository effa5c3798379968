package lint

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// index finds the words of many patterns in one pass over a sentence: a search for
// thousands of words one by one takes longer than everything else. The key is the first
// character of the words.
type index map[rune][]entry

// entry is a word and the names of the parts that contain it.
type entry struct {
	word  string
	parts []string
}

func newIndex(patterns []pattern) index {
	holders, known := map[string][]string{}, map[string]bool{}
	for _, p := range patterns {
		for _, part := range p.parts() {
			if known[part.name] {
				continue
			}
			known[part.name] = true
			for _, word := range part.words {
				holders[word] = append(holders[word], part.name)
			}
		}
	}
	x := index{}
	for word, parts := range holders {
		first, _ := utf8.DecodeRuneInString(word)
		x[first] = append(x[first], entry{word, parts})
	}
	for _, list := range x {
		slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.word, b.word) }) // the shorter first
	}
	return x
}

// sentence is a normalized text and where the words of each part stand in it, in the order
// of the text.
type sentence struct {
	text string
	seen map[string][]span
}

// span is from where to where a match stands, in bytes.
type span struct{ from, to int }

func (s span) with(other span) span { return span{min(s.from, other.from), max(s.to, other.to)} }

func (x index) read(text string) *sentence {
	s := &sentence{text, map[string][]span{}}
	for at, r := range text {
		if at > 0 && letter(text[at]) && letter(text[at-1]) { // a Latin word matches where it begins
			continue
		}
		for _, e := range x[r] {
			if !strings.HasPrefix(text[at:], e.word) {
				continue
			}
			for _, part := range e.parts {
				s.seen[part] = append(s.seen[part], span{at, at + len(e.word)})
			}
		}
	}
	return s
}

func letter(b byte) bool { return 'a' <= b && b <= 'z' }

// has reports whether one of the patterns of one chain is there, negated or not.
func (s *sentence) has(patterns []pattern) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { return len(s.places(p.all[0], false)) > 0 })
}

// excuses reports whether the chain is there and is not denied: "we will not tell you
// before" does not promise to tell.
func (s *sentence) excuses(c chain) bool {
	return slices.ContainsFunc(s.places(c, false), func(at span) bool { return !endsWith(s.text[:at.from], shared().Deniers) })
}

func endsWith(text string, words alternatives) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.HasSuffix(text, word) })
}

// matches reports whether the pattern matches anywhere.
func (s *sentence) matches(p pattern) bool {
	_, ok := s.find(p, func(span) bool { return true })
	return ok
}

// find returns the first place where the pattern matches, is not negated, and accept
// returns true.
func (s *sentence) find(p pattern, accept func(span) bool) (span, bool) {
	lists := make([][]span, len(p.all))
	for i, c := range p.all {
		if lists[i] = s.places(c, true); len(lists[i]) == 0 {
			return span{}, false
		}
	}
	if slices.ContainsFunc(p.none, s.excuses) {
		return span{}, false
	}
	for _, first := range lists[0] {
		if at, ok := meet(first, lists[1:], accept); ok {
			return at, true
		}
	}
	return span{}, false
}

// meet looks for one place of each list that lie together.
func meet(at span, lists [][]span, accept func(span) bool) (span, bool) {
	if at.to-at.from > together {
		return at, false
	}
	if len(lists) == 0 {
		return at, accept(at)
	}
	for _, next := range lists[0] {
		if whole, ok := meet(at.with(next), lists[1:], accept); ok {
			return whole, true
		}
	}
	return at, false
}

// places returns where the chain stands; affirmed omits what is negated.
func (s *sentence) places(c chain, affirmed bool) []span {
	var list []span
	for _, at := range s.seen[c[0].name] {
		if affirmed && s.negated(at.from, 0) {
			continue
		}
		if end, ok := s.follow(at.to, c[1:], affirmed); ok {
			list = append(list, span{at.from, end})
		}
	}
	return list
}

// follow returns where the parts end that follow within their gaps.
func (s *sentence) follow(from int, rest chain, affirmed bool) (end int, found bool) {
	if len(rest) == 0 {
		return from, true
	}
	for _, at := range s.seen[rest[0].name] {
		if at.from < from || !rest[0].reaches(s.text[from:at.from]) || affirmed && s.negated(at.from, from) {
			continue
		}
		if end, ok := s.follow(at.to, rest[1:], affirmed); ok {
			return end, true
		}
	}
	return 0, false
}

// negated reports whether a negator stands close before a place, in the same part of the
// sentence and not before the bound.
func (s *sentence) negated(at, bound int) bool {
	before := s.text[max(bound, at-nearGap):at]
	for !utf8.ValidString(before) {
		before = before[1:]
	}
	before = strings.ReplaceAll(before[strings.LastIndex(before, comma)+1:], "有没有", "") // asks, and does not deny
	return endsWith(before, shared().Adjacent) ||
		slices.ContainsFunc(shared().Negators, func(word string) bool { return strings.Contains(before, word) })
}

const comma = ","

// around widens a place to the commas about it: what stands beyond them excuses nothing.
func (s *sentence) around(at span) string {
	start := strings.LastIndex(s.text[:at.from], comma) + 1
	if end := strings.Index(s.text[at.to:], comma); end >= 0 {
		return s.text[start : at.to+end]
	}
	return s.text[start:]
}
