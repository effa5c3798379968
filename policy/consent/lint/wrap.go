package lint

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var itemMark = regexp.MustCompile(`^\s*([-*+•#>|]|[0-9]{1,2}[.)、）]|[0-9]+(\.[0-9]+)+|[一二三四五六七八九十]{1,3}[、.]|[(（][一二三四五六七八九十0-9a-z]{1,3}[)）])`)

// longLine is from how many characters a line that ends without a stop is taken to
// continue in the next, however long the others are.
const longLine = 20

// Editors wrap a text at a width, so that all lines but the last of a paragraph have about
// that width. A line of less than wrapped percent of the longest one is a heading or an entry.
const wrapped = 60

// wrapping returns for each line the line before it whose sentence it continues, -1 for none.
// Line breaks are what an editor or a mail program made of the text, so a sentence goes on
// behind one unless something speaks against it. If every other line is blank, as in some
// text from word processors, blank lines say nothing.
func (d *document) wrapping() []int {
	continues := make([]int, len(d.shown))
	spaced := doubleSpaced(d.shown)
	longest := d.longest(spaced)
	last := -1 // the line before that is not blank
	for i, line := range d.shown {
		continues[i] = -1
		if strings.TrimSpace(line) == "" {
			if spaced && last >= 0 {
				continues[i] = last
			}
			if !spaced {
				last = -1
			}
			continue
		}
		if last >= 0 && wraps(d.shown[last], line, longest[last]) {
			continues[i] = last
		}
		last = i
	}
	if spaced { // a blank line belongs to the sentence only if the line behind it does
		for i := range continues[:max(0, len(continues)-1)] {
			if strings.TrimSpace(d.shown[i]) == "" {
				continues[i] = min(continues[i], continues[i+1])
			}
		}
	}
	return continues
}

// wraps reports whether a line continues the sentence of the line before, in a paragraph whose
// longest line has a width.
func wraps(before, line string, longest int) bool {
	before = strings.TrimSpace(before)
	if before == "" || itemMark.MatchString(line) || strings.HasPrefix(before, "#") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	switch {
	case strings.ContainsRune("。；！？：.;!?:>|", last):
		return false
	case strings.ContainsRune("，、,（(“《-—", last):
		return true
	}
	return utf8.RuneCountInString(before) >= longLine || width(before)*100 >= longest*wrapped
}

// longest returns for each line the width of the longest line of its paragraph. A paragraph
// ends with a blank line, or with the text if blank lines say nothing.
func (d *document) longest(spaced bool) []int {
	list := make([]int, len(d.shown))
	for start := 0; start < len(d.shown); {
		end, most := start, 0
		for end < len(d.shown) && (spaced || strings.TrimSpace(d.shown[end]) != "") {
			most = max(most, width(strings.TrimSpace(d.shown[end])))
			end++
		}
		end = max(end, start+1)
		for i := start; i < end; i++ {
			list[i] = most
		}
		start = end
	}
	return list
}

// doubleSpaced reports whether nearly every line is followed by a blank one, and sentences go
// on behind them.
func doubleSpaced(lines []string) bool {
	full, alone, open := 0, 0, 0
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		full++
		if i+1 < len(lines) && strings.TrimSpace(lines[i+1]) == "" {
			alone++
		}
		if last, _ := utf8.DecodeLastRuneInString(line); !strings.ContainsRune("。；！？：.;!?:>|", last) && !itemMark.MatchString(line) {
			open++
		}
	}
	return full > 3 && alone*10 >= (full-1)*9 && open*2 >= full
}

// width returns the columns of a text: two for a Chinese character.
func width(text string) int {
	n := 0
	for _, r := range text {
		n++
		if unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF01 && r <= 0xFF5E {
			n++
		}
	}
	return n
}

// joined returns a line together with the next one if that continues it, for what is looked
// for in lines as written.
func (d *document) joined(i int) (text string, ok bool) {
	next := i + 1
	if next >= len(d.shown) || d.continues[next] != i || strings.TrimSpace(d.shown[next]) == "" {
		return "", false
	}
	return strings.TrimRight(d.shown[i], " \t") + strings.TrimLeft(d.shown[next], " \t"), true
}
