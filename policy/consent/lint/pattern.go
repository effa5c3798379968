package lint

import (
	"fmt"
	"slices"
	"strings"
)

// pattern is one line of a table.
//
//	不可|不得 + 撤销      alternatives stand between bars; + is directly behind
//	不可 ~ 撤销          closely behind, nine characters and no comma at most
//	不可 .. 撤销         further on, twenty-five characters at most
//	期满 .. 有效 & 授权   both in one sentence, in any order
//	保存 & 永久 ! 删除    but not if this is in the sentence
//	{撤回}              the words of a concept, see data/words.yaml
//	_may_              an underscore is a space; a Latin word matches where a word begins
type pattern struct {
	line string  // as written
	all  []chain // each is in the sentence
	none []chain // none is
}

// chain is parts that follow one another.
type chain []part

// part is one of some words, at most gap bytes behind the part before.
type part struct {
	name  string // the alternatives as written
	words alternatives
	gap   int
}

// reaches reports whether the part may stand behind what lies between. A part that is
// close is not beyond a comma.
func (p part) reaches(between string) bool {
	return len(between) <= p.gap && (p.gap != nearGap || !strings.Contains(between, comma))
}

// Gaps are in bytes; a Chinese character has three.
const (
	farGap   = 25 * 3
	nearGap  = 9 * 3
	together = 60 * 3 // from the first to the last match in one sentence
)

// parse compiles a pattern. An empty word, which would match everywhere, and an unknown
// concept are errors.
func parse(line string, concepts map[string]string) (pattern, error) {
	sides := strings.Split(line, " ! ")
	p := pattern{line: line}
	for text := range strings.SplitSeq(sides[0], " & ") {
		p.all = append(p.all, parseChain(text, concepts))
	}
	for _, text := range sides[1:] {
		p.none = append(p.none, parseChain(text, concepts))
	}
	for _, part := range p.parts() {
		if slices.ContainsFunc(part.words, func(w string) bool { return w == "" || strings.ContainsAny(w, "{}&!") }) {
			return p, fmt.Errorf("%q contains an empty word, an unknown concept or a misplaced sign", part.name)
		}
	}
	return p, nil
}

func (p pattern) parts() []part { return slices.Concat(slices.Concat(p.all, p.none)...) }

func parseChain(text string, concepts map[string]string) chain {
	var c chain
	gap, words := 0, ""
	for field := range strings.FieldsSeq(text + " .") {
		next, isGap := gapOf(field)
		if !isGap {
			words = strings.TrimSpace(words + " " + field)
			continue
		}
		c = append(c, part{name: words, words: split(expand(words, concepts)), gap: gap})
		gap, words = next, ""
	}
	return c
}

// gapOf returns how many bytes a sign between two parts stands for. A dot ends a chain.
func gapOf(sign string) (bytes int, ok bool) {
	bytes, ok = map[string]int{".": 0, "+": 0, "~": nearGap, "..": farGap}[sign]
	return bytes, ok
}

// expand replaces the names of concepts by their words, which may contain concepts.
func expand(words string, concepts map[string]string) string {
	for name, list := range concepts {
		if braced := "{" + name + "}"; strings.Contains(words, braced) {
			words = expand(strings.ReplaceAll(words, braced, list), concepts)
		}
	}
	return words
}
