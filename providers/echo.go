package providers

import (
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// What an echo of a number must show. The beginning of an ID number is the district, which
// it has in common with most people of the same caller; only the end tells two of them
// apart.
const (
	shownAtEnd = 4 // characters behind the last star, or
	hiddenMost = 4 // so few hidden ones
)

// NumberEchoed reports whether a vendor's masked echo of a number fits it and shows so much
// that another person's would hardly fit: 51*****1111, but not 1101**************.
func NumberEchoed(number idv.Sensitive, echo string) bool {
	if !number.FitsMask(echo) {
		return false
	}
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	atEnd := utf8.RuneCountInString(echo[last+1:])
	return first < 0 || atEnd >= shownAtEnd || utf8.RuneCountInString(number.MaskNumber())-first-atEnd <= hiddenMost
}

// NameEchoed reports whether a vendor's masked echo of a name fits it and shows a character:
// 张*. The mask of a name of one character may be all stars. An echo that was cut inside a
// character shows nothing: it has no letter, but a replacement character or a question mark.
func NameEchoed(name idv.Sensitive, echo string) bool {
	if !name.FitsMask(echo) || strings.ContainsRune(echo, utf8.RuneError) {
		return false
	}
	return strings.Trim(echo, "*") != "" || echo != "" && name.MaskName() == "*"
}
