package lint

import (
	"strings"
	"unicode/utf8"
)

// A pattern is a line of words: alternatives stand between bars, and what must follow
// later in the same clause stands behind two dots, or behind a wave if it must follow
// closely: "不可|不得 ~ 撤销|撤回". An underscore in a word stands for a space.
//
// That is all; it is made to be read and added to by people who know law.

// gaps are how many bytes may lie between two parts of a pattern.
const (
	hanGap   = 24 * 3
	latinGap = 70
	nearGap  = 9 * 3 // behind a wave
)

// find returns where the first match of a pattern begins and ends, -1 if there is none.
func find(text, pattern string) (from, to int) {
	parts := strings.Split(strings.ReplaceAll(pattern, " ~ ", " .. ~"), " .. ")
	for start := 0; start < len(text); {
		at, end := first(text[start:], parts[0])
		if at < 0 {
			return -1, -1
		}
		if stop := follow(text, start+end, parts[1:]); stop >= 0 {
			return start + at, stop
		}
		_, size := utf8.DecodeRuneInString(text[start+at:])
		start += at + size
	}
	return -1, -1
}

// follow returns where the parts end that follow within their gaps, -1 if they do not.
func follow(text string, from int, parts []string) int {
	for _, part := range parts {
		gap := hanGap
		if rest, near := strings.CutPrefix(part, "~"); near {
			part, gap = rest, nearGap
		} else if part[0] < utf8.RuneSelf {
			gap = latinGap
		}
		window := text[from:min(len(text), from+gap+longest(part))]
		at, end := first(window, part)
		if at < 0 || at > gap {
			return -1
		}
		from += end
	}
	return from
}

// first returns the first of the alternatives in the text.
func first(text, alternatives string) (from, to int) {
	from = -1
	for word := range strings.SplitSeq(alternatives, "|") {
		word = strings.ReplaceAll(word, "_", " ")
		if at := strings.Index(text, word); at >= 0 && (from < 0 || at < from) {
			from, to = at, at+len(word)
		}
	}
	return from, to
}

func longest(alternatives string) int {
	n := 0
	for word := range strings.SplitSeq(alternatives, "|") {
		n = max(n, len(word))
	}
	return n
}

// anyOf reports whether one of the patterns is in the text.
func anyOf(text string, patterns []string) bool {
	for _, p := range patterns {
		if at, _ := find(text, p); at >= 0 {
			return true
		}
	}
	return false
}
