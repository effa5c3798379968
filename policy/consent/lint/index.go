package lint

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// index finds the words of many patterns in one reading of a sentence: thousands of
// words, looked for one by one, would take longer than all the rest.
type index map[rune][]entry

// entry is a word and the parts of patterns that hold it.
type entry struct {
	word  string
	parts []string
}

// ruleIndex holds the words of all rules over clauses.
var ruleIndex = sync.OnceValue(func() index {
	holders, known := map[string][]string{}, map[string]bool{}
	for _, part := range ruleParts() {
		if known[part.name] {
			continue
		}
		known[part.name] = true
		for _, word := range part.words {
			holders[word] = append(holders[word], part.name)
		}
	}
	words := index{}
	for word, parts := range holders {
		first, _ := utf8.DecodeRuneInString(word)
		words[first] = append(words[first], entry{word, parts})
	}
	for _, list := range words {
		slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.word, b.word) }) // the shorter first
	}
	return words
})

func ruleParts() []part {
	var list []part
	for _, r := range clauseRules() {
		for _, p := range slices.Concat(r.finds, r.pairs, r.unless) {
			list = append(list, slices.Concat(slices.Concat(p.all, p.none)...)...)
		}
	}
	return list
}

// read returns a sentence in which the places of all words of the rules are known.
func (x index) read(text string) *sentence {
	s := newSentence(text)
	s.read = true
	for at, r := range text {
		if s.inWord(at) {
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
