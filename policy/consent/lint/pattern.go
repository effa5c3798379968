package lint

import "strings"

// A pattern is a line of words, made to be read and added to by people who know law.
//
//	不可|不得 + 撤销      alternatives stand between bars; + is directly behind
//	不可 ~ 撤销          closely behind, nine characters and no comma at most
//	不可 .. 撤销         further on, twenty-five characters at most
//	期满 .. 有效 & 授权   both in one sentence, in any order
//	保存 & 永久 ! 删除    but not where this stands in the sentence
//	{撤回}              the words of a concept, see lexicon
//	_may_              an underscore is a space; a word of letters begins where it begins
//
// That is all.
type pattern struct {
	all  []chain // each is in the sentence
	none []chain // none is
}

// chain is what follows one another.
type chain []part

// part is one of some words, so many bytes behind the part before.
type part struct {
	name  string // the alternatives as written
	words []string
	gap   int
}

// reaches reports whether the part may stand behind what lies between. What is close is
// not beyond a comma.
func (p part) reaches(between string) bool {
	return len(between) <= p.gap && (p.gap != nearGap || !strings.Contains(between, comma))
}

// gaps are how many bytes may lie between two parts of a pattern.
const (
	farGap   = 25 * 3
	nearGap  = 9 * 3
	together = 60 * 3 // from the first to the last of what stands in one sentence
)

// parse makes a pattern ready. The names are those of the lexicon.
func parse(line string, lexicon map[string]string) pattern {
	sides := strings.Split(line, " ! ")
	var p pattern
	for text := range strings.SplitSeq(sides[0], " & ") {
		p.all = append(p.all, parseChain(text, lexicon))
	}
	for _, text := range sides[1:] {
		p.none = append(p.none, parseChain(text, lexicon))
	}
	return p
}

func parseAll(lines []string, lexicon map[string]string) []pattern {
	list := make([]pattern, len(lines))
	for i, line := range lines {
		list[i] = parse(line, lexicon)
	}
	return list
}

func parseChain(text string, lexicon map[string]string) chain {
	var c chain
	gap, words := 0, ""
	for field := range strings.FieldsSeq(text + " .") {
		next, isGap := gaps(field)
		if !isGap {
			words = strings.TrimSpace(words + " " + field)
			continue
		}
		list := strings.Split(strings.ReplaceAll(expand(words, lexicon), "_", " "), "|")
		c = append(c, part{name: words, words: list, gap: gap})
		gap, words = next, ""
	}
	return c
}

// gaps returns how many bytes a sign between two parts stands for. A dot ends a chain.
func gaps(sign string) (bytes int, ok bool) {
	bytes, ok = map[string]int{".": 0, "+": 0, "~": nearGap, "..": farGap}[sign]
	return bytes, ok
}

// expand puts the words of concepts in the place of their names, which may stand in one
// another. A name that is not in the lexicon stays and is found by a test.
func expand(words string, lexicon map[string]string) string {
	for name, list := range lexicon {
		if braced := "{" + name + "}"; strings.Contains(words, braced) {
			words = expand(strings.ReplaceAll(words, braced, list), lexicon)
		}
	}
	return words
}
