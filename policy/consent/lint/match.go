package lint

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// sentence is a text in the one form that patterns are looked for in. It remembers
// where words are, as many patterns share them.
type sentence struct {
	text       string
	han, latin bool // letters of which kind it has
	seen       map[string][]span
	read       bool // all words are in seen, see index
}

// span is from where to where something stands, in bytes.
type span struct{ from, to int }

func (s span) with(other span) span { return span{min(s.from, other.from), max(s.to, other.to)} }

func newSentence(text string) *sentence {
	s := &sentence{text: text, seen: map[string][]span{}}
	for i := range len(text) {
		s.han = s.han || text[i] >= utf8.RuneSelf
		s.latin = s.latin || letter(text[i])
	}
	return s
}

// anyOf reports whether one of the patterns is in the text, turned around or not.
func anyOf(text string, lines []string) bool {
	s := newSentence(text)
	return slices.ContainsFunc(lines, func(line string) bool { return s.has(parseChain(line, nil)) })
}

// has reports whether the chain is there, turned around or not.
func (s *sentence) has(c chain) bool { return len(s.places(c, false)) > 0 }

// excuses reports whether the chain is there and is not denied: "we will not tell you
// before" is no promise to tell.
func (s *sentence) excuses(c chain) bool {
	return slices.ContainsFunc(s.places(c, false), func(at span) bool {
		before := s.text[:at.from]
		return !slices.ContainsFunc(deniers(), func(word string) bool { return strings.HasSuffix(before, word) })
	})
}

// find returns the first place of a pattern that is not turned around and that accept
// agrees with.
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

// places returns where the chain stands; plainly leaves out what a negator turns around.
func (s *sentence) places(c chain, plainly bool) []span {
	var list []span
	for _, at := range s.words(c[0]) {
		if plainly && s.negated(at.from, 0) {
			continue
		}
		if end, ok := s.follow(at.to, c[1:], plainly); ok {
			list = append(list, span{at.from, end})
		}
	}
	return list
}

// follow returns where the parts end that follow within their gaps.
func (s *sentence) follow(from int, rest chain, plainly bool) (end int, found bool) {
	if len(rest) == 0 {
		return from, true
	}
	for _, at := range s.words(rest[0]) {
		if at.from < from || !rest[0].reaches(s.text[from:at.from]) || plainly && s.negated(at.from, from) {
			continue
		}
		if end, ok := s.follow(at.to, rest[1:], plainly); ok {
			return end, true
		}
	}
	return 0, false
}

// words returns where one of the words of a part stands, in the order of the text.
func (s *sentence) words(p part) []span {
	list, ok := s.seen[p.name]
	if ok || s.read {
		return list
	}
	for _, word := range p.words {
		if word[0] >= utf8.RuneSelf && !s.han || letter(word[0]) && !s.latin {
			continue
		}
		for start := 0; ; {
			i := strings.Index(s.text[start:], word)
			if i < 0 {
				break
			}
			if at := start + i; !s.inWord(at) {
				list = append(list, span{at, at + len(word)})
			}
			start += i + len(word)
		}
	}
	slices.SortFunc(list, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	s.seen[p.name] = list
	return list
}

// inWord reports whether the place is inside a word of Latin letters.
func (s *sentence) inWord(at int) bool { return at > 0 && letter(s.text[at]) && letter(s.text[at-1]) }

func letter(b byte) bool { return 'a' <= b && b <= 'z' }

// negated reports whether a negator stands close before a place, in the same part of
// the sentence and not before the bound.
func (s *sentence) negated(at, bound int) bool {
	before := s.text[max(bound, at-nearGap):at]
	for !utf8.ValidString(before) {
		before = before[1:]
	}
	before = strings.ReplaceAll(before[strings.LastIndex(before, comma)+1:], "有没有", "") // asks, and does not deny
	return slices.ContainsFunc(negators(), func(word string) bool { return strings.Contains(before, word) }) ||
		slices.ContainsFunc(closeNegators(), func(word string) bool { return strings.HasSuffix(before, word) })
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

// negators turn around what stands behind them.
func negators() []string {
	return []string{
		"并非", "不是", "不会", "不存在", "不得用于", "不用于", "绝不", "不应", "没有", "不属于", "不包含",
		" not ", " never ", "isn't ", "rather than ",
	}
}

// deniers turn an excuse into none where they stand directly before it.
func deniers() []string {
	return []string{"不", "无", "毋", "不会", "并不", "未", "不必", "无须", "无需", "无权", "无法", "不得", "不能", "不再", " not ", " never ", "won't "}
}

// closeNegators turn around what stands directly behind them, and nothing else.
func closeNegators() []string {
	return []string{
		"不", "不由", "并不", "不作", "不做", "不以", "从不", "从未", "不再", "不得", "不能", "不必", "不要", "不愿", "不可", "无法", "无权", "无需", "无须", "毋需", "毋须", "未", "没", "勿", "禁止", "严禁", "拒绝",
		" no ", " nor ", " neither ", " without ", " no further ", " no other ", " none of the ",
	}
}
