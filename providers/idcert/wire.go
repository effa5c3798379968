package idcert

import (
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// reply is the body of an answer; all members are strings. msg is left out, since
// nothing may depend on a text. An older form also carried sex, birthday and
// region: personal data that nobody asked for, so it is not even read.
type reply struct {
	Status  string `json:"status"`
	IDCard  string `json:"idCard"`
	Name    string `json:"name"`
	TraceID string `json:"traceId"`
}

// The least that an echo must show. Below it every other person would fit too.
// The guide's own echoes show six characters of the number and one of the name.
const (
	shownOfNumber = 4
	shownOfName   = 1
)

// isAbout reports whether the masked echo is there, shows enough and fits the
// subject. Without it an answer that was swapped with another person's would be
// believed.
func (r reply) isAbout(s idv.Subject) bool {
	need := shownOfName
	if s.Name.MaskName() == "*" {
		need = 0 // a name of one character is wholly starred
	}
	return s.IDNumber.FitsMask(r.IDCard) && shown(r.IDCard) >= shownOfNumber &&
		s.Name.FitsMask(r.Name) && shown(r.Name) >= need
}

// shown counts the characters before the first star and after the last.
func shown(echo string) int {
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	if first < 0 {
		return utf8.RuneCountInString(echo)
	}
	return utf8.RuneCountInString(echo[:first] + echo[last+1:])
}
